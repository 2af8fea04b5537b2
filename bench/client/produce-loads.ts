/** Producing with the client of millrace: records of 100 bytes, as fast as it goes. */
import {
  bytes,
  json,
  Producer,
  type ProducerOptions,
  type Topic,
  text,
  topic,
} from 'millrace/client';
import { measured } from './measure.ts';
import type { ProgramResult, ProgramSetup } from './program-setup.ts';
import { orders, orderTexts, plainBytes, plainText, shortKeys } from './sample-records.ts';

const TURN = 256;
const AWAITED_AT_ONCE = 5_000;
const TRANSACTION_MS = 100;

/** What all loads have in common; the names are Kafka's. */
export function producerOptions(setup: ProgramSetup, more: ProducerOptions): ProducerOptions {
  const { bootstrap: bootstrapServers } = setup;
  return { bootstrapServers, acks: 1, lingerMs: 5, batchSize: 16_384, ...more } as ProducerOptions;
}

/** Enqueues the keys and values in turn; what is acknowledged is counted a batch at a time. */
class Enqueuing<Key, Value> {
  readonly #producer: Producer;
  readonly #out;
  readonly #keys: readonly Key[];
  readonly #values: readonly Value[];
  #acknowledged = 0;
  #next = 0;

  constructor(
    producer: Producer,
    to: Topic<Key, Value, unknown, unknown>,
    keys: readonly Key[],
    values: readonly Value[],
  ) {
    this.#producer = producer;
    this.#keys = keys;
    this.#values = values;
    this.#out = producer.to(to, {
      onBatch: ({ error, count }) => {
        if (error !== null) throw error;
        this.#acknowledged += count;
      },
    });
  }

  async burst(untilMs: number): Promise<number> {
    const before = this.#acknowledged;
    await this.send(untilMs);
    await this.#producer.flush();
    return this.#acknowledged - before;
  }

  async send(untilMs: number): Promise<void> {
    const out = this.#out;
    const keys = this.#keys;
    const values = this.#values;
    while (performance.now() < untilMs) {
      for (let left = TURN; left > 0; left--) {
        const i = this.#next++;
        if (out.enqueue(keys[i % keys.length]!, values[i % values.length]!)) continue;
        await out.ready();
        break;
      }
    }
  }
}

async function enqueued<Key, Value>(
  setup: ProgramSetup,
  to: Topic<Key, Value, unknown, unknown>,
  keys: readonly Key[],
  values: readonly Value[],
  options: ProducerOptions = {} as ProducerOptions,
): Promise<ProgramResult> {
  await using producer = new Producer(producerOptions(setup, options));
  const enqueuing = new Enqueuing(producer, to, keys, values);
  return await measured(setup, (untilMs) => enqueuing.burst(untilMs));
}

function enqueueBytes(setup: ProgramSetup, options = {} as ProducerOptions) {
  const to = topic(setup.topic, { key: bytes, value: bytes });
  return enqueued(setup, to, [null], [plainBytes()], options);
}

function enqueueText(setup: ProgramSetup) {
  const to = topic(setup.topic, { key: text, value: text });
  return enqueued(setup, to, shortKeys(), [plainText()]);
}

function enqueueJson(setup: ProgramSetup) {
  const to = topic(setup.topic, { key: bytes, value: json<unknown>() });
  return enqueued(setup, to, [null], orders());
}

function packed(compressionType: NonNullable<ProducerOptions['compressionType']>) {
  return (setup: ProgramSetup) => {
    const to = topic(setup.topic, { key: bytes, value: bytes });
    const values = orderTexts().map((each) => Buffer.from(each));
    return enqueued(setup, to, [null], values, { compressionType } as ProducerOptions);
  };
}

async function sendAwaited(setup: ProgramSetup): Promise<ProgramResult> {
  const to = topic(setup.topic, { key: bytes, value: bytes });
  const value = plainBytes();
  await using producer = new Producer(producerOptions(setup, {} as ProducerOptions));
  return await measured(setup, async (untilMs) => {
    let sent = 0;
    while (performance.now() < untilMs) {
      const receipts = new Array<PromiseLike<unknown>>(AWAITED_AT_ONCE);
      for (let i = 0; i < AWAITED_AT_ONCE; i++) receipts[i] = producer.send(to, { value });
      await Promise.all(receipts);
      sent += AWAITED_AT_ONCE;
    }
    return sent;
  });
}

async function transactional(setup: ProgramSetup): Promise<ProgramResult> {
  const to = topic(setup.topic, { key: bytes, value: bytes });
  const options = { acks: 'all', transactionalId: setup.topic } as ProducerOptions;
  await using producer = new Producer(producerOptions(setup, options));
  const enqueuing = new Enqueuing(producer, to, [null], [plainBytes()]);
  let markers = 0;
  const result = await measured(setup, async (untilMs) => {
    let messages = 0;
    while (performance.now() < untilMs) {
      await producer.beginTransaction();
      messages += await enqueuing.burst(performance.now() + TRANSACTION_MS);
      await producer.commitTransaction();
      markers++;
    }
    return messages;
  });
  return { ...result, markers };
}

export const PRODUCE_LOADS: Readonly<
  Record<string, (setup: ProgramSetup) => Promise<ProgramResult>>
> = {
  'enqueue-bytes': (setup) => enqueueBytes(setup),
  'enqueue-text': enqueueText,
  'enqueue-json': enqueueJson,
  'send-awaited': sendAwaited,
  idempotent: (setup) => enqueueBytes(setup, { acks: 'all' } as ProducerOptions),
  transactional,
  lz4: packed('lz4'),
  gzip: packed('gzip'),
  snappy: packed('snappy'),
  zstd: packed('zstd'),
};
