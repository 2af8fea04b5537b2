import { ERROR } from '../../base/kafka-errors.ts';
import { randomUuid } from '../../metadata/uuid.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
} from '../../protocol/schema/38-create-delegation-token.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import type { Call } from '../net/call.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';
import {
  errorOfTokenRequest,
  partsOf,
  requesterOf,
  requesterParts,
  USER_TYPE,
} from './token-requests.ts';

type ServiceName = 'changes' | 'rights' | 'tokens';

const NO_BYTES = Buffer.alloc(0);

/** CreateDelegationToken (38), versions 1 to 3. The answer holds the secret of the token. */
export const createDelegationToken: Handler<
  CreateDelegationTokenRequest,
  CreateDelegationTokenResponse,
  ServiceName
> = {
  key: API.CREATE_DELEGATION_TOKEN,
  versions: '1-3',
  needs: [forRequest('CREATE_TOKENS', 'USER')],
  async handle(request, call, services) {
    const requester = requesterOf(call);
    const { ownerPrincipalName: name, ownerPrincipalType } = request;
    const isOwn = name === null || name === '';
    const owner = isOwn ? requester : `${ownerPrincipalType}:${name}`;
    const refusal = errorOf(request, owner, call, services);
    if (refusal !== 0) return answer(call, refusal, owner, requester);
    const { errorCode, token } = await services.changes.changeToken({
      kind: 'create',
      id: randomUuid(),
      owner,
      requester,
      renewers: request.renewers.map(({ principalName }) => `${USER_TYPE}:${principalName}`),
      maxLifetimeMs: request.maxLifetimeMs,
    });
    if (token === null) return answer(call, errorCode, owner, requester);
    return {
      ...answer(call, 0, owner, requester),
      issueTimestampMs: token.issuedMs,
      expiryTimestampMs: token.expiryMs,
      maxTimestampMs: token.maxMs,
      tokenId: token.id,
      hmac: services.tokens!.secretOf(token.id),
    };
  },
};

function errorOf(
  request: CreateDelegationTokenRequest,
  owner: string,
  call: Call,
  { rights, tokens }: Services<ServiceName>,
): number {
  const refusal = errorOfTokenRequest(call, tokens);
  if (refusal === ERROR.DELEGATION_TOKEN_REQUEST_NOT_ALLOWED) return refusal;
  if (owner !== requesterOf(call) && !rights.allows(call, 'CREATE_TOKENS', 'USER', owner)) {
    return ERROR.DELEGATION_TOKEN_AUTHORIZATION_FAILED;
  }
  const isUser = request.renewers.every(({ principalType }) => principalType === USER_TYPE);
  return isUser ? refusal : ERROR.INVALID_PRINCIPAL_TYPE;
}

function answer(
  { apiVersion }: Call,
  errorCode: number,
  owner: string,
  requester: string,
): Unthrottled<CreateDelegationTokenResponse> {
  return {
    errorCode,
    ...partsOf(owner),
    ...requesterParts(apiVersion, requester),
    issueTimestampMs: 0,
    expiryTimestampMs: 0,
    maxTimestampMs: 0,
    tokenId: '',
    hmac: NO_BYTES,
  };
}
