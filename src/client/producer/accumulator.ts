import { assert } from '../../base/assert.ts';
import { reasonOf } from '../../base/errors.ts';
import { inBackground } from '../../base/in-background.ts';
import { BATCH_HEADER_SIZE } from '../../records/batch-layout.ts';
import { CODEC, CODEC_NAMES, codecIdOf } from '../../records/codec-ids.ts';
import { KafkaError } from '../errors/kafka-error.ts';
import type { Encoded } from '../serde/serde.ts';
import { ArenaPool } from './arena-pool.ts';
import { Batch } from './batch.ts';
import { BatchOutcome } from './batch-outcome.ts';
import { type Packer, packer } from './packer.ts';
import { PartitionQueue } from './partition-queue.ts';
import { compressionLevelOf, type ProducerSettings } from './producer-options.ts';
import { exactBytes, mostBytes, writeRecord } from './record-encoder.ts';

/** What the accumulator tells the sender. */
export interface AccumulatorEvents {
  /** The partition has a batch that may leave. */
  onReady(queue: PartitionQueue): void;
  onMemory(): void;
  /** A record was refused, since there is no memory for it. */
  onExhausted(): void;
  /** A batch that was in its queue can never be sent. */
  onFailed(queue: PartitionQueue, batch: Batch, error: KafkaError): void;
  /** A batch has come to its end. */
  onDone(outcome: BatchOutcome): void;
}

/** A record goes out soon enough with half of the batches of all requests in flight waiting. */
const AHEAD = 2;
const MEGABYTE = 1024 * 1024;
const LEAST_AHEAD_BYTES = 256 * 1024;

/** Gathers records into batches, one partition beside the other, within `buffer.memory`. */
export class Accumulator {
  readonly #settings: ProducerSettings;
  readonly #events: AccumulatorEvents;
  readonly #codec: number;
  readonly #level: number | undefined;
  readonly #packer: Packer | null = packer;
  readonly #pool: ArenaPool;
  readonly #topics = new Map<string, PartitionQueue[]>();
  /**
   * Partitions with an open batch that waits for `linger.ms`, and some whose batch has left since.
   * It is no set: in V8 the old tables of one live until a full collection, and keep what they had.
   */
  #lingering: PartitionQueue[] = [];
  #lingerTimer: NodeJS.Timeout | null = null;
  #nextId = 0;
  #heldBytes = 0;
  /** The same for all batches, so that none needs a closure of its own. */
  readonly #onDone = (done: BatchOutcome): void => {
    this.#events.onDone(done);
  };
  /** From here on a producer should wait: more would only lie here. */
  #highBytes = LEAST_AHEAD_BYTES;
  #isFlushing = false;
  #isTransactional = false;

  constructor(settings: ProducerSettings, events: AccumulatorEvents) {
    this.#settings = settings;
    this.#events = events;
    this.#codec = codecIdOf(settings.compressionType);
    this.#level = compressionLevelOf(settings);
    this.#pool = new ArenaPool(Math.max(settings.batchSize, BATCH_HEADER_SIZE), 4 * MEGABYTE);
  }

  get heldBytes(): number {
    return this.#heldBytes;
  }

  get hasRoom(): boolean {
    return this.#heldBytes < this.#highBytes;
  }

  get isFull(): boolean {
    return this.#heldBytes >= this.#settings.bufferMemory;
  }

  /** Half empty: those who wait go on. */
  get isDrained(): boolean {
    return this.#heldBytes <= this.#highBytes / 2;
  }

  /** What is to become of all batches that wait or are on their way. */
  openOutcomes(): BatchOutcome[] {
    const outcomes: BatchOutcome[] = [];
    for (const { open, queue, inFlight } of this.allQueues()) {
      if (open !== null) outcomes.push(open.outcome);
      for (const { outcome } of [...queue, ...inFlight]) outcomes.push(outcome);
    }
    return outcomes;
  }

  set isTransactional(isTransactional: boolean) {
    this.#isTransactional = isTransactional;
  }

  /** The queues of a topic, made for so many partitions. */
  queuesOf(topic: string, partitions: number): readonly PartitionQueue[] {
    let queues = this.#topics.get(topic);
    if (queues === undefined) {
      queues = [];
      this.#topics.set(topic, queues);
    }
    if (queues.length >= partitions) return queues;
    while (queues.length < partitions) queues.push(new PartitionQueue(topic, queues.length));
    const { maxInFlightRequestsPerConnection: inFlight, batchSize, bufferMemory } = this.#settings;
    const useful = AHEAD * inFlight * Math.max(batchSize, 1) * partitions;
    const high = Math.max(this.#highBytes, useful, LEAST_AHEAD_BYTES);
    this.#highBytes = Math.min(high, Math.max(bufferMemory / 2, 1));
    return queues;
  }

  *allQueues(): Generator<PartitionQueue> {
    for (const queues of this.#topics.values()) yield* queues;
  }

  /** Adds a record and returns the batch that took it. Throws where there is no memory. */
  append(
    queue: PartitionQueue,
    key: Encoded,
    value: Encoded,
    headers: Uint8Array | null,
    timestamp: number,
  ): Batch {
    const most = mostBytes(key, value, headers);
    let batch = queue.open;
    if (
      batch === null ||
      batch.length + most > this.#settings.batchSize ||
      batch.length + most > batch.bytes.length
    ) {
      batch = this.#batchFor(queue, key, value, headers, most);
    }
    writeRecord(batch, key, value, headers, timestamp);
    return batch;
  }

  /** Closes the open batch and lets it leave. */
  close(queue: PartitionQueue): void {
    const batch = queue.open;
    if (batch === null) return;
    queue.open = null;
    queue.lastBytes = batch.length;
    batch.close();
    queue.queue.push(batch);
    if (this.#codec !== CODEC.NONE) this.#pack(queue, batch);
    else this.#events.onReady(queue);
  }

  /** The batch keeps its place in the queue while it is compressed, so the order stays. */
  #pack(queue: PartitionQueue, batch: Batch): void {
    const arena = batch.bytes;
    const elsewhere = this.#packer?.pack(this.#codec, this.#level, batch.records) ?? null;
    if (elsewhere === null) {
      try {
        batch.pack(this.#codec, this.#level);
      } catch (thrown) {
        this.#onPackFailed(queue, batch, thrown);
        return;
      }
      this.#onPacked(queue, batch, arena);
      return;
    }
    batch.isPacking = true;
    const packing = elsewhere.then((packed) => {
      batch.isPacking = false;
      // It may have failed meanwhile, by its time or with its transaction.
      if (batch.outcome.isDone) return;
      batch.takePacked(packed, this.#codec);
      this.#onPacked(queue, batch, arena);
    });
    const failed = (thrown: unknown): void => {
      batch.isPacking = false;
      if (!batch.outcome.isDone) this.#onPackFailed(queue, batch, thrown);
    };
    inBackground(packing, failed);
  }

  /** The arena is free. What counts is what the compressed batch takes. */
  #onPacked(queue: PartitionQueue, batch: Batch, arena: Buffer): void {
    this.#pool.give(arena);
    this.#heldBytes += batch.bytes.length - batch.heldBytes;
    batch.heldBytes = batch.bytes.length;
    this.#events.onReady(queue);
  }

  #onPackFailed(queue: PartitionQueue, batch: Batch, thrown: unknown): void {
    const { topic, partition } = queue;
    const codec = CODEC_NAMES[this.#codec];
    const what = `partition ${topic}-${partition}: a batch cannot be compressed by ${codec}`;
    const context = { topic, partition, cause: thrown };
    const error = new KafkaError('COMPRESSION', `${what}: ${reasonOf(thrown)}`, context);
    const at = queue.queue.indexOf(batch);
    if (at >= 0) queue.queue.splice(at, 1);
    this.#events.onFailed(queue, batch, error);
  }

  /** Lets all open batches leave, and those that come while it flushes. */
  closeAll(): void {
    for (const queue of this.allQueues()) this.close(queue);
  }

  /** Whether somebody waits in `flush`: batches leave as soon as they are begun. */
  get flushes(): boolean {
    return this.#isFlushing;
  }

  set flushes(flushes: boolean) {
    this.#isFlushing = flushes;
  }

  /** The memory of a batch that is done is free again. */
  release(batch: Batch): void {
    // Memory that came back twice would be two batches at once.
    assert(batch.heldBytes > 0, 'the memory of a batch is given back once');
    this.#heldBytes -= batch.heldBytes;
    batch.heldBytes = 0;
    this.#pool.give(batch.bytes);
    this.#events.onMemory();
  }

  /** A batch with memory of its own, for the parts of one that was too large. */
  adopt(bytes: Buffer, from: Batch, outcome: BatchOutcome): Batch {
    const batch = new Batch(this.#nextId++, bytes, outcome, from.createdMs, from.deadlineMs);
    batch.isTransactional = from.isTransactional;
    this.#heldBytes += batch.heldBytes;
    outcome.whenDone(this.#onDone);
    return batch;
  }

  /** Of the codec; undefined where it has none. */
  get level(): number | undefined {
    return this.#level;
  }

  stop(): void {
    if (this.#lingerTimer !== null) clearTimeout(this.#lingerTimer);
    this.#lingerTimer = null;
  }

  /** The slow way of a record: it is measured, and a batch is found, grown or begun. */
  #batchFor(
    queue: PartitionQueue,
    key: Encoded,
    value: Encoded,
    headers: Uint8Array | null,
    most: number,
  ): Batch {
    const bytes = exactBytes(key, value, headers);
    const { batchSize, maxRequestSize } = this.#settings;
    if (bytes + BATCH_HEADER_SIZE > maxRequestSize) {
      const what = `a record of ${bytes} bytes is larger than max.request.size, ${maxRequestSize}`;
      const { topic, partition } = queue;
      throw new KafkaError('MESSAGE_TOO_LARGE', what, { topic, partition });
    }
    const open = queue.open;
    if (open !== null) {
      if (open.length + bytes <= batchSize) return this.#withRoom(open, bytes, most);
      this.close(queue);
    }
    return this.#begin(queue, bytes);
  }

  /** The batch itself, in a larger arena where its own has no room. */
  #withRoom(batch: Batch, bytes: number, most: number): Batch {
    if (batch.length + bytes <= batch.bytes.length) return batch;
    const { batchSize } = this.#settings;
    const arena = this.#pool.take(Math.min(batch.length + most, Math.max(batchSize, 1)));
    batch.bytes.copy(arena, 0, 0, batch.length);
    this.#pool.give(batch.bytes);
    this.#heldBytes += arena.length - batch.heldBytes;
    batch.bytes = arena;
    batch.heldBytes = arena.length;
    return batch;
  }

  #begin(queue: PartitionQueue, bytes: number): Batch {
    if (this.isFull) {
      this.#events.onExhausted();
      const what = `the records that wait have reached buffer.memory`;
      throw new KafkaError('BUFFER_FULL', what, { topic: queue.topic });
    }
    const arena = this.#pool.take(Math.max(BATCH_HEADER_SIZE + bytes, queue.lastBytes));
    const nowMs = performance.now();
    const outcome = new BatchOutcome(queue.topic, queue.partition);
    const deadlineMs = nowMs + this.#settings.deliveryTimeoutMs;
    const batch = new Batch(this.#nextId++, arena, outcome, nowMs, deadlineMs);
    batch.isTransactional = this.#isTransactional;
    this.#heldBytes += batch.heldBytes;
    outcome.whenDone(this.#onDone);
    queue.open = batch;
    if (this.#settings.lingerMs === 0 || this.#isFlushing) this.#events.onReady(queue);
    else this.#linger(queue);
    return batch;
  }

  #linger(queue: PartitionQueue): void {
    if (!queue.isLingering) this.#lingering.push(queue);
    queue.isLingering = true;
    this.#lingerTimer ??= setTimeout(() => this.#onLinger(), this.#settings.lingerMs);
  }

  /** One timer for all batches: it fires for the oldest of them. */
  #onLinger(): void {
    const dueMs = performance.now() - this.#settings.lingerMs;
    const staying: PartitionQueue[] = [];
    let oldestMs = Number.POSITIVE_INFINITY;
    for (const queue of this.#lingering) {
      const createdMs = queue.open?.createdMs ?? Number.NEGATIVE_INFINITY;
      // Timers fire up to a millisecond early by the monotonic clock.
      if (createdMs > dueMs + 1) {
        staying.push(queue);
        oldestMs = Math.min(oldestMs, createdMs);
        continue;
      }
      queue.isLingering = false;
      this.close(queue);
    }
    this.#lingering = staying;
    this.#lingerTimer = null;
    if (staying.length === 0) return;
    const waitMs = Math.max(1, oldestMs - dueMs);
    this.#lingerTimer = setTimeout(() => this.#onLinger(), waitMs);
  }
}
