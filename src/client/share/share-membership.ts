import { API } from '../../protocol/api-keys.ts';
import type { ResponseOf } from '../../protocol/api-registry.ts';
import { CoordinatorLane } from '../consumer/group/coordinator-lane.ts';
import { HeartbeatLoop } from '../consumer/group/heartbeat-loop.ts';
import type { KafkaError } from '../errors/kafka-error.ts';
import type { ClusterLink } from '../metadata/cluster-link.ts';
import { BackOff } from '../net/back-off.ts';
import type { AcknowledgedPlace } from './pending-acknowledgements.ts';
import type { ShareSettings } from './share-options.ts';
import type { SharedPartition } from './share-session.ts';

const EPOCH = { JOIN: 0, LEAVE: -1 } as const;
/** Until the broker says otherwise. */
const FIRST_INTERVAL_MS = 5_000;
/** A group is given a partition once its state is there, which takes less than an interval. */
const UNASSIGNED_INTERVAL_MS = 100;

type HeartbeatAnswer = ResponseOf<typeof API.SHARE_GROUP_HEARTBEAT>;

export interface ShareMembershipEvents {
  /** The topics that the member wants now. */
  topics(): readonly string[];
  /** All partitions to fetch from now on. Others of the group may fetch them too. */
  onAssigned(partitions: readonly AcknowledgedPlace[]): void;
  /** The membership is over. */
  onError(error: KafkaError): void;
}

/** The life of one member in its share group, in the background until `close`. */
export class ShareMembership {
  readonly memberId = crypto.randomUUID();
  readonly #link: ClusterLink;
  readonly #settings: ShareSettings;
  readonly #events: ShareMembershipEvents;
  readonly #coordinator: CoordinatorLane;
  readonly #life: HeartbeatLoop;
  readonly #stopListening: () => void;
  #epoch: number = EPOCH.JOIN;
  #intervalMs = FIRST_INTERVAL_MS;
  readonly #unassigned = new BackOff(UNASSIGNED_INTERVAL_MS, FIRST_INTERVAL_MS);
  /** Whether the next heartbeat says everything: the broker may not have what was said before. */
  #mustTellAll = true;
  #mustTellTopics = false;
  #assigned: readonly SharedPartition[] = [];

  constructor(link: ClusterLink, settings: ShareSettings, events: ShareMembershipEvents) {
    this.#link = link;
    this.#settings = settings;
    this.#events = events;
    this.#coordinator = new CoordinatorLane(link, settings.groupId);
    this.#stopListening = link.metadata.onChange(() => this.#tellAssigned());
    this.#life = new HeartbeatLoop(settings, {
      beat: async () => this.#onAnswer(await this.#heartbeat()),
      restMs: () => this.#restMs(),
      onFailed: () => {
        this.#mustTellAll = true;
      },
      onLost: () => this.#lose(),
      onError: (error) => events.onError(error),
    });
    this.#life.start();
  }

  onTopics(): void {
    this.#mustTellTopics = true;
    this.#unassigned.reset();
    this.#life.hurry();
  }

  /** Leaves the group. */
  async close(): Promise<void> {
    this.#stopListening();
    this.#life.end();
    if (this.#epoch <= EPOCH.JOIN) return;
    const { groupId } = this.#coordinator;
    const body = { groupId, memberId: this.memberId, memberEpoch: EPOCH.LEAVE };
    await this.#coordinator.ask(API.SHARE_GROUP_HEARTBEAT, body);
  }

  /** Who has no partition yet asks sooner. */
  #restMs(): number {
    if (this.#assigned.length > 0) return this.#intervalMs;
    return Math.min(this.#unassigned.next(), this.#intervalMs);
  }

  /** Null stands for what has not changed. */
  #heartbeat(): Promise<HeartbeatAnswer> {
    const { clientRack } = this.#settings;
    const tellsAll = this.#mustTellAll;
    const tellsTopics = tellsAll || this.#mustTellTopics;
    this.#mustTellAll = false;
    this.#mustTellTopics = false;
    return this.#coordinator.ask(API.SHARE_GROUP_HEARTBEAT, {
      groupId: this.#coordinator.groupId,
      memberId: this.memberId,
      memberEpoch: this.#epoch,
      rackId: tellsAll && clientRack !== '' ? clientRack : null,
      subscribedTopicNames: tellsTopics ? [...this.#events.topics()] : null,
    });
  }

  #onAnswer(answer: HeartbeatAnswer): void {
    this.#epoch = answer.memberEpoch;
    if (answer.heartbeatIntervalMs > 0) this.#intervalMs = answer.heartbeatIntervalMs;
    if (answer.assignment === null || this.#life.isOver) return;
    this.#assigned = answer.assignment.topicPartitions.flatMap(({ topicId, partitions }) =>
      partitions.map((partition) => ({ topicId, partition })),
    );
    this.#tellAssigned();
  }

  /** An assignment may name topics before the metadata has them; they follow with it. */
  #tellAssigned(): void {
    const { metadata } = this.#link;
    const unknown = new Set<string>();
    const places = this.#assigned.flatMap((each) => {
      const topic = metadata.topicById(each.topicId)?.name;
      if (topic === undefined) unknown.add(each.topicId);
      return topic === undefined ? [] : [{ ...each, topic }];
    });
    this.#events.onAssigned(places);
    if (unknown.size === 0) return;
    metadata.wantIds(unknown);
    metadata.invalidate();
  }

  #lose(): void {
    this.#epoch = EPOCH.JOIN;
    this.#assigned = [];
    this.#events.onAssigned([]);
  }
}
