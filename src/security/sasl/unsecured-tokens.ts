import { type TokenCheck, type TokenRules, tokenOfClaims, type ValidToken } from './token-check.ts';

const MS_PER_SECOND = 1000;

/** Tokens that nobody signed, for tests: whoever connects says who it is. */
export class UnsecuredTokens implements TokenCheck {
  readonly #rules: TokenRules;
  readonly #clock: { wallMs(): number };

  constructor(rules: TokenRules, clock: { wallMs(): number }) {
    this.#rules = rules;
    this.#clock = clock;
  }

  async check(token: string): Promise<ValidToken | null> {
    const [header, payload, signature, ...rest] = token.split('.');
    if (payload === undefined || signature !== '' || rest.length > 0) return null;
    if (objectOf(header!)?.alg !== 'none') return null;
    const claims = objectOf(payload);
    if (claims === null) return null;
    const nowSeconds = this.#clock.wallMs() / MS_PER_SECOND;
    const skew = this.#rules.clockSkewSeconds;
    if (typeof claims.iat === 'number' && claims.iat > nowSeconds + skew) return null;
    if (typeof claims.exp !== 'number' || claims.exp + skew <= nowSeconds) return null;
    return tokenOfClaims(claims, this.#rules);
  }
}

function objectOf(part: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString('utf8'));
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isObject ? (value as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}
