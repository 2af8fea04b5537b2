import { randomUUID } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import { reasonOf } from '../base/errors.ts';
import { ERROR } from '../base/kafka-errors.ts';
import type { Logger } from '../base/logger.ts';
import type { Answer, CoordinatorRecord, Effects } from '../coordination/group/effects.ts';
import type { GroupSettings } from '../coordination/group/group-settings.ts';
import { refuseGroupRequest } from '../coordination/group/refusals.ts';
import { GroupShard } from '../coordination/group/shard.ts';
import type { TopicView } from '../coordination/group/topic-view.ts';
import type { Partition } from '../partition/partition.ts';
import { BatchBuilder } from '../records/batch-builder.ts';
import type { CoordinatorAnswers } from './coordinator-answers.ts';
import type { Tenant } from './partition-host.ts';
import { ShardLoader } from './shard-loader.ts';

/** Replayed at a time, so that the worker's other partitions go on while a large log loads. */
const LOAD_STEP_BYTES = 4 * 1024 * 1024;
/** A batch is closed behind the step that takes it over this. */
const BATCH_BYTES_MAX = 256 * 1024;
/** Only longer steps become several batches, of which a kill may leave some. */
const STEP_BYTES_MAX = 4 * 1024 * 1024;
const RELOAD_PAUSE_MS = 1000;

export interface OffsetsServices {
  readonly topics: TopicView;
  readonly settings: GroupSettings;
  readonly answers: CoordinatorAnswers;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Null where the log will not open. */
  open(slot: number): Partition | null;
  /** Records were appended: publish them and sync what needs it. */
  appended(tenant: Tenant): void;
}

/** A request that has no answer yet. */
interface OpenCall {
  readonly apiKey: number;
  readonly version: number;
  readonly request: object;
}

/** Answers that tell of records which are not on disk yet. */
interface HeldAnswers {
  readonly requiredEnd: number;
  readonly answers: readonly Answer[];
}

export interface GroupCall {
  readonly ticket: number;
  readonly apiKey: number;
  readonly version: number;
  readonly request: object;
  readonly clientId: string;
  readonly clientHost: string;
}

/**
 * One partition of `__consumer_offsets` with the groups it holds: the shard decides, and here its
 * records go into the log and its answers to the clients, in this order. What several requests of
 * a drained batch write is one record batch.
 */
export class OffsetsPartition {
  readonly #tenant: Tenant;
  readonly #services: OffsetsServices;
  #partition: Partition | null = null;
  #shard: GroupShard | null = null;
  #loader: ShardLoader | null = null;
  #loadAfterMs = 0;
  readonly #calls = new Map<number, OpenCall>();
  #builder = new BatchBuilder();
  #answers: Answer[] = [];
  #held: HeldAnswers[] = [];

  constructor(tenant: Tenant, services: OffsetsServices) {
    this.#tenant = tenant;
    this.#services = services;
  }

  /** Its groups are in memory and are answered for. */
  get isLoaded(): boolean {
    return this.#shard !== null && this.#loader === null;
  }

  get isLoading(): boolean {
    return this.#loader !== null;
  }

  get shard(): GroupShard | null {
    return this.isLoaded ? this.#shard : null;
  }

  get nextDeadlineMs(): number {
    return this.shard?.nextDeadlineMs() ?? Number.POSITIVE_INFINITY;
  }

  handle(call: GroupCall): void {
    const { ticket, apiKey, version, request, clientId, clientHost } = call;
    this.#calls.set(ticket, { apiKey, version, request });
    const error = this.load();
    if (error !== 0) {
      this.#refuse(ticket, error);
      return;
    }
    const context = { clientId, clientHost };
    this.run((shard, nowMs, wallMs) => {
      return shard.handle(ticket, apiKey, version, request, context, nowMs, wallMs);
    });
  }

  /**
   * One step of the shard, which must be loaded. A step that throws is a defect of ours: the groups
   * of this partition are read anew, and the worker's other partitions do not notice.
   */
  run(step: (shard: GroupShard, nowMs: number, wallMs: number) => Effects): void {
    const { clock, logger } = this.#services;
    try {
      this.#take(step(this.#shard!, clock.monotonicMs(), clock.wallMs()));
    } catch (thrown) {
      const stack = thrown instanceof Error ? thrown.stack : String(thrown);
      logger.error(`a group coordinator failed: ${stack}`);
      this.#fail();
    }
  }

  /** 0, or what a request that comes now is told. A small log is loaded at once. */
  load(): number {
    if (this.isLoaded) return 0;
    if (this.#loader === null && !this.#startLoading()) return ERROR.COORDINATOR_NOT_AVAILABLE;
    this.stepLoading();
    if (this.isLoaded) return 0;
    return this.isLoading ? ERROR.COORDINATOR_LOAD_IN_PROGRESS : ERROR.COORDINATOR_NOT_AVAILABLE;
  }

  #startLoading(): boolean {
    const { topics, settings, clock, open } = this.#services;
    if (clock.monotonicMs() < this.#loadAfterMs) return false;
    const partition = open(this.#tenant.slot);
    if (partition === null || partition.offlineReason !== '') return false;
    this.#partition = partition;
    this.#shard = new GroupShard({ topics, settings, newId: randomUUID });
    this.#loader = new ShardLoader(partition.log, this.#shard);
    return true;
  }

  stepLoading(): void {
    const loader = this.#loader;
    if (loader === null) return;
    const { logger } = this.#services;
    try {
      if (!loader.isDone) loader.step(LOAD_STEP_BYTES);
    } catch (thrown) {
      const { topic, index } = this.#tenant;
      logger.error(`the groups of ${topic}-${index} cannot be loaded: ${reasonOf(thrown)}`);
      this.#unload();
      return;
    }
    if (!loader.isDone) return;
    this.#loader = null;
    this.run((shard, nowMs, wallMs) => shard.onLoaded(nowMs, wallMs));
  }

  tick(nowMs: number): void {
    if (this.nextDeadlineMs > nowMs) return;
    this.run((shard, now, wallMs) => shard.tick(now, wallMs));
  }

  /** Its client is gone: neither a parked nor a held answer may be sent any more. */
  drop(ticket: number): void {
    this.#shard?.drop(ticket);
    if (!this.#calls.delete(ticket)) return;
    // The ticket will soon be another request's.
    this.#answers = this.#answers.filter((answer) => answer.ticket !== ticket);
    this.#held = this.#held.map(({ requiredEnd, answers }) => {
      return { requiredEnd, answers: answers.filter((answer) => answer.ticket !== ticket) };
    });
  }

  #take({ records, responses }: Effects): void {
    const stepBytesMax = Math.min(STEP_BYTES_MAX, this.#tenant.settings.segmentBytes / 2);
    for (const record of records) {
      this.#addRecord(record);
      if (this.#builder.sizeInBytes > stepBytesMax) this.flush();
      if (this.#shard === null) return;
    }
    for (const answer of responses) this.#answers.push(answer);
    if (this.#builder.sizeInBytes > BATCH_BYTES_MAX) this.flush();
  }

  #addRecord({ key, value }: CoordinatorRecord): void {
    this.#builder.append(this.#services.clock.wallMs(), key, value);
  }

  /** Appends what was gathered, then answers; with group commit when it is on disk. */
  flush(): void {
    const partition = this.#partition;
    if (partition === null) return;
    if (this.#builder.count > 0) {
      const batch = this.#builder.build();
      // What one long step took is not kept for the short ones behind it.
      if (batch.length > 2 * BATCH_BYTES_MAX) this.#builder = new BatchBuilder();
      else this.#builder.reset();
      const wallMs = this.#services.clock.wallMs();
      const isTooLarge = batch.length > this.#tenant.settings.segmentBytes;
      if (isTooLarge || partition.appendOwn(batch, 0, batch.length, wallMs) !== 0) {
        this.#fail();
        return;
      }
      this.#services.appended(this.#tenant);
    }
    if (this.#answers.length === 0) return;
    const answers = this.#answers;
    this.#answers = [];
    const isDurable = partition.highWatermark >= partition.logEndOffset;
    if (isDurable && this.#held.length === 0) this.#send(answers);
    else this.#held.push({ requiredEnd: partition.logEndOffset, answers });
  }

  /** A sync ended, well or not. */
  onSynced(): void {
    const partition = this.#partition;
    if (partition === null) return;
    if (partition.offlineReason !== '') {
      this.#fail();
      return;
    }
    while (this.#held.length > 0 && this.#held[0]!.requiredEnd <= partition.highWatermark) {
      this.#send(this.#held.shift()!.answers);
    }
  }

  #send(answers: readonly Answer[]): void {
    for (const { ticket, body } of answers) {
      const call = this.#calls.get(ticket);
      if (call === undefined) continue;
      this.#calls.delete(ticket);
      this.#services.answers.send(ticket, call.apiKey, call.version, body);
    }
  }

  #refuse(ticket: number, errorCode: number): void {
    const { apiKey, version, request } = this.#calls.get(ticket)!;
    this.#calls.delete(ticket);
    const body = refuseGroupRequest(apiKey, version, request, errorCode);
    if (body === null) this.#services.answers.refuse(ticket);
    else this.#services.answers.send(ticket, apiKey, version, body);
  }

  /** The groups in memory are ahead of the log: they are read anew by the next request. */
  #fail(): void {
    const { topic, index } = this.#tenant;
    this.#services.logger.error(`the groups of ${topic}-${index} are loaded anew`);
    for (const ticket of [...this.#calls.keys()]) {
      this.#refuse(ticket, ERROR.COORDINATOR_NOT_AVAILABLE);
    }
    this.#unload();
  }

  #unload(): void {
    this.#shard = null;
    this.#loader = null;
    this.#partition = null;
    this.#answers = [];
    this.#held = [];
    this.#builder.reset();
    this.#loadAfterMs = this.#services.clock.monotonicMs() + RELOAD_PAUSE_MS;
  }
}
