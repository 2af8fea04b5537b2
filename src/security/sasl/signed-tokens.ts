import type { JWTVerifyGetKey } from 'jose';
import { reasonOf } from '../../base/errors.ts';
import type { RateLimitedLog } from '../../base/logger.ts';
import { type TokenCheck, type TokenRules, tokenOfClaims, type ValidToken } from './token-check.ts';

/** Keys of one secret would let every broker make tokens, and `none` anybody. */
const ALGORITHMS = [
  ...['RS256', 'RS384', 'RS512', 'PS256', 'PS384', 'PS512'],
  ...['ES256', 'ES384', 'ES512', 'EdDSA'],
];

export interface SignedTokensOptions {
  readonly keys: JWTVerifyGetKey;
  readonly rules: TokenRules;
  readonly log: RateLimitedLog;
  readonly clock: { wallMs(): number; monotonicMs(): number };
}

/** Tokens that are JWTs, signed with a key that the identity provider publishes. */
export class SignedTokens implements TokenCheck {
  readonly #options: SignedTokensOptions;

  constructor(options: SignedTokensOptions) {
    this.#options = options;
  }

  async check(token: string): Promise<ValidToken | null> {
    const { keys, rules, log, clock } = this.#options;
    // Only a broker whose clients show tokens loads the library.
    const { jwtVerify } = await import('jose');
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ALGORITHMS,
        clockTolerance: rules.clockSkewSeconds,
        currentDate: new Date(clock.wallMs()),
        requiredClaims: ['exp', 'iat'],
        ...(rules.audiences.length > 0 ? { audience: [...rules.audiences] } : {}),
        ...(rules.issuer === null ? {} : { issuer: rules.issuer }),
      });
      const valid = tokenOfClaims(payload, rules);
      if (valid === null) throw new Error('its claims name no user, no end, or a wrong scope');
      return valid;
    } catch (thrown) {
      // The reason names claims and keys, never the token.
      log.warn('token', `a token is refused: ${reasonOf(thrown)}`, clock.monotonicMs());
      return null;
    }
  }
}
