import type { Clock } from '../../base/clock.ts';
import { reasonOf } from '../../base/errors.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import type { Logger } from '../../base/logger.ts';
import { NO_GUARD } from '../../base/no-guard.ts';
import type { CoordinatorKind } from '../../coordination/coordinator-kind.ts';
import type { CoordinatorCall, CoordinatorShard } from '../../coordination/coordinator-shard.ts';
import type { Answer, Effects, ProducerStamp } from '../../coordination/effects.ts';
import type { EndMarker, MarkerWrite } from '../../coordination/end-marker.ts';
import type { Partition } from '../../partition/partition.ts';
import type { HostedPartition } from '../partition-host.ts';
import { EffectsWriter } from './effects-writer.ts';
import { MarkerWaiter } from './marker-waiter.ts';
import { ShardLoader } from './shard-loader.ts';
import type { Waiter } from './waiter.ts';

/**
 * The bytes of one loading step, so that the worker's other partitions go on while a large log
 * loads.
 */
const LOAD_STEP_BYTES = 4 * 1024 * 1024;
const RELOAD_PAUSE_MS = 1000;
/**
 * A shard that failed is loaded anew after this time also where no request comes: transactions that
 * it has decided wait for their markers, and those that are open for their time-outs.
 */
const RELOAD_UNASKED_MS = 5000;
/** How often it is looked whether enough replicas are in sync again. */
const HOLD_MS = 500;
/** The log refuses the marker of an older producer or coordinator and stays as it is. */
const FENCED: ReadonlySet<number> = new Set([
  ERROR.INVALID_PRODUCER_EPOCH,
  ERROR.TRANSACTION_COORDINATOR_FENCED,
]);

export interface CoordinatorPartitionServices {
  readonly clock: Clock;
  readonly logger: Logger;
  /** Clients wait no longer for replicas on other brokers. */
  readonly answerLimitMs: number;
  /** Null where the log will not open. */
  open(slot: number): Partition | null;
  /** Records were appended: publish them and sync what needs it. */
  appended(hosted: HostedPartition): void;
  /** Loading or a step made work for `flush` or `stepLoading`. */
  touched(partition: CoordinatorPartition): void;
}

/** A loaded shard and what writes its effects. */
interface Loaded<Shard> {
  readonly shard: Shard;
  readonly writer: EffectsWriter;
}

/**
 * One partition of a coordinator's topic. Its shard decides; this class loads the shard from the
 * log, has its effects written, and answers. It loads the shard anew when a step or a write failed.
 */
export class CoordinatorPartition<Shard extends CoordinatorShard = CoordinatorShard> {
  readonly kind: CoordinatorKind<Shard>;
  readonly hosted: HostedPartition;
  readonly #services: CoordinatorPartitionServices;
  #partition: Partition | null = null;
  #loading: Loaded<Shard> | null = null;
  #loader: ShardLoader | null = null;
  #loaded: Loaded<Shard> | null = null;
  #loadAfterMs = 0;
  /** When it is loaded without a request; Infinity where nothing has failed. */
  #reloadDueMs = Number.POSITIVE_INFINITY;
  /** Requests that have no answer yet, by ticket. */
  readonly #waiters = new Map<number, Waiter>();
  /** Too few replicas are in sync: nothing that is due is done before that time. */
  #heldUntilMs = Number.NEGATIVE_INFINITY;
  /** Tickets that no client has are negative. */
  #ownTicket = -1;

  constructor(
    kind: CoordinatorKind<Shard>,
    hosted: HostedPartition,
    services: CoordinatorPartitionServices,
  ) {
    this.kind = kind;
    this.hosted = hosted;
    this.#services = services;
  }

  /** The shard is in memory, and requests are answered. */
  get isLoaded(): boolean {
    return this.#loaded !== null;
  }

  get isLoading(): boolean {
    return this.#loader !== null;
  }

  get shard(): Shard | null {
    return this.#loaded?.shard ?? null;
  }

  get nextDeadlineMs(): number {
    const loaded = this.#loaded;
    if (loaded !== null) return Math.min(this.#stepDueMs(loaded), this.#answersDueMs(loaded));
    return this.isLoading ? Number.POSITIVE_INFINITY : this.#reloadDueMs;
  }

  #stepDueMs({ shard }: Loaded<Shard>): number {
    return Math.max(shard.nextDeadlineMs(), this.#heldUntilMs);
  }

  /** Until when replicas on other brokers must have what clients wait for. */
  #answersDueMs({ writer }: Loaded<Shard>): number {
    const { answerLimitMs } = this.#services;
    if (this.#partition!.role.replication === null) return Number.POSITIVE_INFINITY;
    return writer.waitsSinceMs + answerLimitMs;
  }

  /** Too few replicas are in sync, so that nothing may be appended. */
  get #lacksReplicas(): boolean {
    return this.#partition?.role.lacksReplicas === true;
  }

  /** A request of this worker's own, such as one that several partitions answer. */
  newTicket(): number {
    this.#ownTicket--;
    return this.#ownTicket;
  }

  handle(call: CoordinatorCall, waiter: Waiter): void {
    let error = this.load();
    // The shard must not come to be ahead of the log.
    if (this.#lacksReplicas && this.kind.writes(call.apiKey)) {
      error ||= ERROR.COORDINATOR_NOT_AVAILABLE;
    }
    if (error !== 0) {
      waiter.refuse(error);
      return;
    }
    this.#waiters.set(call.ticket, waiter);
    this.run((shard, nowMs, wallMs) => shard.handle(call, nowMs, wallMs), call.guard);
  }

  /** A transaction that wrote into this partition ends, as its coordinator says. */
  endTransaction(marker: EndMarker, onWritten: (errorCode: number) => void): void {
    const error = this.load() || (this.#lacksReplicas ? ERROR.NOT_ENOUGH_REPLICAS : 0);
    if (error !== 0) {
      onWritten(error);
      return;
    }
    const { shard, writer } = this.#loaded!;
    const ticket = this.newTicket();
    this.#waiters.set(ticket, new MarkerWaiter(onWritten));
    this.#services.touched(this);
    const failure = writer.appendMarker(marker, ticket);
    if (failure === 0) shard.endTransaction(marker.producerId, marker.isCommit);
    else if (FENCED.has(failure)) this.#refuse(ticket, failure);
    else this.#fail();
  }

  /**
   * One step of the shard, which must be loaded. A step that throws is a defect of ours: the shard
   * is loaded anew, and the worker's other partitions do not notice.
   */
  run(step: (shard: Shard, nowMs: number, wallMs: number) => Effects, guard = NO_GUARD): void {
    const { clock, logger } = this.#services;
    const { shard, writer } = this.#loaded!;
    this.#services.touched(this);
    try {
      const effects = step(shard, clock.monotonicMs(), clock.wallMs());
      if (!this.#take(effects, shard, writer, guard)) this.#fail();
    } catch (thrown) {
      const stack = thrown instanceof Error ? thrown.stack : String(thrown);
      logger.error(`a coordinator of ${this.kind.holds} failed: ${stack}`);
      this.#fail();
    }
  }

  /** False where the records could not be appended. */
  #take(effects: Effects, shard: Shard, writer: EffectsWriter, guard: number): boolean {
    const { producer, records, responses } = effects;
    if (producer === null) return writer.take(effects) === 0;
    const refusal = records.length === 0 ? 0 : this.#producerError(producer, guard);
    if (refusal !== 0) {
      for (const { ticket } of responses) this.#refuse(ticket, refusal);
      return true;
    }
    if (writer.takeOfProducer(effects, producer) !== 0) return false;
    for (const { key, value } of records) shard.replay(key, value, producer.producerId);
    return true;
  }

  /** Records of a transaction that its coordinator does not know of would never be ended. */
  #producerError({ producerId, producerEpoch }: ProducerStamp, guard: number): number {
    const partition = this.#partition!;
    if (partition.isFenced(producerId, producerEpoch)) return ERROR.INVALID_PRODUCER_EPOCH;
    const isVerified = partition.isVerified(producerId, producerEpoch, guard);
    return isVerified ? 0 : ERROR.INVALID_TXN_STATE;
  }

  /** Loads the shard, a small log at once. Returns 0 or the error for a request that comes now. */
  load(): number {
    if (this.isLoaded) return 0;
    const error = this.#loader === null ? this.#startLoading() : 0;
    if (error !== 0) return error;
    this.stepLoading();
    if (this.isLoading) this.#services.touched(this);
    if (this.isLoaded) return 0;
    return this.isLoading ? ERROR.COORDINATOR_LOAD_IN_PROGRESS : ERROR.COORDINATOR_NOT_AVAILABLE;
  }

  /** 0, or why the shard cannot be loaded now. */
  #startLoading(): number {
    const { clock, open } = this.#services;
    if (clock.monotonicMs() < this.#loadAfterMs) return ERROR.COORDINATOR_NOT_AVAILABLE;
    this.#reloadDueMs = Number.POSITIVE_INFINITY;
    const partition = open(this.hosted.slot);
    if (partition?.refusal === ERROR.NOT_LEADER_OR_FOLLOWER) return ERROR.NOT_COORDINATOR;
    if (partition === null || partition.refusal !== 0) {
      this.#reloadDueMs = clock.monotonicMs() + RELOAD_UNASKED_MS;
      return ERROR.COORDINATOR_NOT_AVAILABLE;
    }
    const shard = this.kind.newShard(partition.leaderEpoch);
    const writer = new EffectsWriter(this.hosted, partition, clock, {
      appended: () => this.#services.appended(this.hosted),
      send: (answers) => this.#send(answers),
      writeMarkers: (markers) => this.#writeMarkers(markers, shard),
    });
    this.#partition = partition;
    this.#loading = { shard, writer };
    this.#loader = new ShardLoader(partition.log, shard);
    return 0;
  }

  stepLoading(): void {
    const loader = this.#loader;
    if (loader === null) return;
    const { logger } = this.#services;
    try {
      if (!loader.isDone) loader.step(LOAD_STEP_BYTES);
    } catch (thrown) {
      logger.error(`the ${this.#name} cannot be loaded: ${reasonOf(thrown)}`);
      this.#unload();
      return;
    }
    if (!loader.isDone) return;
    this.#loader = null;
    this.#loaded = this.#loading;
    this.#loading = null;
    this.run((shard, nowMs, wallMs) => shard.onLoaded(nowMs, wallMs));
  }

  tick(nowMs: number): void {
    const loaded = this.#loaded;
    if (loaded === null ? this.nextDeadlineMs > nowMs : !this.#isStepDue(loaded, nowMs)) return;
    if (this.load() !== 0) return;
    if (this.#lacksReplicas) {
      this.#heldUntilMs = nowMs + HOLD_MS;
      return;
    }
    this.run((shard, now, wallMs) => shard.tick(now, wallMs));
  }

  /** Also answers those who have waited for other replicas for too long. */
  #isStepDue(loaded: Loaded<Shard>, nowMs: number): boolean {
    if (this.#answersDueMs(loaded) <= nowMs) {
      const untilMs = nowMs - this.#services.answerLimitMs;
      for (const ticket of loaded.writer.takeBack(untilMs)) {
        this.#refuse(ticket, ERROR.COORDINATOR_NOT_AVAILABLE);
      }
    }
    return this.#stepDueMs(loaded) <= nowMs;
  }

  /** The client is gone: neither a parked nor a finished answer may be sent any more. */
  drop(ticket: number): void {
    this.shard?.drop(ticket);
    if (this.#waiters.delete(ticket)) this.#loaded?.writer.drop(ticket);
  }

  /** Appends the gathered records, then answers; with group commit once the records are on disk. */
  flush(): void {
    const loaded = this.#loaded;
    if (loaded !== null && loaded.writer.flush() !== 0) this.#fail();
  }

  /** The high watermark moved, or the log failed. */
  onSynced(): void {
    if (this.#partition === null) return;
    if (this.#partition.offlineReason !== '') this.#fail();
    else this.#loaded?.writer.keepPromises();
  }

  /** The partition leaves this broker: open requests are refused. */
  close(): void {
    const loaded = this.#loaded;
    this.#unload();
    this.#reloadDueMs = Number.POSITIVE_INFINITY;
    if (loaded !== null) this.#send(loaded.shard.unload().responses);
    this.#refuseAll(ERROR.NOT_COORDINATOR);
  }

  #send(answers: readonly Answer[]): void {
    for (const { ticket, body } of answers) {
      const waiter = this.#waiters.get(ticket);
      if (waiter === undefined) continue;
      this.#waiters.delete(ticket);
      waiter.answer(body);
    }
  }

  /** An outcome for a shard that is no longer there is dropped: the next one asks again. */
  #writeMarkers(markers: readonly MarkerWrite[], shard: Shard): void {
    for (const marker of markers) {
      this.kind.writeMarker!(marker, (errorCode) => {
        if (this.shard !== shard) return;
        this.run((_, nowMs, wallMs) => {
          return shard.onMarkerWritten!(marker, errorCode, nowMs, wallMs);
        });
      });
    }
  }

  #refuse(ticket: number, errorCode: number): void {
    const waiter = this.#waiters.get(ticket);
    if (waiter === undefined) return;
    this.#waiters.delete(ticket);
    waiter.refuse(errorCode);
  }

  #refuseAll(errorCode: number): void {
    for (const ticket of [...this.#waiters.keys()]) this.#refuse(ticket, errorCode);
  }

  /** The shard in memory is ahead of the log: the next request loads it anew. */
  #fail(): void {
    this.#services.logger.error(`the ${this.#name} are loaded anew`);
    this.#unload();
    this.#refuseAll(ERROR.COORDINATOR_NOT_AVAILABLE);
  }

  #unload(): void {
    this.#loaded = null;
    this.#loading = null;
    this.#loader = null;
    this.#partition = null;
    const nowMs = this.#services.clock.monotonicMs();
    this.#loadAfterMs = nowMs + RELOAD_PAUSE_MS;
    this.#reloadDueMs = nowMs + RELOAD_UNASKED_MS;
    this.#services.touched(this);
  }

  get #name(): string {
    const { topic, index } = this.hosted;
    return `${this.kind.holds} of ${topic}-${index}`;
  }
}
