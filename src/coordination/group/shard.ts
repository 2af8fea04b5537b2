import { MillraceError } from '../../base/errors.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type { OffsetCommitRequest } from '../../protocol/schema/08-offset-commit.ts';
import type { OffsetFetchRequest } from '../../protocol/schema/09-offset-fetch.ts';
import type { JoinGroupRequest } from '../../protocol/schema/11-join-group.ts';
import type { HeartbeatRequest } from '../../protocol/schema/12-heartbeat.ts';
import type { LeaveGroupRequest } from '../../protocol/schema/13-leave-group.ts';
import type { SyncGroupRequest } from '../../protocol/schema/14-sync-group.ts';
import type { DescribeGroupsRequest } from '../../protocol/schema/15-describe-groups.ts';
import type { ListGroupsRequest } from '../../protocol/schema/16-list-groups.ts';
import type { TxnOffsetCommitRequest } from '../../protocol/schema/28-txn-offset-commit.ts';
import type { DeleteGroupsRequest } from '../../protocol/schema/42-delete-groups.ts';
import type { OffsetDeleteRequest } from '../../protocol/schema/47-offset-delete.ts';
import type * as consumerHeartbeat from '../../protocol/schema/68-consumer-group-heartbeat.ts';
import type * as consumerDescribe from '../../protocol/schema/69-consumer-group-describe.ts';
import type * as streamsHeartbeat from '../../protocol/schema/88-streams-group-heartbeat.ts';
import type * as streamsDescribe from '../../protocol/schema/89-streams-group-describe.ts';
import type { CoordinatorCall, CoordinatorShard } from '../coordinator-shard.ts';
import type { Effects } from '../effects.ts';
import { joinBody, syncBody } from './classic/classic-bodies.ts';
import type { ClassicGroup } from './classic/classic-group.ts';
import {
  answerJoin,
  answerSync,
  prepareRebalance,
  renewSession,
} from './classic/classic-rebalance.ts';
import { describeConsumerGroups } from './consumer/consumer-describe.ts';
import type { ConsumerGroup } from './consumer/consumer-group.ts';
import type { CoordinatorParts } from './coordinator-state.ts';
import { CoordinatorState } from './coordinator-state.ts';
import { Deadline } from './deadlines.ts';
import { deleteGroups } from './group-deletion.ts';
import { describeGroups, listGroups } from './group-listing.ts';
import type { GroupView } from './group-view.ts';
import { viewGroups } from './group-view.ts';
import { heartbeat, joinGroup, leaveGroup, syncGroup } from './members/classic-requests.ts';
import { renewMember, watchRevocation } from './members/consumer-departure.ts';
import { consumerGroupHeartbeat } from './members/consumer-heartbeat.ts';
import { renewStreamsMember, watchStreamsRevocation } from './members/streams-departure.ts';
import { streamsGroupHeartbeat } from './members/streams-heartbeat.ts';
import { type LoweredOffset, lowerOffsets, persistLowered } from './offsets/lowered-offsets.ts';
import { commitOffsets } from './offsets/offset-commit.ts';
import { fetchOffsets } from './offsets/offset-fetch.ts';
import { deleteOffsets, deleteOffsetsOfTopic, expireOffsets } from './offsets/offset-removal.ts';
import { commitTxnOffsets } from './offsets/txn-offset-commit.ts';
import { replayRecord } from './replay.ts';
import { describeStreamsGroups } from './streams/streams-describe.ts';
import type { StreamsGroup } from './streams/streams-group.ts';

/** The groups of one partition of `__consumer_offsets`. */
export class GroupShard implements CoordinatorShard {
  readonly #state: CoordinatorState;
  readonly #expiry: Deadline;

  constructor(parts: CoordinatorParts) {
    this.#state = new CoordinatorState(parts);
    this.#expiry = new Deadline(() => {
      expireOffsets(this.#state);
      this.#scheduleExpiry();
    });
  }

  /** Takes a request of the group coordinator. Its answer may come with a later step. */
  handle(call: CoordinatorCall, nowMs: number, wallMs: number): Effects {
    this.#state.begin(nowMs, wallMs);
    this.#dispatch(call);
    return this.#state.take();
  }

  /** Does what is due by now. */
  tick(nowMs: number, wallMs: number): Effects {
    const state = this.#state;
    state.begin(nowMs, wallMs);
    persistLowered(state);
    for (;;) {
      const deadline = state.deadlines.takeDue(nowMs);
      if (deadline === null) break;
      deadline.fire();
    }
    return state.take();
  }

  /** The monotonic time of the next `tick` that has something to do, or Infinity. */
  nextDeadlineMs(): number {
    const { offsets, deadlines, nowMs } = this.#state;
    return offsets.hasLowered ? nowMs : deadlines.nextMs();
  }

  /** The client of a parked request is gone: its answer will not be given. */
  drop(ticket: number): void {
    this.#state.drop(ticket);
  }

  /**
   * Loads one record of the log, in order; `producerId` is -1 outside of a transaction. Also for
   * the records of effects with a producer, once they are in the log.
   */
  replay(key: Buffer, value: Buffer | null, producerId = -1): void {
    replayRecord(this.#state, key, value, producerId);
  }

  /** Called for a marker in the log, when the log is loaded and when the marker is written. */
  endTransaction(producerId: number, isCommit: boolean): void {
    this.#state.offsets.endTransaction(producerId, isCommit);
  }

  /** The whole log is replayed. The deadlines of the members begin. */
  onLoaded(nowMs: number, wallMs: number): Effects {
    const state = this.#state;
    state.begin(nowMs, wallMs);
    for (const group of [...state.groups.values()]) {
      if (group.type === 'classic') this.#resumeClassic(group);
      else if (group.type === 'consumer') this.#resumeConsumer(group);
      else this.#resumeStreams(group);
    }
    this.#scheduleExpiry();
    return state.take();
  }

  /** The shard leaves this broker. Parked clients are told to look for the coordinator again. */
  unload(): Effects {
    const state = this.#state;
    for (const group of state.groups.values()) {
      if (group.type !== 'classic') continue;
      for (const member of group.members.values()) {
        answerJoin(state, group, member, (version) =>
          joinBody(version, { memberId: member.memberId, errorCode: ERROR.NOT_COORDINATOR }),
        );
        answerSync(state, member, syncBody({ errorCode: ERROR.NOT_COORDINATOR }));
      }
    }
    state.deadlines.clear();
    state.groups.clear();
    return state.take();
  }

  /** A topic was deleted. The offsets that were committed for it are deleted too. */
  onTopicDeleted(topic: string, topicId: string, nowMs: number, wallMs: number): Effects {
    this.#state.begin(nowMs, wallMs);
    deleteOffsetsOfTopic(this.#state, topic, topicId);
    return this.#state.take();
  }

  /** After a power loss: lowers commits beyond the ends of these logs to their ends. */
  lowerOffsets(lowered: readonly LoweredOffset[], nowMs: number, wallMs: number): Effects {
    this.#state.begin(nowMs, wallMs);
    lowerOffsets(this.#state, lowered);
    return this.#state.take();
  }

  /** All groups, for metrics and tools. The views hold until the next step. */
  groups(): Iterable<GroupView> {
    return viewGroups(this.#state);
  }

  get groupCount(): number {
    return this.#state.groups.size;
  }

  /** Requests that wait for an answer. */
  get parkedCount(): number {
    return this.#state.parkedCount;
  }

  #dispatch({ ticket, apiKey, version, request, context }: CoordinatorCall): void {
    const state = this.#state;
    switch (apiKey) {
      case API.JOIN_GROUP:
        joinGroup(state, { ticket, version, request: request as JoinGroupRequest, context });
        return;
      case API.SYNC_GROUP:
        syncGroup(state, ticket, version, request as SyncGroupRequest);
        return;
      case API.CONSUMER_GROUP_HEARTBEAT: {
        const asked = request as consumerHeartbeat.ConsumerGroupHeartbeatRequest;
        state.answer(ticket, consumerGroupHeartbeat(state, version, asked, context));
        return;
      }
      case API.STREAMS_GROUP_HEARTBEAT: {
        const asked = request as streamsHeartbeat.StreamsGroupHeartbeatRequest;
        state.answer(ticket, streamsGroupHeartbeat(state, asked, context));
        return;
      }
      default:
        state.answer(ticket, this.#answer(apiKey, version, request));
    }
  }

  /** The requests that are always answered at once. */
  #answer(apiKey: number, version: number, request: object): object {
    const state = this.#state;
    switch (apiKey) {
      case API.OFFSET_COMMIT:
        return commitOffsets(state, version, request as OffsetCommitRequest);
      case API.TXN_OFFSET_COMMIT:
        return commitTxnOffsets(state, request as TxnOffsetCommitRequest);
      case API.OFFSET_FETCH:
        return fetchOffsets(state, version, request as OffsetFetchRequest);
      case API.HEARTBEAT:
        return heartbeat(state, request as HeartbeatRequest);
      case API.LEAVE_GROUP:
        return leaveGroup(state, version, request as LeaveGroupRequest);
      case API.DESCRIBE_GROUPS:
        return describeGroups(state, version, request as DescribeGroupsRequest);
      case API.LIST_GROUPS:
        return listGroups(state, request as ListGroupsRequest);
      case API.DELETE_GROUPS:
        return deleteGroups(state, request as DeleteGroupsRequest);
      case API.CONSUMER_GROUP_DESCRIBE:
        return describeConsumerGroups(
          state,
          request as consumerDescribe.ConsumerGroupDescribeRequest,
        );
      case API.STREAMS_GROUP_DESCRIBE:
        return describeStreamsGroups(state, request as streamsDescribe.StreamsGroupDescribeRequest);
      case API.OFFSET_DELETE:
        return deleteOffsets(state, request as OffsetDeleteRequest);
      default:
        throw new MillraceError('MILLRACE_BAD_ARGUMENT', `api ${apiKey} is not a group's`);
    }
  }

  #scheduleExpiry(): void {
    this.#state.schedule(this.#expiry, this.#state.settings.offsetsRetentionCheckIntervalMs);
  }

  #resumeClassic(group: ClassicGroup): void {
    const state = this.#state;
    for (const member of group.members.values()) renewSession(state, group, member);
    // The size limit was lowered. All members must join again, and the last ones are refused.
    if (group.members.size > state.settings.maxSize) prepareRebalance(state, group);
  }

  #resumeConsumer(group: ConsumerGroup): void {
    for (const member of group.members.values()) {
      renewMember(this.#state, group, member);
      watchRevocation(this.#state, group, member);
    }
  }

  #resumeStreams(group: StreamsGroup): void {
    for (const member of group.members.values()) {
      renewStreamsMember(this.#state, group, member);
      watchStreamsRevocation(this.#state, group, member);
    }
  }
}
