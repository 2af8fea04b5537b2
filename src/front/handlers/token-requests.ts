import { ERROR } from '../../base/kafka-errors.ts';
import type { TokenSecrets } from '../../security/tokens/token-secrets.ts';
import type { Call } from '../net/call.ts';
import { ANONYMOUS } from '../net/principal.ts';
import type { Services } from '../requests/front-services.ts';

export const USER_TYPE = 'User';
const NO_TIME = -1;
/** Answers tell who asked for a token since this version. */
const REQUESTER_SINCE = 3;

/** The client of a call, as tokens and rules name it. */
export function requesterOf({ connection }: Call): string {
  const { type, name } = connection.principal;
  return `${type}:${name}`;
}

/**
 * Why a client may not ask about tokens at all; 0 where it may. A token must not make tokens, and
 * nobody knows who is behind a connection that has not authenticated.
 */
export function errorOfTokenRequest({ connection }: Call, tokens: TokenSecrets | null): number {
  const { principal, sasl } = connection;
  const isKnown = sasl !== null || principal !== ANONYMOUS;
  if (!isKnown || sasl?.isByToken === true) return ERROR.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED;
  return tokens === null ? ERROR.DELEGATION_TOKEN_AUTH_DISABLED : ERROR.NONE;
}

/** Who asked for a token, as an answer of the version tells it. */
export function requesterParts(version: number, requester: string) {
  const { principalType, principalName } = partsOf(version < REQUESTER_SINCE ? ':' : requester);
  return {
    tokenRequesterPrincipalType: principalType,
    tokenRequesterPrincipalName: principalName,
  };
}

/** `User:alice` in its two parts. */
export function partsOf(principal: string) {
  const colon = principal.indexOf(':');
  return { principalType: principal.slice(0, colon), principalName: principal.slice(colon + 1) };
}

/** Renews or expires the token that a client shows the secret of. */
export async function changeBySecret(
  kind: 'renew' | 'expire',
  secret: Buffer,
  periodMs: number,
  call: Call,
  { changes, tokens }: Services<'changes' | 'tokens'>,
) {
  const refusal = errorOfTokenRequest(call, tokens);
  if (refusal !== 0) return { errorCode: refusal, expiryTimestampMs: NO_TIME };
  const id = tokens!.idOf(secret);
  if (id === null) {
    return { errorCode: ERROR.DELEGATION_TOKEN_NOT_FOUND, expiryTimestampMs: NO_TIME };
  }
  const requester = requesterOf(call);
  const { errorCode, token } = await changes.changeToken({ kind, id, requester, periodMs });
  return { errorCode, expiryTimestampMs: token?.expiryMs ?? NO_TIME };
}
