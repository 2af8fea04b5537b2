/** One producer of a load, which knows when each record was meant to leave. */
import { bytes, Producer, type ProducerOptions, topic } from 'millrace/client';
import { sharedNowMs } from './clock.ts';
import type { ClientSetup } from './drive-messages.ts';
import type { LatencyWindow } from './latency-window.ts';
import { MeantQueue } from './meant-queue.ts';
import { sampleValues } from './sample-values.ts';

/** Flat out, records that share one look at the clock. */
const TURN = 64;
/** Of a record in its batch, besides its value. */
const FRAME_BYTES = 8;
const DEFAULT_BATCH_BYTES = 16_384;

export class Sender {
  /** Acknowledged. */
  records = 0;
  /** Of committed transactions, one for each partition that took part. */
  markers = 0;
  /** The end of each partition, as acknowledged. */
  readonly ends: number[] = [];
  readonly producer: Producer;
  /** When record `i` of this producer was meant to leave, of the shared clock. */
  meantMsOf: (i: number) => number = () => sharedNowMs();
  readonly #setup: ClientSetup;
  readonly #window: LatencyWindow;
  readonly #fail: (error: unknown) => void;
  readonly #values: Buffer[];
  readonly #topic;
  readonly #out;
  readonly #meant: MeantQueue[];
  /** So many records in a row go to one partition, as Kafka's sticky partitioner does it. */
  readonly #inARow: number;
  readonly #isTold: boolean;
  readonly #touched = new Set<number>();
  #partition = 0;
  #sent = 0;
  #due = 0;
  #inFlight = 0;
  #isHeldBack = false;
  #isWaiting = false;
  #whenCaughtUp: () => void = () => {};

  constructor(
    setup: ClientSetup,
    number: number,
    window: LatencyWindow,
    fail: (error: unknown) => void,
  ) {
    const { spec } = setup;
    this.#setup = setup;
    this.#window = window;
    this.#fail = fail;
    this.#values = sampleValues(spec);
    this.#isTold = spec.mode === 'e2e';
    this.#meant = Array.from({ length: spec.partitions }, () => new MeantQueue());
    const batchBytes = spec.producer.batchSize ?? DEFAULT_BATCH_BYTES;
    this.#inARow = Math.max(1, Math.floor(batchBytes / (spec.recordBytes + FRAME_BYTES)));
    this.#topic = topic(setup.topic, { key: bytes, value: bytes });
    this.producer = new Producer({
      bootstrapServers: setup.bootstrap,
      ...spec.producer,
      ...(spec.transactionMs > 0 ? { transactionalId: `${setup.topic}-${number}` } : {}),
      partitioner: () => this.#partition,
    } as ProducerOptions);
    this.#out = this.producer.to(this.#topic, {
      onBatch: ({ error, count, partition, baseOffset }) => {
        if (error !== null) this.#fail(error);
        else this.#acknowledged(count, partition, baseOffset);
      },
    });
  }

  /** Everything is set up once the first record of each partition is acknowledged. */
  async begin(): Promise<void> {
    const { partitions, transactionMs } = this.#setup.spec;
    if (transactionMs > 0) await this.producer.beginTransaction();
    const value = Buffer.from(this.#values[0]!);
    if (this.#isTold) value.writeDoubleLE(Number.NaN, 0);
    const receipts = Array.from({ length: partitions }, (_, partition) => {
      this.#touched.add(partition);
      return this.producer.send(this.#topic, { value, partition });
    });
    await Promise.all(receipts);
    this.records += partitions;
    if (transactionMs > 0) await this.#commit();
  }

  /** Held at a rate: the records below this number may leave. */
  release(due: number): void {
    this.#due = due;
    this.#pump();
  }

  /** Once everything that was released has left and is acknowledged. */
  async finish(): Promise<void> {
    if (this.#sent < this.#due || this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        this.#whenCaughtUp = resolve;
      });
    }
    await this.producer.flush();
  }

  /** Flat out until it is over, by transactions where the load has them. */
  async flatOut(isOver: () => boolean): Promise<void> {
    const { awaited, transactionMs } = this.#setup.spec;
    if (awaited > 0) return this.#awaitedFlatOut(isOver);
    while (!isOver()) {
      if (transactionMs > 0) await this.producer.beginTransaction();
      const untilMs = transactionMs > 0 ? sharedNowMs() + transactionMs : Number.POSITIVE_INFINITY;
      let nowMs = sharedNowMs();
      while (!isOver() && nowMs < untilMs) {
        for (let left = TURN; left > 0; left--) {
          if (this.#enqueue(nowMs)) continue;
          await this.#out.ready();
          break;
        }
        nowMs = sharedNowMs();
      }
      if (transactionMs > 0) await this.#commit();
    }
    await this.producer.flush();
  }

  /** Held at a rate, in transactions: what is due while one is committed waits, and is timed so. */
  async transactions(isOver: () => boolean, wait: (ms: number) => Promise<void>): Promise<void> {
    this.#isHeldBack = true;
    while (!isOver() || this.#sent < this.#due) {
      await this.producer.beginTransaction();
      this.#isHeldBack = false;
      this.#pump();
      await wait(this.#setup.spec.transactionMs);
      this.#isHeldBack = true;
      await this.#commit();
    }
  }

  async #commit(): Promise<void> {
    await this.producer.commitTransaction();
    this.markers += this.#touched.size;
    this.#touched.clear();
  }

  #pump(): void {
    if (this.#isHeldBack || this.#isWaiting) return;
    const { awaited } = this.#setup.spec;
    while (this.#sent < this.#due) {
      if (awaited > 0) {
        if (this.#inFlight === awaited) return;
        this.#sendOne(this.meantMsOf(this.#sent));
      } else if (!this.#enqueue(this.meantMsOf(this.#sent))) {
        this.#isWaiting = true;
        this.#out.ready().then(() => {
          this.#isWaiting = false;
          this.#pump();
        }, this.#fail);
        return;
      }
    }
    if (this.#inFlight === 0) this.#whenCaughtUp();
  }

  /** False where the caller must wait for room. */
  #enqueue(meantMs: number): boolean {
    const i = this.#sent++;
    const value = this.#values[i % this.#values.length]!;
    if (this.#isTold) value.writeDoubleLE(meantMs, 0);
    this.#partition = Math.floor(i / this.#inARow) % this.#meant.length;
    this.#meant[this.#partition]!.push(meantMs);
    if (this.#setup.spec.transactionMs > 0) this.#touched.add(this.#partition);
    return this.#out.enqueue(null, value);
  }

  #acknowledged(count: number, partition: number, baseOffset: number): void {
    this.records += count;
    this.ends[partition] = Math.max(this.ends[partition] ?? 0, baseOffset + count);
    const nowMs = sharedNowMs();
    this.#window.count(count, nowMs);
    this.#meant[partition]!.take(count, nowMs, this.#window);
  }

  #sendOne(meantMs: number): void {
    const i = this.#sent++;
    const value = this.#values[i % this.#values.length]!;
    if (this.#isTold) value.writeDoubleLE(meantMs, 0);
    this.#partition = i % this.#meant.length;
    this.#inFlight++;
    this.producer.send(this.#topic, { value }).then(() => {
      this.#inFlight--;
      this.records++;
      const nowMs = sharedNowMs();
      this.#window.count(1, nowMs);
      this.#window.time(meantMs, nowMs, 1);
      this.#pump();
    }, this.#fail);
  }

  async #awaitedFlatOut(isOver: () => boolean): Promise<void> {
    const value = this.#values[0]!;
    const loop = async (): Promise<void> => {
      while (!isOver()) {
        const meantMs = sharedNowMs();
        this.#partition = this.#sent++ % this.#meant.length;
        if (this.#isTold) value.writeDoubleLE(meantMs, 0);
        await this.producer.send(this.#topic, { value });
        this.records++;
        const nowMs = sharedNowMs();
        this.#window.count(1, nowMs);
        this.#window.time(meantMs, nowMs, 1);
      }
    };
    await Promise.all(Array.from({ length: this.#setup.spec.awaited }, loop));
  }
}
