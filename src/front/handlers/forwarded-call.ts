import type { Call } from '../net/call.ts';
import type { ForwardedCall } from '../requests/forwarding.ts';

/** A client's request as another node is told of it. */
export function forwardedCall(call: Call, body: Buffer): ForwardedCall {
  const { apiKey, apiVersion, correlationId, clientId, connection } = call;
  const { principal, sasl, clientAddress } = connection;
  const isByToken = sasl?.isByToken === true;
  const request = { apiKey, apiVersion, correlationId, clientId, body };
  return { ...request, principal, isByToken, clientAddress };
}
