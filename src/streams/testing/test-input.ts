import { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import {
  type RecordHeaders as HeadersToWrite,
  headerPairs,
} from '../../client/producer/record-headers.ts';
import type { Encoded } from '../../client/serde/serde.ts';
import type { Topic } from '../../client/serde/topic.ts';
import { BY_KEY } from '../tasks/task-output.ts';
import type { SentRecord } from './memory-cluster.ts';

/** A record that a test gives to an application. */
export interface TestInputRecord<K, V> {
  readonly key?: K | null;
  readonly value: V | null;
  /** By default that of the input, which goes on with each record. */
  readonly timestamp?: number;
  readonly headers?: HeadersToWrite;
  /** By default the key's. */
  readonly partition?: number;
}

/** What times records without one get. */
export interface TestInputOptions {
  /** Of the first record without a timestamp; by default the time of the driver then. */
  readonly startMs?: number;
  /** How much later each further one is; 0 by default. */
  readonly advanceMs?: number;
}

/** A topic that a test writes to. Each record is processed before the call returns. */
export class TestInput<K, V> {
  readonly #topic: Topic<K, V, unknown, unknown>;
  readonly #write: (topic: string, partition: number, record: SentRecord) => void;
  readonly #advanceMs: number;
  #timeMs: number;

  constructor(
    topic: Topic<K, V, unknown, unknown>,
    startMs: number,
    advanceMs: number,
    write: (topic: string, partition: number, record: SentRecord) => void,
  ) {
    if (advanceMs < 0) throw new RangeError('advanceMs must not be negative');
    this.#topic = topic;
    this.#timeMs = startMs;
    this.#advanceMs = advanceMs;
    this.#write = write;
  }

  /** Time goes on for the records without a timestamp. */
  advance(ms: number): void {
    if (ms < 0) throw new RangeError('time cannot go back');
    this.#timeMs += ms;
  }

  /** Writes a record. */
  send(record: TestInputRecord<K, V>): void {
    const { name, key, value } = this.#topic;
    this.#write(name, record.partition ?? BY_KEY, {
      key: record.key == null ? null : key.serialize(record.key, name),
      value: record.value == null ? null : value.serialize(record.value, name),
      timestamp: record.timestamp ?? this.#nextTime(),
      headers: headersOf(record.headers),
    });
  }

  /** Writes records, one after the other. */
  sendAll(records: Iterable<TestInputRecord<K, V>>): void {
    for (const record of records) this.send(record);
  }

  #nextTime(): number {
    const time = this.#timeMs;
    this.#timeMs += this.#advanceMs;
    return time;
  }
}

const UTF8 = new TextEncoder();

function headersOf(headers: HeadersToWrite | undefined): RecordHeaders {
  if (headers === undefined) return RecordHeaders.NONE;
  return new RecordHeaders(headerPairs(headers).map(([name, value]) => [name, bytesOf(value)]));
}

function bytesOf(part: Encoded): Uint8Array | null {
  return typeof part === 'string' ? UTF8.encode(part) : part;
}
