/** One consumer of a fan-out: tells how many records it has had, in the order of publication. */
import { LoadError } from './load-error.ts';
import { type WebSocketAddress, WebSocketConnection } from './websocket-connection.ts';

/** The records below number `until` have come, in a frame of `bytes` bytes. */
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
  /** A number is an offset. */
  readonly from: 'earliest' | 'latest' | number;
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
/** A JSON frame's own fields stand before its records or behind them, within so many bytes. */
const JSON_EDGE_BYTES = 400;

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
      const head = bytes.subarray(at, Math.min(end, at + JSON_EDGE_BYTES));
      if (head.indexOf(TYPE_OF_RECORDS) < 0) told(bytes.toString('utf8', at, end));
      else subscriber.onDelivered(nextIn(bytes, at, end), end - at);
    };
    const start = typeof from === 'number' ? { offset: from } : from;
    socket.sendText(JSON.stringify({ type: 'subscribe', id: 1, sub: 1, topic, from: start }));
  });
  return subscriber;
}

function nextIn(bytes: Buffer, at: number, end: number): number {
  const tail = bytes.subarray(Math.max(at, end - JSON_EDGE_BYTES), end);
  const head = bytes.subarray(at, Math.min(end, at + JSON_EDGE_BYTES));
  const inTail = tail.lastIndexOf(NEXT_KEY);
  const inHead = inTail < 0 ? head.indexOf(NEXT_KEY) : -1;
  if (inTail < 0 && inHead < 0) throw new LoadError('a frame of records without "next"');
  const digits = inTail < 0 ? head : tail;
  let value = 0;
  for (let digit = Math.max(inTail, inHead) + NEXT_KEY.length; isDigit(digits[digit]); digit++) {
    value = value * 10 + digits[digit]! - 48;
  }
  return value;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 48 && byte <= 57;
}
