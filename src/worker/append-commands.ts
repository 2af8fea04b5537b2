import { failPoint } from '../base/fail-point.ts';
import { ERROR } from '../base/kafka-errors.ts';
import { NO_GUARD } from '../base/no-guard.ts';
import type { FrontProxy } from '../exchange/front-proxy.ts';
import { ACKS_OF_COPY, NO_TICKET } from '../exchange/messages.ts';
import type { MarkerFields } from '../exchange/worker-proxy.ts';
import type { AckWaiters } from '../partition/ack-waiters.ts';
import { LeaderCopy } from '../partition/leader-copy.ts';
import type { Partition } from '../partition/partition.ts';
import type { HostedPartition, PartitionHost } from './partition-host.ts';
import { PartitionSyncs } from './partition-syncs.ts';
import { rejectionOf } from './record-rejections.ts';

const ACKS_ALL = -1;
const NO_OFFSET = -1;
const CREATE_TIME = -1;
const NO_INDEX = 0;
/** To an append that finds no partition, or whose partition goes while it waits. */
const GONE = ERROR.UNKNOWN_TOPIC_OR_PARTITION;

const NO_POSITION = { offset: -1, segmentBase: 0, position: 0 } as const;
const BEGINNING = { offset: 0, segmentBase: 0, position: 0 } as const;
const EMPTY_PARTITION = {
  logStartOffset: 0,
  logEnd: BEGINNING,
  limits: { highWatermark: BEGINNING, lastStable: BEGINNING },
  abortedCount: 0,
} as const;
const UNKNOWN_PARTITION = {
  slot: -1,
  logStartOffset: -1,
  logEnd: NO_POSITION,
  limits: { highWatermark: NO_POSITION, lastStable: NO_POSITION },
  abortedCount: 0,
} as const;

/**
 * The APPEND command. Every outcome carries the partition's new state to the front; appends that
 * nobody waits for are told once a batch.
 */
export class AppendCommands {
  readonly #host: PartitionHost;
  readonly #front: FrontProxy;
  readonly #openOrReport: (slot: number) => Partition | null;
  readonly #syncs: PartitionSyncs;
  /** Partitions with appends since the last `afterBatch`. */
  #touched: HostedPartition[] = [];
  #untold: HostedPartition[] = [];
  appendCount = 0;

  constructor(
    host: PartitionHost,
    front: FrontProxy,
    openOrReport: (slot: number) => Partition | null,
  ) {
    this.#host = host;
    this.#front = front;
    this.#openOrReport = openOrReport;
    this.#syncs = new PartitionSyncs(host);
  }

  append(
    slot: number,
    ticket: number,
    index: number,
    acks: number,
    version: number,
    memory: Buffer,
    at: number,
    length: number,
    wallMs: number,
    guard = NO_GUARD,
  ): void {
    const hosted = this.#host.hosted(slot);
    const partition = hosted?.partition ?? this.#openOrReport(slot);
    if (hosted === undefined || partition === null) {
      this.#refuse(ticket, index, hosted);
      return;
    }
    partition.spaceIsShort = hosted.space.isShort;
    if (acks === ACKS_OF_COPY) {
      const error = copyOfLeader(partition, version, memory, at, length, wallMs);
      this.#touch(hosted);
      this.#front.partition(partition, ticket, index, error, NO_OFFSET, CREATE_TIME);
      return;
    }
    let error =
      acks === ACKS_ALL && partition.role.lacksReplicas
        ? ERROR.NOT_ENOUGH_REPLICAS
        : partition.append(memory, at, length, version, wallMs, guard);
    if (error !== 0 && acks !== 0 && ticket !== NO_TICKET) {
      error = this.#explain(
        error,
        hosted,
        partition,
        ticket,
        index,
        memory,
        at,
        length,
        version,
        wallMs,
      );
    }
    if (failPoint !== null) failPoint('append-before-ack');
    if (error === 0) this.appended(hosted, ticket, index, acks);
    else this.#finish(hosted, partition, ticket, index, error);
  }

  /** The last append of its partition was this one. Its outcome is told, now or once it is safe. */
  appended(hosted: HostedPartition, ticket: number, index: number, acks: number): void {
    this.#touch(hosted);
    const partition = hosted.partition!;
    const { requiredEnd, highWatermark } = partition;
    if (acks === ACKS_ALL && ticket !== NO_TICKET && requiredEnd > highWatermark) {
      const { appendedBaseOffset, appendTimeMs } = partition;
      this.appendCount++;
      hosted.waiters!.add(ticket, index, appendedBaseOffset, appendTimeMs, requiredEnd);
      this.#tellFollowed(hosted, partition);
      return;
    }
    this.#finish(hosted, partition, ticket, index, 0);
  }

  /** An append waits for followers, who read it once the front knows where the log ends. */
  #tellFollowed(hosted: HostedPartition, { role }: Partition): void {
    if (role.replication !== null) this.#tellLater(hosted);
  }

  #finish(
    hosted: HostedPartition,
    partition: Partition,
    ticket: number,
    index: number,
    error: number,
  ): void {
    this.appendCount++;
    const { appendedBaseOffset, appendTimeMs } = partition;
    if (ticket === NO_TICKET) this.#tellLater(hosted);
    else this.#front.partition(partition, ticket, index, error, appendedBaseOffset, appendTimeMs);
  }

  /** The end of a transaction. The front is told when it lies under the high watermark. */
  appendMarker(
    slot: number,
    ticket: number,
    index: number,
    marker: MarkerFields,
    wallMs: number,
  ): void {
    const hosted = this.#host.hosted(slot);
    const partition = hosted?.partition ?? this.#openOrReport(slot);
    if (hosted === undefined || partition === null) {
      this.#refuse(ticket, index, hosted);
      return;
    }
    partition.spaceIsShort = hosted.space.isShort;
    const error = partition.role.lacksReplicas
      ? ERROR.NOT_ENOUGH_REPLICAS
      : partition.appendMarker(
          marker.producerId,
          marker.producerEpoch,
          marker.coordinatorEpoch,
          marker.isCommit,
          marker.transactionVersion,
          wallMs,
        );
    if (failPoint !== null) failPoint('marker-after-append');
    if (error === 0) this.#touch(hosted);
    const { appendedBaseOffset, requiredEnd } = partition;
    if (error === 0 && requiredEnd > partition.highWatermark) {
      hosted.waiters!.add(ticket, index, appendedBaseOffset, CREATE_TIME, requiredEnd);
      this.#tellFollowed(hosted, partition);
      return;
    }
    this.#front.partition(partition, ticket, index, error, appendedBaseOffset, CREATE_TIME);
  }

  /** The outcome of a marker in a coordinator's own partition. */
  markerWritten(slot: number, ticket: number, index: number, errorCode: number): void {
    const state = this.#host.hosted(slot)?.partition ?? UNKNOWN_PARTITION;
    this.#front.partition(state, ticket, index, errorCode, NO_OFFSET, CREATE_TIME);
  }

  /** Where single records are why a batch is refused, the front learns of them first. */
  #explain(
    error: number,
    hosted: HostedPartition,
    partition: Partition,
    ticket: number,
    index: number,
    memory: Buffer,
    at: number,
    length: number,
    version: number,
    wallMs: number,
  ): number {
    if (error !== ERROR.INVALID_RECORD && error !== ERROR.INVALID_TIMESTAMP) return error;
    const name = `${hosted.topic}-${hosted.index}`;
    const rejection = rejectionOf(partition, name, memory, at, length, version, wallMs);
    if (rejection === null) return error;
    this.#front.event({ kind: 'records-refused', slot: hosted.slot, ticket, index, rejection });
    return rejection.errorCode;
  }

  /** A coordinator appended to its own partition. No request at the front waits for it. */
  appendedOwn(hosted: HostedPartition): void {
    this.#touch(hosted);
    this.#tellLater(hosted);
  }

  #refuse(ticket: number, index: number, hosted: HostedPartition | undefined): void {
    if (ticket === NO_TICKET) return;
    const error = hosted === undefined ? GONE : ERROR.KAFKA_STORAGE_ERROR;
    this.#front.partition(UNKNOWN_PARTITION, ticket, index, error, NO_OFFSET, CREATE_TIME);
  }

  #touch(hosted: HostedPartition): void {
    if (hosted.isTouched) return;
    hosted.isTouched = true;
    this.#touched.push(hosted);
  }

  #tellLater(hosted: HostedPartition): void {
    if (hosted.isUntold) return;
    hosted.isUntold = true;
    this.#untold.push(hosted);
  }

  /** Starts the syncs that the batch needs and tells what nobody waits for. */
  afterBatch(nowMs: number): void {
    if (this.#touched.length > 0) this.#finishTouched(nowMs);
    if (this.#untold.length > 0) this.#tellUntold();
  }

  #finishTouched(nowMs: number): void {
    const touched = this.#touched;
    for (let i = 0; i < touched.length; i++) {
      const hosted = touched[i]!;
      hosted.isTouched = false;
      if (hosted.partition === null) continue;
      this.#syncs.start(hosted, nowMs);
      // Nothing will come that they could wait for, or other replicas have come this far.
      const { refusal, role } = hosted.partition;
      if (refusal !== 0 || role.replication !== null)
        this.#settle(hosted.partition, hosted.waiters);
    }
    // Setting the length of an array is dear.
    while (touched.length > 0) touched.pop();
  }

  /** Starts the syncs that are due by time; answers for how long no other will be. */
  runTimers(nowMs: number): number {
    return this.#syncs.runTimers(nowMs);
  }

  /** Settings changed, or the disk failed: what is there may want a sync, or an answer. */
  settle(slots: readonly number[]): void {
    for (const slot of slots) {
      const hosted = this.#host.hosted(slot);
      if (hosted !== undefined && hosted.partition !== null) this.#touch(hosted);
    }
  }

  /** Before partitions are removed: appends that wait for a sync of them are told that they go. */
  abandon(slots: readonly number[]): void {
    for (const slot of slots) {
      this.#host
        .hosted(slot)
        ?.waiters?.refuse(GONE, (ticket, index, error) =>
          this.#front.partition(UNKNOWN_PARTITION, ticket, index, error, NO_OFFSET, CREATE_TIME),
        );
    }
  }

  /** Replicas moved the high watermark. */
  moved(hosted: HostedPartition): void {
    if (hosted.partition !== null) this.#settle(hosted.partition, hosted.waiters);
    this.#touch(hosted);
    this.#tellLater(hosted);
  }

  #tellUntold(): void {
    const untold = this.#untold;
    for (let i = 0; i < untold.length; i++) {
      const hosted = untold[i]!;
      hosted.isUntold = false;
      const { partition } = hosted;
      if (partition !== null) this.tell(partition);
    }
    while (untold.length > 0) untold.pop();
  }

  /** The state of a partition that changed without an append that somebody waits for. */
  tell(partition: Partition): void {
    this.#front.partition(partition, NO_TICKET, NO_INDEX, 0, NO_OFFSET, CREATE_TIME);
  }

  /** The same of a partition whose log is not made yet. */
  tellEmpty(slot: number): void {
    const state = { slot, ...EMPTY_PARTITION };
    this.#front.partition(state, NO_TICKET, NO_INDEX, 0, NO_OFFSET, CREATE_TIME);
  }

  /** The disk answered. */
  synced(slot: number, errno: number): void {
    const hosted = this.#host.hosted(slot);
    const partition = hosted?.partition;
    if (!hosted?.flush || !partition) return;
    const { commit, flush } = hosted;
    const ended = flush.isSyncing ? flush : commit;
    if (errno === 0) ended?.succeed();
    else ended?.fail(`a sync failed with errno ${errno}`);
    this.tell(partition);
    this.#settle(partition, hosted.waiters);
    this.#touch(hosted);
  }

  #settle(partition: Partition, waiters: AckWaiters | null): void {
    waiters?.settle((ticket, index, error, baseOffset, appendTimeMs) =>
      this.#front.partition(partition, ticket, index, error, baseOffset, appendTimeMs),
    );
  }
}

/** Appends what the leader answered in a leader epoch, unless that is over. */
function copyOfLeader(
  partition: Partition,
  leaderEpoch: number,
  memory: Buffer,
  at: number,
  length: number,
  wallMs: number,
): number {
  if (partition.leaderEpoch !== leaderEpoch) return ERROR.FENCED_LEADER_EPOCH;
  return new LeaderCopy(partition).append(memory, at, length, wallMs);
}
