/**
 * millrace's gateway from a browser or from Node, without dependencies:
 *
 *   const broker = connect('ws://localhost:9080/ws');
 *   for await (const record of broker.subscribe('orders', { from: 'earliest' })) show(record);
 */
import { type ConnectOptions, GatewayClient } from './gateway-client.ts';

export type { ConnectOptions, GatewayClient } from './gateway-client.ts';
export { GatewayError } from './gateway-error.ts';
export type * from './messages.ts';
export type { Subscription } from './subscription.ts';

/** `url` may be relative to a page. Its path may be missing and is `/ws` then. */
export function connect(url: string, options: ConnectOptions = {}): GatewayClient {
  return new GatewayClient(url, options);
}
