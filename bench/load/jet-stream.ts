/**
 * NATS JetStream as a rival: messages are stored in a file-backed stream before they are delivered
 * by push consumers without acknowledgement. The publisher asks for an acknowledgement of the last
 * message of every batch, and is so far ahead only as its window allows.
 */
import { randomCapitals } from './batches.ts';
import { LoadConnection } from './load-connection.ts';
import { LoadError } from './load-error.ts';
import { type Publisher, publisherOver } from './publisher.ts';
import type { Subscriber, SubscriberSettings } from './subscriber.ts';
import { clientFrame, WebSocketConnection } from './websocket-connection.ts';

const CONNECT = 'CONNECT {"verbose":false,"pedantic":false,"headers":false}\r\n';
const PING = 'PING\r\n';
const LINE_END = Buffer.from('\r\n');
const ERROR_FIELD = '"error"';
const MESSAGE = 0x4d;
const SPACE = 0x20;

function request(subject: string, inbox: string, body: object): string {
  const text = JSON.stringify(body);
  return `SUB ${inbox} 9\r\nPUB ${subject} ${inbox} ${text.length}\r\n${text}\r\n`;
}

/** Counts messages in a byte stream whose frames may cut them anywhere. */
class MessageCounter {
  count = 0;
  #rest: Buffer = Buffer.alloc(0);

  /** MSG subject sid [reply] bytes, line end, payload, line end. Only sid 1 counts. */
  feed(bytes: Buffer, from: number, to: number): void {
    let stream = bytes;
    let at = from;
    let end = to;
    if (this.#rest.length > 0) {
      stream = Buffer.concat([this.#rest, bytes.subarray(from, to)]);
      at = 0;
      end = stream.length;
    }
    while (at < end) {
      const lineEnd = stream.indexOf(LINE_END, at);
      if (lineEnd < 0 || lineEnd >= end) break;
      const next = stream[at] === MESSAGE ? afterMessage(stream, at, lineEnd) : lineEnd + 2;
      if (next > end) break;
      if (stream[at] === MESSAGE && isCounted(stream, at)) this.count++;
      at = next;
    }
    this.#rest = at < end ? Buffer.from(stream.subarray(at, end)) : Buffer.alloc(0);
  }
}

function afterMessage(stream: Buffer, at: number, lineEnd: number): number {
  let length = 0;
  let scale = 1;
  for (let digit = lineEnd - 1; digit > at && stream[digit] !== SPACE; digit--) {
    length += (stream[digit]! - 48) * scale;
    scale *= 10;
  }
  return lineEnd + 2 + length + 2;
}

/** The sid is the third word. */
function isCounted(stream: Buffer, at: number): boolean {
  const subjectAt = at + 4;
  return stream[stream.indexOf(SPACE, subjectAt) + 1] === 49;
}

export async function openJetStreamSubscriber(settings: SubscriberSettings): Promise<Subscriber> {
  const address = { ...settings.address, path: '/', subprotocol: '' };
  const socket = await WebSocketConnection.open(address, settings.receiveBytes);
  const subscriber: Subscriber = {
    onDelivered: () => {},
    onFailed: () => {},
    close: () => socket.close(),
  };
  const { topic } = settings;
  const own = `${topic}.${process.pid}.${Math.random().toString(36).slice(2)}`;
  const config = { deliver_subject: `to.${own}`, ack_policy: 'none', deliver_policy: 'new' };
  const create = request(`$JS.API.CONSUMER.CREATE.${topic}`, `made.${own}`, {
    stream_name: topic,
    config,
  });
  const counter = new MessageCounter();
  await new Promise<void>((resolve, reject) => {
    let made = false;
    socket.onClosed = (reason) => {
      reject(new LoadError(reason));
      subscriber.onFailed(new LoadError(reason));
    };
    socket.onMessage = (bytes, at, end) => {
      if (made) {
        counter.feed(bytes, at, end);
        subscriber.onDelivered(counter.count, end - at);
        return;
      }
      const text = bytes.toString('latin1', at, end);
      if (text.includes(ERROR_FIELD)) reject(new LoadError(`JetStream says ${text}`));
      if (!text.includes('"deliver_subject"')) return;
      made = true;
      resolve();
    };
    const greeting = `${CONNECT}SUB to.${own} 1\r\n${create}`;
    socket.send(clientFrame(Buffer.from(greeting), true));
  });
  return subscriber;
}

export interface JetStreamPlace {
  readonly host: string;
  readonly port: number;
  readonly topic: string;
}

const TEXT_FRAMING = {
  measure: (_bytes: Buffer, at: number, filled: number): number => filled - at,
  prefixBytes: 0,
};

/** Makes the stream that the subscribers then read. */
export async function createStream(place: JetStreamPlace): Promise<void> {
  const { host, port, topic } = place;
  const connection = await LoadConnection.open(host, port, 65_536, TEXT_FRAMING);
  await new Promise<void>((resolve, reject) => {
    connection.onClosed = (reason) => reject(new LoadError(reason));
    connection.onFrame = (bytes, at, end) => {
      const text = bytes.toString('latin1', at, end);
      if (text.includes(ERROR_FIELD)) reject(new LoadError(`JetStream says ${text}`));
      if (text.includes('"created"')) resolve();
    };
    const body = { name: topic, subjects: [topic], storage: 'file' };
    const create = request(`$JS.API.STREAM.CREATE.${topic}`, `made.${topic}`, body);
    connection.socket.write(CONNECT + create);
  });
  connection.close();
}

export async function openJetStreamPublisher(
  place: JetStreamPlace,
  valueBytes: number,
  perBatch: number,
): Promise<Publisher> {
  const connection = await LoadConnection.open(place.host, place.port, 65_536, TEXT_FRAMING);
  const value = randomCapitals(valueBytes, 1).toString('latin1');
  const plain = `PUB ${place.topic} ${valueBytes}\r\n${value}\r\n`;
  const last = `PUB ${place.topic} acks ${valueBytes}\r\n${value}\r\n`;
  const batch = Buffer.from(plain.repeat(perBatch - 1) + last);
  const publisher = publisherOver(connection, batch);
  connection.onFrame = (bytes, at, end) => {
    const text = bytes.toString('latin1', at, end);
    if (text.includes(PING)) connection.socket.write('PONG\r\n');
    if (text.includes(ERROR_FIELD)) publisher.onFailed(new LoadError(`JetStream says ${text}`));
  };
  connection.socket.write(`${CONNECT}SUB acks 2\r\n`);
  return publisher;
}
