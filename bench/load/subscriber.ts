/** One consumer of a fan-out: tells how many records it has had, in the order of publication. */
import { LoadError } from './load-error.ts';
import { type WebSocketAddress, WebSocketConnection } from './websocket-connection.ts';

/** The records up to (not including) number `until` have come; `bytes` of the frame that told. */
export type OnDelivered = (until: number, bytes: number) => void;

export interface Subscriber {
  onDelivered: OnDelivered;
  onFailed: (error: Error) => void;
  close(): void;
}

export interface SubscriberSettings {
  readonly address: Omit<WebSocketAddress, 'subprotocol'>;
  readonly subprotocol: string;
  readonly topic: string;
  readonly from: 'earliest' | 'latest';
  readonly receiveBytes: number;
  /** From the first frame on; it may be set later on the subscriber as well. */
  readonly onDelivered?: OnDelivered;
}

export type OpenSubscriber = (settings: SubscriberSettings) => Promise<Subscriber>;

const BRACE = 0x7b;
/** Offset of `next` in a frame of `millrace.batch`. */
const NEXT_AT = 24;
const WORD = 2 ** 32;
const NEXT_KEY = Buffer.from('"next":');
const TYPE_OF_RECORDS = Buffer.from('"type":"records"');
/** How far into a JSON frame its own fields reach: the records come behind them. */
const JSON_HEAD_BYTES = 512;

/** Over one of millrace's own subprotocols: one subscription, no credit limit. */
export async function openMillraceSubscriber(settings: SubscriberSettings): Promise<Subscriber> {
  const { address, subprotocol, topic, from, receiveBytes } = settings;
  const socket = await WebSocketConnection.open({ ...address, subprotocol }, receiveBytes);
  const subscriber: Subscriber = {
    onDelivered: settings.onDelivered ?? (() => {}),
    onFailed: () => {},
    close: () => socket.close(),
  };
  await new Promise<void>((resolve, reject) => {
    const told = (text: string): void => {
      const { type } = JSON.parse(text) as { readonly type: string };
      if (type === 'ok') resolve();
      else if (type !== 'hello') fail(new LoadError(`the gateway says ${text}`));
    };
    const fail = (error: Error): void => {
      reject(error);
      subscriber.onFailed(error);
    };
    socket.onClosed = (reason) => fail(new LoadError(reason));
    socket.onMessage = (bytes, at, end) => {
      if (bytes[at] !== BRACE) {
        const next = bytes.readUInt32BE(at + NEXT_AT) * WORD + bytes.readUInt32BE(at + NEXT_AT + 4);
        subscriber.onDelivered(next, end - at);
        return;
      }
      const head = bytes.subarray(at, Math.min(end, at + JSON_HEAD_BYTES));
      if (head.indexOf(TYPE_OF_RECORDS) < 0) told(bytes.toString('utf8', at, end));
      else subscriber.onDelivered(numberAt(head, head.indexOf(NEXT_KEY)), end - at);
    };
    socket.sendText(JSON.stringify({ type: 'subscribe', id: 1, sub: 1, topic, from }));
  });
  return subscriber;
}

function numberAt(head: Buffer, keyAt: number): number {
  if (keyAt < 0) throw new LoadError('a frame of records without "next"');
  let value = 0;
  for (let at = keyAt + NEXT_KEY.length; head[at]! >= 48 && head[at]! <= 57; at++) {
    value = value * 10 + head[at]! - 48;
  }
  return value;
}
