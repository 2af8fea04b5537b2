import { API } from '../../../protocol/api-keys.ts';
import type { ResponseOf } from '../../../protocol/api-registry.ts';
import type { ClusterLink } from '../../metadata/cluster-link.ts';
import type { TopicPartition } from '../../topic-partition.ts';
import type { ConsumerSettings } from '../consumer-options.ts';
import type { GroupIdentity } from '../offsets/group-offsets.ts';
import { CoordinatorLane } from './coordinator-lane.ts';
import { HeartbeatLoop } from './heartbeat-loop.ts';
import type { Membership, MembershipEvents } from './membership.ts';
import { Reconciliation } from './reconciliation.ts';

const EPOCH = { JOIN: 0, LEAVE: -1, LEAVE_STATIC: -2 } as const;
const UNCHANGED_TIMEOUT = -1;

type HeartbeatAnswer = ResponseOf<typeof API.CONSUMER_GROUP_HEARTBEAT>;

interface PartitionOfId {
  readonly topicId: string;
  readonly partition: number;
}

interface Owned {
  readonly topicId: string;
  /** What the application gets: topics have names there. */
  readonly at: TopicPartition;
}

function keyOf({ topicId, partition }: PartitionOfId): string {
  return `${topicId}/${partition}`;
}

/** A member of a group of the new protocol (KIP-848): the broker shares the partitions out. */
export class ConsumerMembership implements Membership {
  readonly #link: ClusterLink;
  readonly #settings: ConsumerSettings;
  readonly #events: MembershipEvents;
  readonly #coordinator: CoordinatorLane;
  readonly #life: HeartbeatLoop;
  readonly #memberId = crypto.randomUUID();
  readonly #owned = new Map<string, Owned>();
  readonly #reconciliation: Reconciliation;
  readonly #stopListening: () => void;
  #epoch: number = EPOCH.JOIN;
  #intervalMs: number;
  /** Whether the next heartbeat says everything: the broker may not have what was said before. */
  #mustTellAll = true;
  #mustTellTopics = false;
  #mustTellOwned = false;
  /** What the broker wants this member to have, until it is so. */
  #target: readonly PartitionOfId[] | null = null;

  constructor(link: ClusterLink, settings: ConsumerSettings, events: MembershipEvents) {
    this.#link = link;
    this.#settings = settings;
    this.#events = events;
    this.#coordinator = new CoordinatorLane(link, settings.groupId!);
    this.#intervalMs = settings.heartbeatIntervalMs;
    this.#reconciliation = new Reconciliation(events, () => this.#reconcile());
    this.#stopListening = link.metadata.onChange(() => this.#reconcileSoon());
    this.#life = new HeartbeatLoop(settings, {
      beat: async () => {
        const askedMs = performance.now();
        this.#onAnswer(await this.#heartbeat());
        events.onHeartbeat?.(askedMs);
      },
      restMs: () => this.#intervalMs,
      onFailed: () => {
        this.#mustTellAll = true;
      },
      onLost: () => this.#lose(),
      onError: (error) => events.onError(error),
    });
    this.#life.start();
  }

  get identity(): GroupIdentity {
    const { groupInstanceId: instanceId } = this.#settings;
    return { memberId: this.#memberId, generation: this.#epoch, instanceId, hasEpoch: true };
  }

  onTopics(): void {
    this.#mustTellTopics = true;
    this.#life.hurry();
  }

  rejoin(): void {
    this.#life.hurry();
  }

  async close(leaves: boolean): Promise<void> {
    this.#stopListening();
    this.#life.end();
    const { groupInstanceId: instanceId } = this.#settings;
    // A static member that stays says so: until then nobody else may come under its name.
    if ((!leaves && instanceId === null) || this.#epoch <= EPOCH.JOIN) return;
    const memberEpoch = instanceId === null ? EPOCH.LEAVE : EPOCH.LEAVE_STATIC;
    const { groupId } = this.#coordinator;
    const body = { groupId, memberId: this.#memberId, memberEpoch, instanceId };
    await this.#coordinator.leave(API.CONSUMER_GROUP_HEARTBEAT, body);
  }

  /** Null stands for what has not changed. */
  #heartbeat(): Promise<HeartbeatAnswer> {
    const { groupInstanceId: instanceId, groupRemoteAssignor, maxPollIntervalMs } = this.#settings;
    const { clientRack } = this.#settings;
    const tellsAll = this.#mustTellAll;
    const tellsTopics = tellsAll || this.#mustTellTopics;
    const tellsOwned = tellsAll || this.#mustTellOwned;
    this.#mustTellAll = false;
    this.#mustTellTopics = false;
    this.#mustTellOwned = false;
    return this.#coordinator.ask(API.CONSUMER_GROUP_HEARTBEAT, {
      groupId: this.#coordinator.groupId,
      memberId: this.#memberId,
      memberEpoch: this.#epoch,
      instanceId,
      rackId: tellsAll && clientRack !== '' ? clientRack : null,
      rebalanceTimeoutMs: tellsAll ? maxPollIntervalMs : UNCHANGED_TIMEOUT,
      subscribedTopicNames: tellsTopics ? [...this.#events.topics()] : null,
      serverAssignor: tellsAll ? groupRemoteAssignor : null,
      topicPartitions: tellsOwned ? this.#ownedByTopic() : null,
    });
  }

  #ownedByTopic() {
    const topics = new Map<string, number[]>();
    for (const { topicId, at } of this.#owned.values()) {
      const { partition } = at;
      const list = topics.get(topicId);
      if (list === undefined) topics.set(topicId, [partition]);
      else list.push(partition);
    }
    return Array.from(topics, ([topicId, partitions]) => ({ topicId, partitions }));
  }

  #onAnswer(answer: HeartbeatAnswer): void {
    this.#epoch = answer.memberEpoch;
    if (answer.heartbeatIntervalMs > 0) this.#intervalMs = answer.heartbeatIntervalMs;
    if (answer.assignment === null) return;
    this.#target = answer.assignment.topicPartitions.flatMap(({ topicId, partitions }) =>
      partitions.map((partition) => ({ topicId, partition })),
    );
    this.#reconcileSoon();
  }

  #reconcileSoon(): void {
    if (this.#target !== null && !this.#life.isOver) this.#reconciliation.begin();
  }

  async #reconcile(): Promise<void> {
    const target = this.#target;
    if (target === null) return;
    const { metadata } = this.#link;
    const unknown = target.filter(({ topicId }) => metadata.topicById(topicId) === undefined);
    const isSettled = await this.#moveTo(target);
    if (unknown.length > 0) {
      // An assignment may name topics before the metadata has them; it comes again with that.
      metadata.wantIds(unknown.map(({ topicId }) => topicId));
      metadata.invalidate();
    } else if (isSettled && this.#target === target) {
      this.#target = null;
      this.#events.onRebalance('done');
    }
  }

  /** Gives up what is not in the target, then takes what is new; false once the member is lost. */
  async #moveTo(target: readonly PartitionOfId[]): Promise<boolean> {
    const isLost = () => this.#life.isOver || this.#epoch === EPOCH.JOIN;
    const wanted = new Set(target.map(keyOf));
    const revoked = [...this.#owned].filter(([key]) => !wanted.has(key));
    if (revoked.length > 0) {
      await this.#events.onRevoked(revoked.map(([, { at }]) => at));
      for (const [key] of revoked) this.#owned.delete(key);
    }
    const added = target.flatMap((each): [string, Owned][] => {
      const { topicId, partition } = each;
      const topic = this.#link.metadata.topicById(topicId)?.name;
      const key = keyOf(each);
      const isNew = topic !== undefined && !this.#owned.has(key);
      return isNew ? [[key, { topicId, at: { topic, partition } }]] : [];
    });
    if (isLost()) return false;
    if (added.length > 0) await this.#events.onAssigned(added.map(([, { at }]) => at));
    for (const [key, owned] of added) this.#owned.set(key, owned);
    if (isLost()) return false;
    this.#mustTellOwned = true;
    this.#life.hurry();
    return true;
  }

  async #lose(): Promise<void> {
    this.#epoch = EPOCH.JOIN;
    this.#target = null;
    await this.#loseOwned();
    // What comes meanwhile is lost too.
    await this.#reconciliation.ended;
    await this.#loseOwned();
  }

  async #loseOwned(): Promise<void> {
    const owned = Array.from(this.#owned.values(), ({ at }) => at);
    this.#owned.clear();
    if (owned.length > 0) await this.#events.onLost(owned);
  }
}
