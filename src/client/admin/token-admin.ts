import { API } from '../../protocol/api-keys.ts';
import { throwAnswerError } from '../errors/kafka-error.ts';
import type { AdminLink } from './admin-link.ts';
import type { CallOptions } from './call-options.ts';

/** Who somebody is to the broker. */
export interface Principal {
  /** `User`. */
  readonly type: string;
  readonly name: string;
}

/** A delegation token (KIP-48): see `isDelegationToken` of the options for SASL/SCRAM. */
export interface DelegationToken {
  readonly tokenId: string;
  readonly hmac: Uint8Array;
  readonly owner: Principal;
  readonly requester: Principal;
  readonly renewers: readonly Principal[];
  readonly issuedMs: number;
  readonly expiresMs: number;
  /** It cannot be renewed beyond. */
  readonly latestMs: number;
}

export interface CreateTokenOptions extends CallOptions {
  /** Another than the one who asks (KIP-373). */
  readonly owner?: Principal;
  readonly renewers?: readonly Principal[];
  /** The broker's `delegation.token.max.lifetime.ms` without it. */
  readonly maxLifetimeMs?: number;
}

const BROKER_DEFAULT = -1;
const OWNER_VERSION = 3;

/** Delegation tokens. */
export class TokenAdmin {
  readonly #link: AdminLink;

  constructor(link: AdminLink) {
    this.#link = link;
  }

  /** A new token; the answer is the only place where its `hmac` comes unasked. */
  create(options: CreateTokenOptions = {}): Promise<DelegationToken> {
    const { owner, renewers = [], maxLifetimeMs = BROKER_DEFAULT } = options;
    return this.#link.askAny('the creation of a delegation token', options, async (connection) => {
      const body = { renewers: renewers.map(partsOf), maxLifetimeMs };
      const names = {
        ownerPrincipalType: owner?.type ?? null,
        ownerPrincipalName: owner?.name ?? null,
      };
      const answer = await connection.ask(API.CREATE_DELEGATION_TOKEN, (version) =>
        version < OWNER_VERSION && owner === undefined ? body : { ...body, ...names },
      );
      throwAnswerError(answer.errorCode, null, 'delegation token');
      return {
        tokenId: answer.tokenId,
        hmac: answer.hmac,
        ...principalsOf(answer),
        renewers,
        issuedMs: answer.issueTimestampMs,
        expiresMs: answer.expiryTimestampMs,
        latestMs: answer.maxTimestampMs,
      };
    });
  }

  /** Resolves with the time when the token expires now. */
  renew(hmac: Uint8Array, periodMs?: number, options?: CallOptions): Promise<number> {
    return this.#link.askAny('the renewal of a delegation token', options, async (connection) => {
      const answer = await connection.ask(API.RENEW_DELEGATION_TOKEN, {
        hmac: Buffer.from(hmac),
        renewPeriodMs: periodMs ?? BROKER_DEFAULT,
      });
      throwAnswerError(answer.errorCode, null, 'delegation token');
      return answer.expiryTimestampMs;
    });
  }

  /** Ends the token after this time, at once without one. Resolves with when it expires. */
  expire(hmac: Uint8Array, periodMs?: number, options?: CallOptions): Promise<number> {
    return this.#link.askAny('the expiry of a delegation token', options, async (connection) => {
      const answer = await connection.ask(API.EXPIRE_DELEGATION_TOKEN, {
        hmac: Buffer.from(hmac),
        expiryTimePeriodMs: periodMs ?? -1,
      });
      throwAnswerError(answer.errorCode, null, 'delegation token');
      return answer.expiryTimestampMs;
    });
  }

  /** The tokens of these owners, or all that one may see. */
  describe(owners?: readonly Principal[], options?: CallOptions): Promise<DelegationToken[]> {
    return this.#link.askAny(
      'the description of delegation tokens',
      options,
      async (connection) => {
        const body = { owners: owners?.map(partsOf) ?? null };
        const answer = await connection.ask(API.DESCRIBE_DELEGATION_TOKEN, body);
        throwAnswerError(answer.errorCode, null, 'delegation tokens');
        return answer.tokens.map((token) => ({
          tokenId: token.tokenId,
          hmac: token.hmac,
          ...principalsOf(token),
          renewers: token.renewers.map(({ principalType: type, principalName: name }) => {
            return { type, name };
          }),
          issuedMs: token.issueTimestamp,
          expiresMs: token.expiryTimestamp,
          latestMs: token.maxTimestamp,
        }));
      },
    );
  }
}

function partsOf({ type, name }: Principal) {
  return { principalType: type, principalName: name };
}

/** Before version 3 a token is its requester's own. */
function principalsOf(answer: {
  readonly principalType: string;
  readonly principalName: string;
  readonly tokenRequesterPrincipalType: string;
  readonly tokenRequesterPrincipalName: string;
}): { readonly owner: Principal; readonly requester: Principal } {
  const owner = { type: answer.principalType, name: answer.principalName };
  const { tokenRequesterPrincipalType: type, tokenRequesterPrincipalName: name } = answer;
  return { owner, requester: name === '' ? owner : { type, name } };
}
