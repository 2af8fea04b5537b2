import { inBackground } from '../../../base/in-background.ts';
import { ERROR } from '../../../base/kafka-errors.ts';
import { API } from '../../../protocol/api-keys.ts';
import type { JoinGroupResponse } from '../../../protocol/schema/11-join-group.ts';
import { isKafkaError, KafkaError, toKafkaError } from '../../errors/kafka-error.ts';
import type { ClusterLink } from '../../metadata/cluster-link.ts';
import { BackOff } from '../../net/back-off.ts';
import type { AskBody } from '../../net/connection-settings.ts';
import { pause } from '../../net/pause.ts';
import { within } from '../../net/within.ts';
import { partitionName, type TopicPartition } from '../../topic-partition.ts';
import type { AnyAssignor } from '../assign/assignor.ts';
import {
  CONSUMER_PROTOCOL_TYPE,
  decodeAssignment,
  encodeAssignment,
  encodeSubscription,
} from '../assign/consumer-protocol.ts';
import type { ConsumerSettings } from '../consumer-options.ts';
import { News } from '../news.ts';
import type { GroupIdentity } from '../offsets/group-offsets.ts';
import { CoordinatorLane } from './coordinator-lane.ts';
import { LeaderDuty } from './leader-duty.ts';
import type { Membership, MembershipEvents } from './membership.ts';

const NO_GENERATION = -1;
/** JoinGroup is answered once all have joined; the answer may come this much after their time. */
const JOIN_GRACE_MS = 5_000;
/** For how long one that closes waits for its id. */
const ASKED_MS = 1_000;
/** From this version on LeaveGroup takes many members. */
const MEMBERS_VERSION = 3;
const LEAVE_REASON = 'the consumer is closed';

/** A member of a classic group: it joins, syncs and sends heartbeats. */
export class ClassicMembership implements Membership {
  readonly #settings: ConsumerSettings;
  readonly #events: MembershipEvents;
  readonly #coordinator: CoordinatorLane;
  readonly #leader: LeaderDuty;
  readonly #closing = new AbortController();
  readonly #news = new News();
  readonly #backOff: BackOff;
  readonly #isCooperative: boolean;
  #memberId = '';
  #generation = NO_GENERATION;
  #mustJoin = true;
  /** Settled when the group has answered who asks to join. */
  #asked: Promise<void> = Promise.resolve();
  #stopListening: () => void;

  constructor(link: ClusterLink, settings: ConsumerSettings, events: MembershipEvents) {
    const { partitionAssignmentStrategy: assignors, retryBackoffMs, retryBackoffMaxMs } = settings;
    this.#settings = settings;
    this.#events = events;
    this.#coordinator = new CoordinatorLane(link, settings.groupId!);
    this.#leader = new LeaderDuty(link, assignors);
    this.#backOff = new BackOff(retryBackoffMs, retryBackoffMaxMs);
    // Members of one group must agree, so one eager assignor among them makes all of them eager.
    this.#isCooperative = assignors.every(({ protocol }) => protocol === 'cooperative');
    this.#stopListening = link.metadata.onChange(() => this.#onMetadata());
    inBackground(this.#run(), (thrown) => events.onError(toKafkaError(thrown)));
  }

  get identity(): GroupIdentity {
    const { groupInstanceId: instanceId } = this.#settings;
    const memberId = this.#generation === NO_GENERATION ? '' : this.#memberId;
    return { memberId, generation: this.#generation, instanceId, hasEpoch: false };
  }

  onTopics(): void {
    this.#joinAgain();
  }

  rejoin(): void {
    this.#joinAgain();
  }

  async close(leaves: boolean): Promise<void> {
    this.#stopListening();
    this.#closing.abort();
    this.#news.tell();
    const isStatic = this.#settings.groupInstanceId !== null;
    if (!leaves || isStatic) return;
    // The group waits for a member that it has just given an id, for as long as a session.
    if (this.#memberId === '') await within(this.#asked, ASKED_MS);
    if (this.#memberId === '') return;
    const groupId = this.#coordinator.groupId;
    const memberId = this.#memberId;
    const members = [{ memberId, groupInstanceId: null, reason: LEAVE_REASON }];
    await this.#coordinator.leave(API.LEAVE_GROUP, (version) =>
      version < MEMBERS_VERSION ? { groupId, memberId } : { groupId, members },
    );
  }

  async #run(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        if (this.#mustJoin) await this.#join();
        this.#backOff.reset();
        await this.#rest();
        if (!this.#mustJoin && !signal.aborted) await this.#heartbeat();
      } catch (thrown) {
        if (signal.aborted) return;
        const error = toKafkaError(thrown);
        if (!(await this.#survives(error))) throw error;
      }
    }
  }

  /** Until the next heartbeat is due, or there is a reason to join. */
  async #rest(): Promise<void> {
    if (this.#mustJoin) return;
    const ending = new AbortController();
    const { heartbeatIntervalMs } = this.#settings;
    await Promise.race([pause(heartbeatIntervalMs, ending.signal), this.#news.next()]);
    ending.abort();
  }

  async #heartbeat(): Promise<void> {
    const askedMs = performance.now();
    await this.#coordinator.ask(API.HEARTBEAT, {
      groupId: this.#coordinator.groupId,
      generationId: this.#generation,
      memberId: this.#memberId,
      groupInstanceId: this.#settings.groupInstanceId,
    });
    this.#events.onHeartbeat?.(askedMs);
  }

  /** Whether the member goes on after the error. */
  async #survives(error: KafkaError): Promise<boolean> {
    if (isKafkaError(error, 'REBALANCE_IN_PROGRESS', 'MEMBER_ID_REQUIRED')) {
      this.#joinAgain();
      return true;
    }
    if (isKafkaError(error, 'UNKNOWN_MEMBER_ID', 'ILLEGAL_GENERATION')) {
      await this.#lose();
      if (isKafkaError(error, 'UNKNOWN_MEMBER_ID')) this.#memberId = '';
      this.#joinAgain();
      return true;
    }
    if (!error.retriable) {
      await this.#lose();
      return false;
    }
    await pause(this.#backOff.next(), this.#closing.signal);
    return true;
  }

  async #join(): Promise<void> {
    const { groupInstanceId, sessionTimeoutMs, maxPollIntervalMs } = this.#settings;
    if (!this.#isCooperative) await this.#revoke(this.#events.owned());
    this.#mustJoin = false;
    this.#events.onRebalance('begun');
    const { groupId } = this.#coordinator;
    const body = {
      groupId,
      sessionTimeoutMs,
      rebalanceTimeoutMs: maxPollIntervalMs,
      memberId: this.#memberId,
      groupInstanceId,
      protocolType: CONSUMER_PROTOCOL_TYPE,
      protocols: this.#protocols(),
      reason: null,
    };
    const options = {
      timeoutMs: maxPollIntervalMs + JOIN_GRACE_MS,
      accepts: ERROR.MEMBER_ID_REQUIRED,
    };
    try {
      let joined = await this.#firstJoin(body, options);
      if (this.#closing.signal.aborted) return;
      if (joined.errorCode === ERROR.MEMBER_ID_REQUIRED) {
        const again = { ...body, memberId: joined.memberId };
        joined = await this.#coordinator.ask(API.JOIN_GROUP, again, options);
      }
      this.#generation = joined.generationId;
      await this.#sync(joined);
      this.#events.onRebalance('done');
    } catch (thrown) {
      this.#mustJoin = true;
      this.#events.onRebalance('failed');
      throw thrown;
    }
  }

  /** The id that it gives is known as soon as the answer is there: who closes then leaves. */
  #firstJoin(
    body: AskBody<typeof API.JOIN_GROUP>,
    options: { timeoutMs: number; accepts: number },
  ): Promise<JoinGroupResponse> {
    const asked = this.#coordinator.ask(API.JOIN_GROUP, body, options).then((joined) => {
      this.#memberId = joined.memberId;
      return joined;
    });
    this.#asked = inBackground(asked, () => undefined);
    return asked;
  }

  #protocols() {
    const { partitionAssignmentStrategy: assignors, clientRack } = this.#settings;
    const owned = this.#isCooperative ? this.#events.owned() : [];
    const generation = this.#generation;
    return assignors.map((assignor: AnyAssignor) => ({
      name: assignor.name,
      metadata: encodeSubscription({
        topics: this.#events.topics(),
        userData: assignor.userData?.({ owned: this.#lastOwned, generation }) ?? null,
        owned,
        generation,
        rack: clientRack === '' ? null : clientRack,
      }),
    }));
  }

  /** What the last assignment gave; the sticky assignor wants it back though it was revoked. */
  #lastOwned: readonly TopicPartition[] = [];

  async #sync(joined: JoinGroupResponse): Promise<void> {
    const isLeader = joined.leader === joined.memberId && !joined.skipAssignment;
    const assignments = isLeader ? await this.#leader.assign(joined) : null;
    const askedMs = performance.now();
    const answer = await this.#coordinator.ask(API.SYNC_GROUP, {
      groupId: this.#coordinator.groupId,
      generationId: this.#generation,
      memberId: this.#memberId,
      groupInstanceId: this.#settings.groupInstanceId,
      protocolType: CONSUMER_PROTOCOL_TYPE,
      protocolName: joined.protocolName,
      assignments: Array.from(assignments ?? [], ([memberId, partitions]) => ({
        memberId,
        assignment: encodeAssignment(partitions, this.#leader.dataOf(memberId)),
      })),
    });
    const assigned = decodeAssignment(answer.assignment);
    if (assigned === null) {
      throw new KafkaError('MALFORMED_ANSWER', `group ${this.#coordinator.groupId}: assignment`);
    }
    if (joined.leader !== joined.memberId) this.#leader.resign();
    const { leader: leaderId, protocolName: protocol } = joined;
    this.#events.onJoined?.({ leaderId, protocol, askedMs });
    const { partitionAssignmentStrategy: assignors } = this.#settings;
    const used = assignors.find(({ name }) => name === protocol);
    used?.onAssignment?.(assigned.partitions, assigned.userData);
    await this.#apply(assigned.partitions);
  }

  async #apply(assigned: readonly TopicPartition[]): Promise<void> {
    const names = new Set(assigned.map(partitionName));
    const owned = this.#events.owned();
    const revoked = owned.filter((each) => !names.has(partitionName(each)));
    const kept = new Set(owned.map(partitionName));
    await this.#revoke(revoked);
    this.#lastOwned = assigned;
    const added = assigned.filter((each) => !kept.has(partitionName(each)));
    await this.#beatDuring(this.#events.onAssigned(added));
    // Others get what was given up once the group has joined again.
    if (revoked.length > 0 && this.#isCooperative) this.#joinAgain();
  }

  async #revoke(partitions: readonly TopicPartition[]): Promise<void> {
    if (partitions.length > 0) await this.#beatDuring(this.#events.onRevoked(partitions));
  }

  /** Work of the application may take longer than the session. */
  async #beatDuring(work: Promise<void>): Promise<void> {
    const ending = new AbortController();
    const beating = this.#beatUntil(ending.signal);
    try {
      await work;
    } finally {
      ending.abort();
      await beating;
    }
  }

  async #beatUntil(signal: AbortSignal): Promise<void> {
    for (;;) {
      await pause(this.#settings.heartbeatIntervalMs, signal);
      if (signal.aborted || this.#closing.signal.aborted) return;
      // The answer is that there is a rebalance. What else it may be, the next request is told too.
      await inBackground(this.#heartbeat(), () => undefined);
    }
  }

  /**
   * Until its partitions are given up it is who it was, and the group refuses its offsets. In a
   * transaction those of nobody would be taken.
   */
  async #lose(): Promise<void> {
    const owned = this.#events.owned();
    if (owned.length > 0) await this.#events.onLost(owned);
    this.#generation = NO_GENERATION;
    this.#lastOwned = [];
  }

  #joinAgain(): void {
    this.#mustJoin = true;
    this.#news.tell();
  }

  /** The leader joins again where topics came, went or grew. */
  #onMetadata(): void {
    if (!this.#mustJoin && this.#leader.hasChanged()) this.#joinAgain();
  }
}
