import { ERROR } from '../base/kafka-errors.ts';
import { type DelegationToken, isExpired } from './delegation-token.ts';
import type { MetadataImage } from './image.ts';
import type { MetadataRecord } from './records.ts';

export interface TokenLifetimes {
  readonly maxMs: number;
  readonly renewalMs: number;
}

/** What a client asks for. Times are on the wall; a period of 0 or less asks for the default. */
export type TokenChange =
  | {
      readonly kind: 'create';
      readonly id: string;
      readonly owner: string;
      readonly requester: string;
      readonly renewers: readonly string[];
      readonly maxLifetimeMs: number;
    }
  | {
      readonly kind: 'renew';
      readonly id: string;
      readonly requester: string;
      readonly periodMs: number;
    }
  /** A period below 0 ends the token at once. */
  | {
      readonly kind: 'expire';
      readonly id: string;
      readonly requester: string;
      readonly periodMs: number;
    };

export type TokenOutcome =
  | { readonly errorCode: 0; readonly token: DelegationToken }
  | { readonly errorCode: number; readonly token: null };

export interface TokenPlan {
  readonly result: TokenOutcome;
  readonly records: readonly MetadataRecord[];
}

/** Plans a change of delegation tokens with Kafka's checks. */
export function planToken(
  image: MetadataImage,
  change: TokenChange,
  lifetimes: TokenLifetimes,
  nowMs: number,
): TokenPlan {
  if (change.kind === 'create') return planCreation(change, lifetimes, nowMs);
  const token = image.delegationTokens.get(change.id);
  if (token === undefined) return refused(ERROR.DELEGATION_TOKEN_NOT_FOUND);
  const { requester, periodMs } = change;
  const endsNow = change.kind === 'expire' && periodMs < 0;
  // Kafka looks at the end of a token first when it is renewed, and at the owner first otherwise.
  const isOver = isExpired(token, nowMs);
  if (change.kind === 'renew' && isOver) return refused(ERROR.DELEGATION_TOKEN_EXPIRED);
  if (token.owner !== requester && !token.renewers.includes(requester)) {
    return refused(ERROR.DELEGATION_TOKEN_OWNER_MISMATCH);
  }
  if (endsNow) {
    const result = { errorCode: 0, token: { ...token, expiryMs: nowMs } } as const;
    return { result, records: [{ type: 'token-removed', id: token.id }] };
  }
  if (isOver) return refused(ERROR.DELEGATION_TOKEN_EXPIRED);
  const renewalMs =
    change.kind === 'renew' ? periodOf(periodMs, lifetimes.renewalMs) : Math.max(0, periodMs);
  return kept({ ...token, expiryMs: Math.min(token.maxMs, nowMs + renewalMs) });
}

function planCreation(
  change: TokenChange & { readonly kind: 'create' },
  lifetimes: TokenLifetimes,
  nowMs: number,
): TokenPlan {
  const { id, owner, requester, renewers, maxLifetimeMs } = change;
  const maxMs = nowMs + periodOf(maxLifetimeMs, lifetimes.maxMs);
  const expiryMs = Math.min(maxMs, nowMs + lifetimes.renewalMs);
  return kept({ id, owner, requester, renewers, issuedMs: nowMs, expiryMs, maxMs });
}

/** The removal of all tokens that are over. */
export function planTokenSweep(image: MetadataImage, nowMs: number): readonly MetadataRecord[] {
  const over = [...image.delegationTokens.values()].filter((token) => isExpired(token, nowMs));
  return over.map(({ id }) => ({ type: 'token-removed', id }));
}

function periodOf(askedMs: number, defaultMs: number): number {
  return askedMs > 0 ? Math.min(askedMs, defaultMs) : defaultMs;
}

function kept(token: DelegationToken): TokenPlan {
  return { result: { errorCode: 0, token }, records: [{ type: 'token', token }] };
}

function refused(errorCode: number): TokenPlan {
  return { result: { errorCode, token: null }, records: [] };
}
