import type { ForwardedRequest } from '../../metadata/forwarded-request.ts';
import type { Call } from '../net/call.ts';

/** A client's request as another node is told of it. */
export function forwardedCall(call: Call, body: Buffer): ForwardedRequest {
  const { apiKey, apiVersion, correlationId, clientId, connection } = call;
  const { principal, sasl, clientAddress } = connection;
  const isByToken = sasl?.isByToken === true;
  const request = { apiKey, apiVersion, correlationId, clientId, body };
  return { ...request, principal, isByToken, clientAddress };
}
