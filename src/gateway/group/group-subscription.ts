import { ERROR, errorName, isRetriable } from '../../base/kafka-errors.ts';
import type { PartitionMirror } from '../../front/partitions/partition-mirror.ts';
import { API } from '../../protocol/api-keys.ts';
import { CommandError } from '../command/command-error.ts';
import { badValue, Fields } from '../command/fields.ts';
import type { Cursor } from '../stream/cursor.ts';
import type { Position } from '../stream/position.ts';
import { partitionKey, positionOf, type StartPoint } from '../stream/start-point.ts';
import type { Start } from '../stream/start-resolver.ts';
import { positionRow, positionRows, type StreamHub } from '../stream/stream-hub.ts';
import type { Subscription } from '../stream/subscription.ts';
import type { TopicChoice } from '../stream/topic-choice.ts';
import type { GroupCoordinator } from './group-coordinator.ts';
import { type AssignmentOwner, GroupMember, type TopicPartitions } from './group-member.ts';
import type { GroupRegister } from './group-register.ts';

const FETCH_VERSION = 9;
const COMMIT_VERSION = 9;
const NOT_COMMITTED = -1;

/** Sends the client an event of its subscription. */
export type TellClient = (event: Readonly<Record<string, unknown>>) => void;

interface GroupStarts {
  readonly again: readonly Start[];
  readonly first: readonly Start[];
}

const NO_STARTS: GroupStarts = { again: [], first: [] };

/** A subscription whose partitions are assigned by a consumer group. */
export class GroupSubscription implements AssignmentOwner {
  readonly member: GroupMember;
  readonly #coordinator: GroupCoordinator;
  readonly #register: GroupRegister;
  readonly #hub: StreamHub;
  readonly #subscription: Subscription;
  readonly #choice: TopicChoice;
  readonly #from: StartPoint;
  readonly #tell: TellClient;

  constructor(
    coordinator: GroupCoordinator,
    instanceId: string | null,
    memberId: string | null,
    register: GroupRegister,
    hub: StreamHub,
    subscription: Subscription,
    choice: TopicChoice,
    from: StartPoint,
    tell: TellClient,
  ) {
    this.#coordinator = coordinator;
    this.#register = register;
    this.#hub = hub;
    this.#subscription = subscription;
    this.#choice = choice;
    this.#from = from;
    this.#tell = tell;
    this.member = new GroupMember(coordinator, instanceId, memberId, register, this);
  }

  topics(): string[] {
    const names: string[] = [];
    for (const { name, internal } of this.#hub.front.partitions.topics()) {
      if (this.#choice.includes(name, internal)) names.push(name);
    }
    return names;
  }

  keepOnly(assigned: readonly TopicPartitions[]): void {
    const kept = new Set(this.#mirrorsOf(assigned));
    const lost: Cursor[] = [];
    for (const cursor of this.#subscription.cursors.values()) {
      if (!kept.has(cursor.feed.mirror)) lost.push(cursor);
    }
    if (lost.length === 0) return;
    for (const cursor of lost) this.#letGo(cursor);
    const positions = lost.map((cursor) => cursor.toPosition());
    this.#tell({ type: 'revoked', group: this.member.groupId, positions, reason: 'rebalance' });
  }

  #letGo(cursor: Cursor): void {
    this.#register.noteDelivered(this.member.groupId, cursor.feed.mirror, cursor.position);
    this.#subscription.detach(cursor);
  }

  #mirrorsOf(assigned: readonly TopicPartitions[]): PartitionMirror[] {
    return assigned.flatMap(({ topicId, partitions }) => {
      const topic = this.#hub.front.partitions.topicById(topicId);
      return partitions.flatMap((index) => topic?.partitions[index] ?? []);
    });
  }

  /** False while an open transaction may still commit where a partition starts. */
  async assign(assigned: readonly TopicPartitions[], epoch: number): Promise<boolean> {
    const subscription = this.#subscription;
    const mirrors = this.#mirrorsOf(assigned);
    const fresh = mirrors.filter((mirror) => !subscription.reads(mirror));
    const found = fresh.length === 0 ? NO_STARTS : await this.#startsOf(fresh);
    if (found === null) return false;
    if (subscription.closed) return true;
    const { again, first } = found;
    const { groupId, memberId } = this.member;
    const kept = [...subscription.cursors.values()].map(({ feed, position, epoch: last }) => {
      return positionRow(feed.mirror, position, last, subscription.readsCommitted);
    });
    const rows = [
      ...again.map((start) => this.#rowOf(start)),
      ...positionRows(first, subscription.readsCommitted),
    ];
    const positions = [...kept, ...rows];
    const starts = [...again, ...first];
    const event = { type: 'assigned', group: groupId, generation: epoch, member: memberId };
    this.#tell({ ...event, positions });
    for (const { gap } of starts) if (gap !== null) this.#tell({ type: 'gap', ...gap });
    this.#hub.begin(subscription, starts);
    return true;
  }

  /**
   * Records that were delivered and never acknowledged come again, marked as redelivered. After a
   * restart it is not known what was delivered: then all records count as delivered.
   */
  #rowOf({ mirror, offset, epoch, gap }: Start): object {
    const row = positionRow(mirror, offset, epoch, this.#subscription.readsCommitted);
    if (gap?.reason === 'truncation') return row; // the old offsets hold new records
    const { groupId } = this.member;
    const known = this.#register.deliveredTo(groupId, mirror);
    const redelivered = known ?? row.end;
    return redelivered > offset ? { ...row, redelivered } : row;
  }

  /** Starts at the committed offset of the group, or at `from` where it has none. */
  async #startsOf(mirrors: readonly PartitionMirror[]): Promise<GroupStarts | null> {
    const committed = await this.#committed(mirrors);
    if (committed === null) return null;
    const has = (mirror: PartitionMirror) => {
      return committed.has(partitionKey(mirror.topic, mirror.index));
    };
    const known = mirrors.filter(has);
    const unknown = mirrors.filter((mirror) => !has(mirror));
    const point: StartPoint = { kind: 'positions', positions: committed, stream: '' };
    const { starts } = this.#hub;
    const { readsCommitted } = this.#subscription;
    const found = [
      starts.resolve(known, point, readsCommitted),
      starts.resolve(unknown, this.#from, readsCommitted),
    ];
    const [again, first] = await Promise.all(found);
    // Commits before the first delivery. After a restart of the broker the commit shows that there
    // may have been deliveries.
    if (first!.length > 0) await this.#commit(first!.map((start) => positionAt(start)));
    return { again: again!, first: first! };
  }

  /** null while an offset is not stable. */
  async #committed(mirrors: readonly PartitionMirror[]): Promise<Map<string, Position> | null> {
    const indexes = new Map<string, number[]>();
    for (const { topic, index } of mirrors) {
      indexes.set(topic, [...(indexes.get(topic) ?? []), index]);
    }
    const { groupId, memberId, epoch } = this.member;
    const topics = [...indexes].map(([name, partitionIndexes]) => ({ name, partitionIndexes }));
    const answer = await this.#coordinator.ask(API.OFFSET_FETCH, FETCH_VERSION, {
      groups: [{ groupId, memberId, memberEpoch: epoch, topics }],
      requireStable: true,
    });
    const group = answer.groups[0];
    if (group === undefined || group.errorCode !== 0) {
      throw new CommandError('unavailable', errorName(group?.errorCode ?? -1));
    }
    const committed = new Map<string, Position>();
    for (const { name, partitions } of group.topics) {
      for (const partition of partitions) {
        const { partitionIndex, committedOffset, committedLeaderEpoch, errorCode } = partition;
        if (errorCode === ERROR.UNSTABLE_OFFSET_COMMIT) return null;
        if (errorCode !== 0) throw new CommandError('unavailable', errorName(errorCode));
        if (committedOffset === NOT_COMMITTED) continue;
        const at = {
          topic: name,
          topicId: '',
          partition: partitionIndex,
          offset: committedOffset,
          epoch: committedLeaderEpoch,
        };
        committed.set(partitionKey(name, partitionIndex), at);
      }
    }
    return committed;
  }

  onRefused(reason: string, retry: boolean): void {
    this.#tell({ type: 'ended', code: 'group_failed', message: reason, retry });
  }

  /** Commits the offsets. Each is that of the record to read next. */
  async ack(fields: Fields): Promise<Readonly<Record<string, unknown>>> {
    const list = fields.list('positions');
    if (list === undefined || list.length === 0) throw badValue('positions', 'must be a list');
    const positions = list.map((row, i) => {
      return this.#withEpoch(positionOf(Fields.of(row, `positions.${i}`)));
    });
    const failed = await this.#commit(positions);
    if (failed === 0) return { sub: this.#subscription.sub };
    const retry = isRetriable(failed) || failed === ERROR.STALE_MEMBER_EPOCH;
    throw new CommandError('group_failed', errorName(failed), 'positions', retry);
  }

  /** The first error code in the coordinator's answer; 0 if there is none. */
  async #commit(positions: readonly Position[]): Promise<number> {
    const { groupId, memberId, epoch, instanceId } = this.member;
    const topics = positions.map(({ topic, partition, offset, epoch: committedLeaderEpoch }) => ({
      name: topic,
      partitions: [
        {
          partitionIndex: partition,
          committedOffset: offset,
          committedLeaderEpoch,
          committedMetadata: null,
        },
      ],
    }));
    const answer = await this.#coordinator.ask(API.OFFSET_COMMIT, COMMIT_VERSION, {
      groupId,
      generationIdOrMemberEpoch: epoch,
      memberId,
      groupInstanceId: instanceId,
      topics,
    });
    const errors = answer.topics.flatMap(({ partitions }) => partitions);
    return errors.find(({ errorCode }) => errorCode !== 0)?.errorCode ?? 0;
  }

  /**
   * Adds the leader epoch under which the record was delivered, if the client names none. Whoever
   * resumes there notices by it that a crash lost records.
   */
  #withEpoch(position: Position): Position {
    const { topic, partition, epoch } = position;
    const cursor = this.#subscription.cursors.get(partitionKey(topic, partition));
    if (cursor !== undefined) return epoch < 0 ? { ...position, epoch: cursor.epoch } : position;
    const message = `${topic}-${partition} is not assigned to this member`;
    throw new CommandError('group_failed', message, 'positions');
  }

  close(): void {
    for (const cursor of [...this.#subscription.cursors.values()]) this.#letGo(cursor);
    this.member.close();
  }
}

function positionAt({ mirror, offset, epoch }: Start): Position {
  const { topic, topicId, index } = mirror;
  return { topic, topicId, partition: index, offset, epoch };
}
