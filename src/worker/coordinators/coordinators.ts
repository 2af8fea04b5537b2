import type { Clock } from '../../base/clock.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import type { Logger } from '../../base/logger.ts';
import { NO_GUARD } from '../../base/no-guard.ts';
import type { CoordinatorKind } from '../../coordination/coordinator-kind.ts';
import type { CoordinatorCall, CoordinatorShard } from '../../coordination/coordinator-shard.ts';
import type { Effects } from '../../coordination/effects.ts';
import type { EndMarker } from '../../coordination/end-marker.ts';
import type { FrontProxy } from '../../exchange/front-proxy.ts';
import { ALL_SLOTS } from '../../exchange/messages.ts';
import type { CoordinateCall } from '../../exchange/worker-proxy.ts';
import type { Partition } from '../../partition/partition.ts';
import { findCodec } from '../../protocol/api-registry.ts';
import type { HostedPartition, PartitionHost } from '../partition-host.ts';
import { ClientWaiter } from './client-waiter.ts';
import { CoordinatorAnswers } from './coordinator-answers.ts';
import {
  CoordinatorPartition,
  type CoordinatorPartitionServices,
} from './coordinator-partition.ts';
import { MergedAnswer } from './merged-answer.ts';

/** Shards that nobody has asked for are loaded this long after the start, which must be quick. */
const LOAD_DELAY_MS = 2000;

export interface CoordinatorServices {
  readonly host: PartitionHost;
  readonly front: FrontProxy;
  readonly clock: Clock;
  readonly logger: Logger;
  open(slot: number): Partition | null;
  appended(hosted: HostedPartition): void;
}

/**
 * The coordinators of one worker, of all kinds: those whose partition of an internal topic the
 * worker owns. The kind follows from the API of a request, and from the topic of a partition.
 */
export class Coordinators {
  readonly #services: CoordinatorServices;
  readonly #answers: CoordinatorAnswers;
  readonly #kindsByTopic = new Map<string, CoordinatorKind>();
  readonly #kindsByApi = new Map<number, CoordinatorKind>();
  readonly #partitions = new Map<number, CoordinatorPartition>();
  readonly #touched = new Set<CoordinatorPartition>();
  readonly #shared: CoordinatorPartitionServices;
  readonly #loadAllAfterMs: number;
  #allAsked = false;
  #someLoad = false;
  #nextDeadlineMs = Number.POSITIVE_INFINITY;

  constructor(services: CoordinatorServices) {
    const { clock, logger, front } = services;
    this.#services = services;
    this.#answers = new CoordinatorAnswers(front, logger);
    this.#loadAllAfterMs = clock.monotonicMs() + LOAD_DELAY_MS;
    this.#shared = {
      clock,
      logger,
      answerLimitMs: services.host.replication.answerLimitMs,
      open: (slot) => services.open(slot),
      appended: (hosted) => services.appended(hosted),
      touched: (partition) => this.#touch(partition),
    };
  }

  add(kind: CoordinatorKind): void {
    this.#kindsByTopic.set(kind.topic, kind);
    for (const apiKey of kind.apiKeys) this.#kindsByApi.set(apiKey, kind);
  }

  isTopic(name: string): boolean {
    return this.#kindsByTopic.has(name);
  }

  coordinate(ticket: number, received: CoordinateCall): void {
    const { slot, apiKey, clientId, clientHost, guard = NO_GUARD } = received;
    const kind = this.#kindsByApi.get(apiKey);
    const request = kind === undefined ? null : decode(received, kind.keepsBytes(apiKey));
    if (kind === undefined || request === null) {
      // The front closes the connection and says why.
      this.#answers.refuse(ticket);
      return;
    }
    const context = { clientId, clientHost };
    const call = { ticket, apiKey, version: received.apiVersion, request, context, guard };
    const client = new ClientWaiter(call, kind, this.#answers);
    if (slot === ALL_SLOTS) {
      this.#askAll(kind, call, client);
      return;
    }
    const partition = this.#partitionOf(slot);
    if (partition?.kind !== kind) client.refuse(ERROR.NOT_COORDINATOR);
    else partition.handle(call, client);
  }

  #askAll(kind: CoordinatorKind, call: CoordinatorCall, client: ClientWaiter): void {
    const partitions = [...this.all(kind)];
    const merged = new MergedAnswer(call, kind, client, partitions.length);
    for (const partition of partitions) {
      partition.handle({ ...call, ticket: partition.newTicket() }, merged);
    }
  }

  drop(slot: number, ticket: number): void {
    this.#partitions.get(slot)?.drop(ticket);
  }

  /** The end of a transaction for a partition that a coordinator keeps its state in. */
  endTransaction(slot: number, marker: EndMarker, onWritten: (errorCode: number) => void): void {
    const partition = this.#partitionOf(slot);
    if (partition === null) onWritten(ERROR.NOT_COORDINATOR);
    else partition.endTransaction(marker, onWritten);
  }

  /** These partitions leave this broker: open requests are refused. */
  close(slots: readonly number[]): void {
    for (const slot of slots) {
      this.#partitions.get(slot)?.close();
      this.#partitions.delete(slot);
    }
  }

  /** The partition is led here from now on: what it holds is loaded, if it holds something. */
  onElected(slot: number): void {
    const hosted = this.#services.host.hosted(slot);
    if (hosted === undefined || !this.isTopic(hosted.topic) || isEmpty(hosted)) return;
    const partition = this.#partitionOf(slot)!;
    partition.load();
    this.#touch(partition);
  }

  /** Appends what the drained batch of requests wrote, and answers them. */
  afterBatch(): void {
    if (this.#touched.size === 0) return;
    for (const partition of this.#touched) {
      partition.flush();
      this.#nextDeadlineMs = Math.min(this.#nextDeadlineMs, partition.nextDeadlineMs);
    }
    this.#touched.clear();
  }

  onSynced(slot: number): void {
    this.#partitions.get(slot)?.onSynced();
  }

  /** Returns after how many milliseconds there is something to do. */
  runTimers(nowMs: number): number {
    const idleMs = this.#loadUnasked(nowMs);
    if (nowMs >= this.#nextDeadlineMs) {
      this.#nextDeadlineMs = Number.POSITIVE_INFINITY;
      for (const partition of this.#partitions.values()) {
        partition.tick(nowMs);
        this.#touch(partition);
      }
    }
    this.afterBatch();
    return Math.min(idleMs, Math.max(0, this.#nextDeadlineMs - nowMs));
  }

  /** Timeouts and expiry run for all shards, also for those that nobody has asked for yet. */
  #loadUnasked(nowMs: number): number {
    if (nowMs < this.#loadAllAfterMs) return this.#loadAllAfterMs - nowMs;
    if (!this.#allAsked) {
      this.#allAsked = true;
      for (const kind of this.#kindsByTopic.values()) {
        for (const partition of this.all(kind)) {
          if (!partition.isLoaded && !partition.isLoading) partition.load();
          this.#touch(partition);
        }
      }
    }
    if (!this.#someLoad) return Number.POSITIVE_INFINITY;
    for (const partition of this.#partitions.values()) {
      if (!partition.isLoading) continue;
      partition.stepLoading();
      this.#touch(partition);
      return 0;
    }
    this.#someLoad = false;
    return Number.POSITIVE_INFINITY;
  }

  /** Blocks until all shards of this kind are loaded that can be. */
  loadAll(kind: CoordinatorKind): void {
    for (const partition of this.all(kind)) {
      partition.load();
      while (partition.isLoading) partition.stepLoading();
      this.#touch(partition);
    }
  }

  /** Runs a step on every shard of this kind that is loaded, or is small enough to be now. */
  runOnAll<Shard extends CoordinatorShard>(
    kind: CoordinatorKind<Shard>,
    step: (shard: Shard, nowMs: number, wallMs: number) => Effects,
  ): void {
    for (const partition of this.all(kind)) {
      if (partition.load() === 0) partition.run(step);
    }
  }

  /** The shards of this kind that are loaded. */
  *shards<Shard extends CoordinatorShard>(kind: CoordinatorKind<Shard>): Iterable<Shard> {
    for (const partition of this.all(kind)) {
      if (partition.shard !== null) yield partition.shard;
    }
  }

  #touch(partition: CoordinatorPartition): void {
    this.#touched.add(partition);
    if (partition.isLoading) this.#someLoad = true;
  }

  #partitionOf(slot: number): CoordinatorPartition | null {
    const known = this.#partitions.get(slot);
    if (known !== undefined) return known;
    const hosted = this.#services.host.hosted(slot);
    const kind = hosted && this.#kindsByTopic.get(hosted.topic);
    if (kind === undefined) return null;
    const partition = new CoordinatorPartition(kind, hosted!, this.#shared);
    this.#partitions.set(slot, partition);
    return partition;
  }

  /**
   * The partitions that may hold something: a log that was never opened and has no end is empty.
   */
  *all<Shard extends CoordinatorShard>(
    kind: CoordinatorKind<Shard>,
  ): Iterable<CoordinatorPartition<Shard>> {
    for (const hosted of this.#services.host.partitions()) {
      const { slot, topic } = hosted;
      if (topic !== kind.topic) continue;
      if (isEmpty(hosted) && !this.#partitions.has(slot)) continue;
      yield this.#partitionOf(slot) as unknown as CoordinatorPartition<Shard>;
    }
  }
}

/** Such a log was never opened, and its checkpoint tells of no records. */
function isEmpty({ partition, recoveryPoint }: HostedPartition): boolean {
  return partition === null && recoveryPoint === 0;
}

/** Null where the bytes are no request. Bytes that the shard keeps are copied out of the ring. */
function decode({ apiKey, apiVersion, body }: CoordinateCall, keepsBytes: boolean): object | null {
  const bytes = keepsBytes ? Buffer.from(body) : body;
  try {
    const decoder = findCodec(apiKey)!.request.decoder(apiVersion);
    return decoder(bytes, 0, bytes.length) as object;
  } catch {
    return null;
  }
}
