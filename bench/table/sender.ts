/** Produces as a row of the table says, and knows when each record was meant to leave. */
import { setTimeout as sleep } from 'node:timers/promises';
import { bytes, Producer, type ProducerOptions, roundRobin, topic } from 'millrace/client';
import { orderTexts } from '../client/sample-records.ts';
import type { TableSetup } from './table-setup.ts';
import type { Window } from './window.ts';

const TURN = 64;
const LOOPS = 16;
const TRANSACTION_MS = 100;
/** More than the client holds unacknowledged: 32 MB of records of 10 bytes and more. */
const RING = 4_194_304;
const LAST_OF_RING = RING - 1;

export class Sender {
  readonly producer: Producer;
  /** Acknowledged, and the markers of committed transactions. */
  held = 0;
  /** The end of each partition, as acknowledged. */
  readonly ends: number[] = [];
  readonly #setup: TableSetup;
  readonly #window: Window;
  readonly #values: Buffer[];
  readonly #topic;
  readonly #meantMs = new Float64Array(RING);
  readonly #fromMs = performance.now();
  #sent = 0;
  #acknowledged = 0;

  constructor(setup: TableSetup, window: Window) {
    this.#setup = setup;
    this.#window = window;
    this.#values = valuesOf(setup);
    this.#topic = topic(setup.topic, { key: bytes, value: bytes });
    const { load, partitions, producer } = setup.scenario;
    this.producer = new Producer({
      bootstrapServers: setup.bootstrap,
      ...producer,
      ...(load === 'transactions' ? { transactionalId: setup.topic } : {}),
      ...(partitions > 1 ? { partitioner: roundRobin() } : {}),
    } as ProducerOptions);
  }

  async enqueueUntil(isOver: () => boolean): Promise<void> {
    const isTransactional = this.#setup.scenario.load === 'transactions';
    const out = this.producer.to(this.#topic, {
      onBatch: ({ error, count, partition, baseOffset }) => {
        if (error !== null) throw error;
        this.ends[partition] = Math.max(this.ends[partition] ?? 0, baseOffset + count);
        this.#acknowledge(count);
      },
    });
    while (!isOver()) {
      if (isTransactional) await this.producer.beginTransaction();
      const untilMs = isTransactional ? performance.now() + TRANSACTION_MS : Infinity;
      while (!isOver() && performance.now() < untilMs) {
        if (!this.#enqueueDue(out)) await out.ready();
        else if (this.#setup.rate > 0) await sleep(1);
      }
      if (!isTransactional) continue;
      await this.producer.commitTransaction();
      this.held++;
    }
    await this.producer.flush();
  }

  /** False where the caller must wait for room. Flat out a turn is due at any time. */
  #enqueueDue(out: { enqueue(key: Uint8Array | null, value: Uint8Array): boolean }): boolean {
    const { rate, scenario } = this.#setup;
    const nowMs = performance.now();
    const due = rate > 0 ? Math.floor(((nowMs - this.#fromMs) * rate) / 1000) : this.#sent + TURN;
    while (this.#sent < due) {
      const i = this.#sent++;
      const meantMs = rate > 0 ? this.#fromMs + (i * 1000) / rate : nowMs;
      const value = this.#values[i % this.#values.length]!;
      if (scenario.load === 'consume') value.writeDoubleLE(meantMs, 0);
      this.#meantMs[i & LAST_OF_RING] = meantMs;
      if (!out.enqueue(null, value)) return false;
    }
    return true;
  }

  /** One partition acknowledges in the order of its records; only that is timed. */
  #acknowledge(count: number): void {
    this.held += count;
    if (this.#setup.scenario.load === 'consume') return;
    const nowMs = performance.now();
    this.#window.count(count);
    for (let i = 0; i < count; i++) {
      this.#window.time(this.#meantMs[this.#acknowledged++ & LAST_OF_RING]!, nowMs);
    }
  }

  async awaitEach(): Promise<void> {
    await Promise.all(Array.from({ length: LOOPS }, () => this.#loop()));
  }

  async #loop(): Promise<void> {
    const { rate } = this.#setup;
    const value = this.#values[0]!;
    while (!this.#window.isOver) {
      const i = this.#sent++;
      let meantMs = performance.now();
      if (rate > 0) {
        meantMs = this.#fromMs + (i * 1000) / rate;
        while (performance.now() < meantMs) await sleep(1);
      }
      await this.producer.send(this.#topic, { value });
      this.held++;
      this.#window.count(1);
      this.#window.time(meantMs, performance.now());
    }
  }
}

function valuesOf({ scenario, recordBytes }: TableSetup): Buffer[] {
  if (scenario.values === 'plain') return [Buffer.alloc(recordBytes, 'x')];
  const texts = orderTexts();
  return texts.map((_, i) => {
    let text = '';
    for (let next = i; text.length < recordBytes; next++) text += texts[next % texts.length]!;
    return Buffer.from(text.slice(0, recordBytes));
  });
}
