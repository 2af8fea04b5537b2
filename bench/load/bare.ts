/** Both ends of a fan-out by bare uWebSockets.js: brokers/bare-server.ts has the protocol. */
import { LoadError } from './load-error.ts';
import type { Publisher } from './publisher.ts';
import type { Subscriber, SubscriberSettings } from './subscriber.ts';
import { WebSocketConnection } from './websocket-connection.ts';

/** At the beginning of every frame: how many messages there were with it, as a float64. */
export const UNTIL_BYTES = 8;

export async function openBareSubscriber(settings: SubscriberSettings): Promise<Subscriber> {
  const address = { ...settings.address, subprotocol: '' };
  const socket = await WebSocketConnection.open(address, settings.receiveBytes);
  const subscriber: Subscriber = {
    onDelivered: () => {},
    onFailed: () => {},
    close: () => socket.close(),
  };
  socket.onClosed = (reason) => subscriber.onFailed(new LoadError(reason));
  socket.onMessage = (bytes, at, end) => {
    subscriber.onDelivered(bytes.readDoubleBE(at), end - at);
  };
  return subscriber;
}

export async function openBarePublisher(
  address: { readonly host: string; readonly port: number },
  valueBytes: number,
  perBatch: number,
): Promise<Publisher> {
  const place = { ...address, path: '/publish', subprotocol: '' };
  const socket = await WebSocketConnection.open(place, 4096);
  let sent = 0;
  const publisher: Publisher = {
    onSent: () => {},
    onFailed: () => {},
    release(count) {
      if (count <= sent) return;
      const nowMs = performance.now();
      for (; sent < count; sent++) publisher.onSent(sent, nowMs);
      socket.sendText(JSON.stringify({ batches: count, perBatch, valueBytes }));
    },
    async stop() {
      socket.close();
    },
  };
  socket.onClosed = (reason) => publisher.onFailed(new LoadError(reason));
  return publisher;
}
