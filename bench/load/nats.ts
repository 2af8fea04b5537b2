/** NATS as a rival: plain subjects (nothing is stored), published over TCP, read over WebSocket. */
import { randomCapitals } from './batches.ts';
import { LoadConnection } from './load-connection.ts';
import { LoadError } from './load-error.ts';
import { type Publisher, publisherOver } from './publisher.ts';
import type { Subscriber, SubscriberSettings } from './subscriber.ts';
import { clientFrame, WebSocketConnection } from './websocket-connection.ts';

const CONNECT = 'CONNECT {"verbose":false,"pedantic":false,"headers":false}\r\n';
const PING = 'PING\r\n';
const PONG = 'PONG\r\n';
const LINE_END = '\r\n';
const MESSAGE = 0x4d;

/** All messages are equally long, so that counting bytes counts messages. */
function messageBytes(topic: string, valueBytes: number): number {
  return `MSG ${topic} 1 ${valueBytes}\r\n`.length + valueBytes + LINE_END.length;
}

export function natsSubscriberOf(valueBytes: number) {
  return async (settings: SubscriberSettings): Promise<Subscriber> => {
    const address = { ...settings.address, path: '/', subprotocol: '' };
    const socket = await WebSocketConnection.open(address, settings.receiveBytes);
    const each = messageBytes(settings.topic, valueBytes);
    const subscriber: Subscriber = {
      onDelivered: () => {},
      onFailed: () => {},
      close: () => socket.close(),
    };
    let received = 0;
    await new Promise<void>((resolve, reject) => {
      let inMessages = false;
      socket.onClosed = (reason) => {
        reject(new LoadError(reason));
        subscriber.onFailed(new LoadError(reason));
      };
      socket.onMessage = (bytes, at, end) => {
        if (inMessages || bytes[at] === MESSAGE) {
          inMessages = true;
          received += end - at;
          subscriber.onDelivered(Math.floor(received / each), end - at);
          return;
        }
        const text = bytes.toString('latin1', at, end);
        if (text.includes(PONG)) resolve();
        else if (text.startsWith('-ERR')) reject(new LoadError(`NATS says ${text}`));
      };
      const greeting = `${CONNECT}SUB ${settings.topic} 1\r\n${PING}`;
      socket.send(clientFrame(Buffer.from(greeting), true));
    });
    return subscriber;
  };
}

/** Publishes batches of messages over TCP. Core NATS acknowledges nothing. */
export async function openNatsPublisher(
  host: string,
  port: number,
  topic: string,
  valueBytes: number,
  perBatch: number,
): Promise<Publisher> {
  const lines = {
    measure: (_bytes: Buffer, at: number, filled: number) => filled - at,
    prefixBytes: 0,
  };
  const connection = await LoadConnection.open(host, port, 65_536, lines);
  const value = randomCapitals(valueBytes, 1).toString('latin1');
  const batch = Buffer.from(`PUB ${topic} ${valueBytes}\r\n${value}\r\n`.repeat(perBatch));
  connection.onFrame = (bytes, at, end) => {
    if (bytes.toString('latin1', at, end).includes(PING)) connection.socket.write(PONG);
  };
  connection.socket.write(CONNECT);
  return publisherOver(connection, batch);
}
