import { ERROR } from '../base/kafka-errors.ts';
import type { ControlAnswer, ControlCommand, ControlRefusal } from '../exchange/control.ts';
import type { FrontProxy } from '../exchange/front-proxy.ts';
import type { LogTail } from '../exchange/replica-messages.ts';
import { LeaderCopy } from '../partition/leader-copy.ts';
import type { Partition } from '../partition/partition.ts';
import { NO_BROKER_EPOCH } from '../replication/replication-context.ts';
import type { HostedPartition, PartitionHost } from './partition-host.ts';

const ALONE = -1;
/** What a follower's command cannot do where it leads, or follows in another epoch. */
const OTHER_ROLE: ControlRefusal = {
  error: ERROR.FENCED_LEADER_EPOCH,
  reason: 'the partition has another role or another leader epoch now',
};
const NO_PARTITION: ControlRefusal = {
  error: ERROR.UNKNOWN_TOPIC_OR_PARTITION,
  reason: 'this worker has no such partition',
};
const FAILED: ControlRefusal = {
  error: ERROR.KAFKA_STORAGE_ERROR,
  reason: 'the log cannot be cut: see the log',
};

export interface ReplicaServices {
  readonly host: PartitionHost;
  readonly front: Pick<FrontProxy, 'event'>;
  /** Null where the log will not open. */
  open(slot: number): Partition | null;
  /** The high watermark may have moved, without an append. */
  moved(hosted: HostedPartition): void;
  /** The log of that slot has lost records from its end. */
  cut(slot: number): void;
  /** The front learns the state of the partition before the answer to the command. */
  tell(partition: Partition): void;
  wallMs(): number;
}

/** The commands about replicas on other brokers. */
export class ReplicaCommands {
  readonly #services: ReplicaServices;
  #lagDueMs = 0;

  constructor(services: ReplicaServices) {
    this.#services = services;
  }

  /** Whether brokers live decides who may join the replicas in sync. */
  know(command: ControlCommand<'replication'>): ControlAnswer<'replication'> {
    const { replication } = this.#services.host;
    const byId = new Map(command.brokers.map((broker) => [broker.id, broker] as const));
    replication.nodeId = command.nodeId;
    replication.lagTimeMaxMs = command.lagTimeMaxMs;
    replication.brokers = {
      epochOf: (id) => {
        const broker = byId.get(id);
        return broker === undefined || broker.isFenced ? NO_BROKER_EPOCH : broker.epoch;
      },
      isLeaving: (id) => byId.get(id)?.isLeaving !== false,
    };
    return { error: ERROR.NONE };
  }

  fetched({ fetches }: ControlCommand<'replicas-fetched'>): ControlAnswer<'replicas-fetched'> {
    const { host, open } = this.#services;
    const errors = fetches.map(({ slot, replicaId, brokerEpoch, offset, startOffset }) => {
      const hosted = host.hosted(slot);
      if (hosted === undefined) return ERROR.UNKNOWN_TOPIC_OR_PARTITION;
      const partition = open(slot);
      if (partition === null) return ERROR.KAFKA_STORAGE_ERROR;
      const before = partition.highWatermark;
      const error = partition.replicaFetched(replicaId, brokerEpoch, offset, startOffset);
      this.#tellProposal(hosted);
      if (partition.highWatermark !== before) this.#services.moved(hosted);
      return error;
    });
    return { error: ERROR.NONE, errors };
  }

  /** The controllers' answer to a proposal. One that is not in force any more changes nothing. */
  answered(command: ControlCommand<'in-sync-answered'>): ControlAnswer<'in-sync-answered'> {
    const { slot, leaderEpoch, partitionEpoch, errorCode, decision } = command;
    const hosted = this.#services.host.hosted(slot);
    const replication = hosted?.partition?.role.replication ?? null;
    const pending = replication?.inSync.pending ?? null;
    const isInForce =
      pending?.leaderEpoch === leaderEpoch && pending.partitionEpoch === partitionEpoch;
    const nothing = { error: ERROR.NONE, sendAgain: false } as const;
    if (hosted === undefined || replication === null || pending === null) return nothing;
    if (!isInForce) return nothing;
    if (decision === null) {
      const after = replication.refused(pending, errorCode);
      return { error: ERROR.NONE, sendAgain: after === 'send-again' };
    }
    replication.accepted(pending, decision);
    hosted.partition!.advance();
    this.#services.moved(hosted);
    return nothing;
  }

  /** The front begins to copy these logs from where they end. */
  follow({ followed }: ControlCommand<'follow'>): ControlAnswer<'follow'> {
    const { open, tell } = this.#services;
    const tails = followed.map(({ slot, leaderEpoch }) => {
      const partition = open(slot);
      if (partition === null || !follows(partition, leaderEpoch)) return null;
      tell(partition);
      return tailOf(partition);
    });
    return { error: ERROR.NONE, tails };
  }

  /** Followers learn how far they may be read and what is deleted. */
  leaderSaid({ marks }: ControlCommand<'leader-said'>): ControlAnswer<'leader-said'> {
    const { host, moved, tell, wallMs } = this.#services;
    for (const { slot, leaderEpoch, highWatermark, logStartOffset } of marks) {
      const hosted = host.hosted(slot);
      const partition = hosted?.partition;
      if (hosted === undefined || !partition || !follows(partition, leaderEpoch)) continue;
      partition.learnHighWatermark(highWatermark);
      const isBehind = logStartOffset > partition.logStartOffset;
      if (isBehind && logStartOffset <= partition.highWatermark) {
        partition.log.deleteRecordsBefore(logStartOffset, wallMs());
        partition.logStartMoved();
        tell(partition);
      }
      moved(hosted);
    }
    return { error: ERROR.NONE };
  }

  /** The leader's log is another one behind the end of that epoch. */
  cut({ slot, leaderEpoch, epoch, endOffset }: ControlCommand<'cut'>): ControlAnswer<'cut'> {
    return this.#change(slot, leaderEpoch, (copy, wallMs) => {
      return copy.truncateToEpoch(epoch, endOffset, wallMs);
    });
  }

  cutAt({ slot, leaderEpoch, offset }: ControlCommand<'cut-at'>): ControlAnswer<'cut-at'> {
    return this.#change(slot, leaderEpoch, (copy, wallMs) => copy.truncateTo(offset, wallMs));
  }

  beginAnew(command: ControlCommand<'begin-anew'>): ControlAnswer<'begin-anew'> {
    const { slot, leaderEpoch, offset } = command;
    return this.#change(slot, leaderEpoch, (copy, wallMs) => copy.startAnewAt(offset, wallMs));
  }

  #change(
    slot: number,
    leaderEpoch: number,
    change: (copy: LeaderCopy, wallMs: number) => number,
  ): ControlAnswer<'cut'> {
    const { host, open, moved, tell, wallMs } = this.#services;
    const hosted = host.hosted(slot);
    if (hosted === undefined) return NO_PARTITION;
    const partition = open(slot);
    if (partition === null) return FAILED;
    if (!follows(partition, leaderEpoch)) return OTHER_ROLE;
    const error = change(new LeaderCopy(partition), wallMs());
    this.#services.cut(slot);
    moved(hosted);
    if (error !== 0) return FAILED;
    tell(partition);
    return { error: ERROR.NONE, ...tailOf(partition) };
  }

  /** Who lags for too long is proposed to leave. Answers for how long nothing is due. */
  runTimers(nowMs: number): number {
    const { host, moved } = this.#services;
    const { replication } = host;
    if (replication.nodeId === ALONE) return Number.POSITIVE_INFINITY;
    if (nowMs >= this.#lagDueMs) {
      this.#lagDueMs = nowMs + replication.lagTimeMaxMs / 2;
      for (const hosted of host.partitions()) {
        const { partition } = hosted;
        const leading = partition?.role.replication ?? null;
        if (partition === null || leading === null) continue;
        leading.shrinking(partition.logEndOffset);
        this.#tellProposal(hosted);
        // The high watermark waits no more for who is not in sync and does not come near either.
        const before = partition.highWatermark;
        partition.advance();
        if (partition.highWatermark !== before) moved(hosted);
      }
    }
    return this.#lagDueMs - nowMs;
  }

  /** Each proposal is told once. The front sends it to the controllers until they answer. */
  #tellProposal(hosted: HostedPartition): void {
    const pending = hosted.partition?.role.replication?.inSync.pending ?? null;
    if (pending === hosted.toldProposal) return;
    hosted.toldProposal = pending;
    if (pending === null) return;
    this.#services.front.event({ kind: 'in-sync-proposed', slot: hosted.slot, proposal: pending });
  }
}

function tailOf({ log }: Partition): LogTail {
  return { logEndOffset: log.logEndOffset, latestEpoch: log.epochs.latest };
}

function follows({ role }: Partition, leaderEpoch: number): boolean {
  return !role.isLeader && role.epoch === leaderEpoch;
}
