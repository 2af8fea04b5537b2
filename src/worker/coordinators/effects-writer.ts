import type { Clock } from '../../base/clock.ts';
import { failPoint } from '../../base/fail-point.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import type {
  Answer,
  CoordinatorRecord,
  Effects,
  ProducerStamp,
} from '../../coordination/effects.ts';
import type { EndMarker, MarkerWrite } from '../../coordination/end-marker.ts';
import type { Partition } from '../../partition/partition.ts';
import { BatchBuilder } from '../../records/batch-builder.ts';
import type { HostedPartition } from '../partition-host.ts';

/** A batch is closed behind the step that takes it over this. */
const BATCH_BYTES_MAX = 256 * 1024;
/** A longer step becomes several batches. A kill may leave only some of these. */
const STEP_BYTES_MAX = 4 * 1024 * 1024;

/** The answers and markers of steps. They wait until `requiredEnd` is under the high watermark. */
interface Promised {
  readonly requiredEnd: number;
  /** TAKEN_BACK once no client waits for it. */
  readonly sinceMs: number;
  readonly answers: readonly Answer[];
  readonly markers: readonly MarkerWrite[];
}

const TAKEN_BACK = Number.POSITIVE_INFINITY;

export interface PromiseKeeper {
  /** Records were appended: publish them and sync what needs it. */
  appended(): void;
  send(answers: readonly Answer[]): void;
  writeMarkers(markers: readonly MarkerWrite[]): void;
}

/**
 * Writes the effects of a shard's steps into its log and keeps their order: first the records, and
 * when these lie under the high watermark the answers and the markers. What several steps of a
 * drained batch write is one record batch. Its methods return a wire error, 0 where all went well;
 * after another one the shard is ahead of its log and must be dropped, and the writer with it.
 */
export class EffectsWriter {
  readonly #hosted: HostedPartition;
  readonly #partition: Partition;
  readonly #clock: Clock;
  readonly #keeper: PromiseKeeper;
  #builder = new BatchBuilder();
  #answers: Answer[] = [];
  #markers: MarkerWrite[] = [];
  #promised: Promised[] = [];

  constructor(hosted: HostedPartition, partition: Partition, clock: Clock, keeper: PromiseKeeper) {
    this.#hosted = hosted;
    this.#partition = partition;
    this.#clock = clock;
    this.#keeper = keeper;
  }

  /** Takes the effects of a step without a producer. */
  take({ records, responses, markers }: Effects): number {
    const stepBytesMax = Math.min(STEP_BYTES_MAX, this.#hosted.settings.segmentBytes / 2);
    for (const { key, value } of records) {
      this.#builder.append(this.#clock.wallMs(), key, value);
      if (this.#builder.sizeInBytes <= stepBytesMax) continue;
      const error = this.flush();
      if (error !== 0) return error;
    }
    this.#promise(responses, markers);
    return this.#builder.sizeInBytes > BATCH_BYTES_MAX ? this.flush() : 0;
  }

  /** Takes a step of a transaction: its records are a batch of their own, of that producer. */
  takeOfProducer({ records, responses, markers }: Effects, producer: ProducerStamp): number {
    if (records.length > 0) {
      const error = this.flush() || this.#appendOfProducer(records, producer);
      if (error !== 0) return error;
    }
    this.#promise(responses, markers);
    return 0;
  }

  /** Appends the end of a transaction; `ticket` is answered when it may be told of. */
  appendMarker(marker: EndMarker, ticket: number): number {
    const flushed = this.flush();
    if (flushed !== 0) return flushed;
    const error = this.#partition.appendMarker(
      marker.producerId,
      marker.producerEpoch,
      marker.coordinatorEpoch,
      marker.isCommit,
      marker.transactionVersion,
      this.#clock.wallMs(),
    );
    if (error !== 0) return error;
    if (failPoint !== null) failPoint('offsets-marker-after-append');
    this.#keeper.appended();
    this.#answers.push({ ticket, body: {} });
    return 0;
  }

  /** Appends what was gathered and keeps the promises that this allows. */
  flush(): number {
    if (this.#builder.count > 0) {
      const batch = this.#builder.build();
      // The buffer that one long step needed is not kept for the short ones after it.
      if (batch.length > 2 * BATCH_BYTES_MAX) this.#builder = new BatchBuilder();
      else this.#builder.reset();
      if (failPoint !== null && this.#markers.length > 0) failPoint('decision-before-write');
      const error = this.#append(batch);
      if (error !== 0) return error;
    }
    if (this.#answers.length === 0 && this.#markers.length === 0) return 0;
    const requiredEnd = this.#partition.logEndOffset;
    const sinceMs = this.#clock.monotonicMs();
    this.#promised.push({ requiredEnd, sinceMs, answers: this.#answers, markers: this.#markers });
    this.#answers = [];
    this.#markers = [];
    this.keepPromises();
    return 0;
  }

  /** The high watermark may have moved. */
  keepPromises(): void {
    const promised = this.#promised;
    while (promised.length > 0 && promised[0]!.requiredEnd <= this.#partition.highWatermark) {
      const { answers, markers } = promised.shift()!;
      this.#keeper.send(answers);
      if (failPoint !== null && markers.length > 0) failPoint('decision-after-write');
      if (markers.length > 0) this.#keeper.writeMarkers(markers);
    }
  }

  /** When the oldest promise was made that clients wait for; Infinity where they wait for none. */
  get waitsSinceMs(): number {
    for (const { sinceMs } of this.#promised) if (sinceMs !== TAKEN_BACK) return sinceMs;
    return Number.POSITIVE_INFINITY;
  }

  /**
   * Takes back the answers to clients that were promised until then, and returns their tickets.
   * What was appended stays, and so do the markers that follow from it.
   */
  takeBack(untilMs: number): number[] {
    const tickets: number[] = [];
    this.#promised = this.#promised.map((promised) => {
      // So are those that were taken back before.
      if (promised.sinceMs > untilMs) return promised;
      const ofClients = promised.answers.filter(({ ticket }) => ticket >= 0);
      for (const { ticket } of ofClients) tickets.push(ticket);
      const answers = promised.answers.filter(({ ticket }) => ticket < 0);
      return { ...promised, sinceMs: TAKEN_BACK, answers };
    });
    return tickets;
  }

  /**
   * Removes the answer to this ticket, because the ticket will soon be used for another request.
   */
  drop(ticket: number): void {
    const isOthers = (answer: Answer) => answer.ticket !== ticket;
    this.#answers = this.#answers.filter(isOthers);
    this.#promised = this.#promised.map((promised) => {
      return { ...promised, answers: promised.answers.filter(isOthers) };
    });
  }

  #promise(answers: readonly Answer[], markers: readonly MarkerWrite[]): void {
    for (const answer of answers) this.#answers.push(answer);
    for (const marker of markers) this.#markers.push(marker);
  }

  #appendOfProducer(records: readonly CoordinatorRecord[], producer: ProducerStamp): number {
    const { producerId, producerEpoch } = producer;
    const wallMs = this.#clock.wallMs();
    // The coordinator is no client: its batches have no sequence of their own, as in Kafka.
    const transactional = { producerId, producerEpoch, baseSequence: 0, transactional: true };
    const builder = new BatchBuilder(transactional);
    for (const { key, value } of records) builder.append(wallMs, key, value);
    return this.#append(builder.build());
  }

  #append(batch: Buffer): number {
    if (batch.length > this.#hosted.settings.segmentBytes) return ERROR.KAFKA_STORAGE_ERROR;
    if (this.#partition.role.lacksReplicas) return ERROR.NOT_ENOUGH_REPLICAS;
    const error = this.#partition.appendOwn(batch, 0, batch.length, this.#clock.wallMs());
    if (error === 0) this.#keeper.appended();
    return error;
  }
}
