/** Consuming a topic of 100-byte records with the client of millrace, over and over. */
import { Consumer, type RecordBatch, text, topic } from 'millrace/client';
import { Stopwatch } from './measure.ts';
import type { ProgramResult, ProgramSetup } from './program-setup.ts';

/** Counts what a load has read, from the end of the warm-up to the end of the measured time. */
class Reading {
  readonly #setup: ProgramSetup;
  #watch: Stopwatch | null = null;
  #checkAtMs: number;
  #counted = 0;
  /** Of the values: an engine must not find out that nobody looks at them. */
  bytes = 0;

  constructor(setup: ProgramSetup) {
    this.#setup = setup;
    this.#checkAtMs = performance.now() + setup.warmupMs;
  }

  /** False once the time is over. */
  goesOn(count: number): boolean {
    this.#counted += count;
    const nowMs = performance.now();
    if (nowMs < this.#checkAtMs) return true;
    if (this.#watch !== null) return false;
    this.#watch = new Stopwatch();
    this.#counted = 0;
    this.#checkAtMs = nowMs + this.#setup.measureMs;
    return true;
  }

  result(): ProgramResult {
    if (this.#watch === null) throw new Error('the topic ended before the warm-up did');
    return { messages: this.#counted, ...this.#watch.read(), total: this.#setup.records };
  }
}

function consumerOf<K, V>({ bootstrap }: ProgramSetup): Consumer<K, V> {
  return new Consumer<K, V>({ bootstrapServers: bootstrap, autoOffsetReset: 'earliest' });
}

async function readBatches<K, V>(
  setup: ProgramSetup,
  consumer: Consumer<K, V>,
  look: (batch: RecordBatch<K, V>, reading: Reading) => void,
): Promise<ProgramResult> {
  const at = { topic: setup.topic, partition: 0 };
  const reading = new Reading(setup);
  for await (const batch of consumer.batches()) {
    look(batch, reading);
    if (!reading.goesOn(batch.length)) break;
    if (batch.nextOffset >= setup.records) consumer.seek(at, 0);
  }
  return reading.result();
}

async function batches(setup: ProgramSetup): Promise<ProgramResult> {
  await using consumer = consumerOf<Uint8Array | null, Uint8Array | null>(setup);
  consumer.assign([{ topic: setup.topic, partition: 0 }]);
  return await readBatches(setup, consumer, () => {});
}

async function values(setup: ProgramSetup): Promise<ProgramResult> {
  await using consumer = consumerOf<Uint8Array | null, Uint8Array | null>(setup);
  consumer.assign([{ topic: setup.topic, partition: 0 }]);
  return await readBatches(setup, consumer, (batch, reading) => {
    for (const value of batch.values()) reading.bytes += value!.length;
  });
}

async function texts(setup: ProgramSetup): Promise<ProgramResult> {
  await using consumer = consumerOf<string | null, string | null>(setup);
  const typed = topic(setup.topic, { key: text, value: text });
  consumer.assign([{ topic: setup.topic, partition: 0 }], [typed]);
  return await readBatches(setup, consumer, (batch, reading) => {
    for (const value of batch.values()) reading.bytes += value!.length;
  });
}

const LOOK_EVERY = 256;

async function records(setup: ProgramSetup): Promise<ProgramResult> {
  await using consumer = consumerOf<Uint8Array | null, Uint8Array | null>(setup);
  const at = { topic: setup.topic, partition: 0 };
  consumer.assign([at]);
  const reading = new Reading(setup);
  let count = 0;
  for await (const record of consumer) {
    reading.bytes += record.value!.length;
    if (++count === LOOK_EVERY) {
      if (!reading.goesOn(count)) break;
      count = 0;
    }
    if (record.offset === setup.records - 1) consumer.seek(at, 0);
  }
  return reading.result();
}

export const CONSUME_LOADS: Readonly<
  Record<string, (setup: ProgramSetup) => Promise<ProgramResult>>
> = {
  'consume-batches': batches,
  'consume-values': values,
  'consume-texts': texts,
  'consume-records': records,
};
