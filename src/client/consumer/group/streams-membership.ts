import { inBackground } from '../../../base/in-background.ts';
import { API } from '../../../protocol/api-keys.ts';
import type { ResponseOf } from '../../../protocol/api-registry.ts';
import type { ClusterLink } from '../../metadata/cluster-link.ts';
import { BackOff } from '../../net/back-off.ts';
import type { ConsumerSettings } from '../consumer-options.ts';
import type { GroupIdentity } from '../offsets/group-offsets.ts';
import { CoordinatorLane } from './coordinator-lane.ts';
import { HeartbeatLoop } from './heartbeat-loop.ts';
import type { Membership, MembershipEvents } from './membership.ts';
import { Reconciliation } from './reconciliation.ts';
import type {
  StreamsHost,
  StreamsMember,
  StreamsStatus,
  StreamsStatusName,
  StreamsTask,
} from './streams-member.ts';

const EPOCH = { JOIN: 0, LEAVE: -1, LEAVE_STATIC: -2 } as const;
const UNCHANGED_TIMEOUT = -1;
const NO_ENDPOINTS = -1;
/** A coordinator shares tasks out, and makes topics, in less than a heartbeat's interval. */
const WAITING_MS = 100;
const WAITING_MAX_MS = 5_000;
/** A session is at least so many intervals long, as brokers are set up. */
const INTERVALS_A_SESSION = 3;

/** By their numbers. */
const STATUSES: readonly StreamsStatusName[] = [
  'STALE_TOPOLOGY',
  'MISSING_SOURCE_TOPICS',
  'INCORRECTLY_PARTITIONED_TOPICS',
  'MISSING_INTERNAL_TOPICS',
  'SHUTDOWN_APPLICATION',
  'ASSIGNMENT_DELAYED',
];
/** While one of these holds, the tasks must not run. */
const NOT_READY: ReadonlySet<StreamsStatusName> = new Set<StreamsStatusName>([
  'MISSING_SOURCE_TOPICS',
  'INCORRECTLY_PARTITIONED_TOPICS',
  'MISSING_INTERNAL_TOPICS',
  'ASSIGNMENT_DELAYED',
]);

type HeartbeatAnswer = ResponseOf<typeof API.STREAMS_GROUP_HEARTBEAT>;

interface TaskList {
  readonly subtopologyId: string;
  readonly partitions: number[];
}

/** What a member has, or shall have. */
interface Tasks {
  readonly active: readonly StreamsTask[];
  readonly standby: readonly StreamsTask[];
  readonly warmup: readonly StreamsTask[];
  readonly isReady: boolean;
}

const NO_TASKS: Tasks = { active: [], standby: [], warmup: [], isReady: false };

/** A member of a streams group (KIP-1071): the broker shares tasks out. */
export class StreamsMembership implements Membership {
  readonly #settings: ConsumerSettings;
  readonly #events: MembershipEvents;
  readonly #member: StreamsMember;
  readonly #coordinator: CoordinatorLane;
  readonly #life: HeartbeatLoop;
  readonly #reconciliation: Reconciliation;
  readonly #memberId = crypto.randomUUID();
  #epoch: number = EPOCH.JOIN;
  #intervalMs: number;
  #endpointsEpoch = NO_ENDPOINTS;
  /** Whether the broker wants offsets of tasks, how often, and when they were told last. */
  #offsetsEveryMs = 0;
  #offsetsToldMs = Number.NEGATIVE_INFINITY;
  #mustTellOwned = false;
  readonly #waiting = new BackOff(WAITING_MS, WAITING_MAX_MS);
  /** Whether topics are missing that the application itself must make. */
  #isMissing = false;
  #owned: Tasks = NO_TASKS;
  /** What the broker said last that this member shall have. */
  #wanted: Tasks = NO_TASKS;
  /** The same until it is so. */
  #target: Tasks | null = null;
  #hasAsked = false;

  constructor(
    link: ClusterLink,
    settings: ConsumerSettings,
    events: MembershipEvents,
    member: StreamsMember,
  ) {
    this.#settings = settings;
    this.#events = events;
    this.#member = member;
    this.#coordinator = new CoordinatorLane(link, settings.groupId!);
    this.#intervalMs = settings.heartbeatIntervalMs;
    this.#reconciliation = new Reconciliation(events, () => this.#reconcile());
    this.#life = new HeartbeatLoop(settings, {
      beat: async () => {
        const askedMs = performance.now();
        this.#onAnswer(await this.#heartbeat());
        events.onHeartbeat?.(askedMs);
      },
      restMs: () => this.#restMs(),
      onFailed: () => {
        this.#mustTellOwned = true;
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

  get sessionMs(): number {
    return Math.min(INTERVALS_A_SESSION * this.#intervalMs, this.#settings.sessionTimeoutMs);
  }

  /** The topics of a member follow from its topology. */
  onTopics(): void {
    this.#life.hurry();
  }

  rejoin(): void {
    this.#offsetsToldMs = Number.NEGATIVE_INFINITY;
    this.#life.hurry();
  }

  async close(leaves: boolean): Promise<void> {
    this.#life.end();
    const { groupInstanceId: instanceId } = this.#settings;
    if ((!leaves && instanceId === null) || !this.#hasAsked) return;
    const memberEpoch = instanceId === null ? EPOCH.LEAVE : EPOCH.LEAVE_STATIC;
    const { groupId } = this.#coordinator;
    const endpointInformationEpoch = NO_ENDPOINTS;
    const body = { groupId, memberId: this.#memberId, memberEpoch, instanceId };
    const leaving = this.#coordinator.leave(API.STREAMS_GROUP_HEARTBEAT, {
      ...body,
      endpointInformationEpoch,
    });
    // Who may not have joined yet leaves too. The group may not know it, which is as well.
    if (this.#epoch <= EPOCH.JOIN) await inBackground(leaving, () => undefined);
    else await leaving;
  }

  /** Who has no task yet, or whose group will be ready in a moment, asks sooner. */
  #restMs(): number {
    const { active, isReady } = this.#wanted;
    if (active.length > 0 && isReady) return this.#intervalMs;
    return this.#isMissing ? this.#intervalMs : Math.min(this.#waiting.next(), this.#intervalMs);
  }

  /** Null stands for what has not changed. */
  async #heartbeat(): Promise<HeartbeatAnswer> {
    const { groupInstanceId: instanceId } = this.#settings;
    const body = {
      groupId: this.#coordinator.groupId,
      memberId: this.#memberId,
      memberEpoch: this.#epoch,
      endpointInformationEpoch: this.#endpointsEpoch,
      instanceId,
      shutdownApplication: this.#member.shutsDown,
    };
    this.#hasAsked = true;
    if (this.#epoch === EPOCH.JOIN) {
      return this.#coordinator.ask(API.STREAMS_GROUP_HEARTBEAT, { ...body, ...this.#first() });
    }
    const tellsOwned = this.#mustTellOwned;
    this.#mustTellOwned = false;
    return this.#coordinator.ask(API.STREAMS_GROUP_HEARTBEAT, {
      ...body,
      rebalanceTimeoutMs: UNCHANGED_TIMEOUT,
      ...(tellsOwned ? taskLists(this.#owned) : {}),
      ...this.#taskOffsets(),
    });
  }

  /** What only a member that joins says. */
  #first() {
    const { maxPollIntervalMs: rebalanceTimeoutMs, clientRack } = this.#settings;
    const { topology, processId, endpoint, tags } = this.#member;
    return {
      rackId: clientRack === '' ? null : clientRack,
      rebalanceTimeoutMs,
      topology,
      processId,
      userEndpoint: endpoint === null ? null : { ...endpoint },
      clientTags: Object.entries(tags).map(([key, value]) => ({ key, value })),
      ...taskLists(NO_TASKS),
    };
  }

  /** Only brokers that say an interval take them. */
  #taskOffsets() {
    const nowMs = performance.now();
    const isDue = this.#offsetsEveryMs > 0 && nowMs - this.#offsetsToldMs >= this.#offsetsEveryMs;
    if (!isDue) return {};
    this.#offsetsToldMs = nowMs;
    const { at: taskOffsets, ends: taskEndOffsets } = this.#member.offsets();
    return { taskOffsets, taskEndOffsets };
  }

  #onAnswer(answer: HeartbeatAnswer): void {
    if (this.#life.isOver) return;
    this.#epoch = answer.memberEpoch;
    if (answer.heartbeatIntervalMs > 0) this.#intervalMs = answer.heartbeatIntervalMs;
    this.#offsetsEveryMs = answer.taskOffsetIntervalMs;
    this.#endpointsEpoch = answer.endpointInformationEpoch;
    const hosts = answer.partitionsByUserEndpoint;
    if (hosts !== null) this.#member.onHosts(hosts.map(hostOf));
    const statuses = (answer.status ?? []).map(({ statusCode, statusDetail: detail }) => {
      return { name: STATUSES[statusCode] ?? 'UNKNOWN_STATUS', detail } as const;
    });
    this.#isMissing = statuses.some(({ name }) => name === 'MISSING_SOURCE_TOPICS');
    this.#member.onStatuses(statuses, this.#intervalMs);
    this.#onTasks(answer, statuses);
  }

  #onTasks(answer: HeartbeatAnswer, statuses: readonly StreamsStatus[]): void {
    const { activeTasks, standbyTasks, warmupTasks } = answer;
    const isReady = !statuses.some(({ name }) => NOT_READY.has(name));
    if (activeTasks === null) {
      if (isReady === this.#wanted.isReady) return;
      this.#wanted = { ...this.#wanted, isReady };
    } else {
      const active = tasksOf(activeTasks);
      const standby = tasksOf(standbyTasks ?? []);
      this.#wanted = { active, standby, warmup: tasksOf(warmupTasks ?? []), isReady };
    }
    this.#target = this.#wanted;
    this.#waiting.reset();
    this.#reconciliation.begin();
  }

  async #reconcile(): Promise<void> {
    const target = this.#target;
    this.#target = null;
    if (target !== null && !this.#life.isOver) await this.#moveTo(target);
    if (this.#target === null) this.#events.onRebalance('done');
  }

  /** Gives up what is not in the target, then takes what is new, unless the member is lost. */
  async #moveTo(target: Tasks): Promise<void> {
    const isLost = () => this.#life.isOver || this.#epoch === EPOCH.JOIN;
    const wanted = new Set(target.active.map(keyOf));
    const revoked = this.#owned.active.filter((task) => !wanted.has(keyOf(task)));
    if (revoked.length > 0) {
      await this.#events.onRevoked(this.#partitionsOf(revoked));
      if (isLost()) return;
      const kept = this.#owned.active.filter((task) => wanted.has(keyOf(task)));
      this.#owned = { ...this.#owned, active: kept };
    }
    const has = new Set(this.#owned.active.map(keyOf));
    const added = target.active.filter((task) => !has.has(keyOf(task)));
    this.#owned = target;
    if (added.length > 0) await this.#events.onAssigned(this.#partitionsOf(added));
    if (isLost()) return;
    const { standby, warmup, isReady } = target;
    await this.#member.onCopies({ standby, warmup, isReady });
    this.#mustTellOwned = true;
    this.#life.hurry();
  }

  #partitionsOf(tasks: readonly StreamsTask[]) {
    return tasks.flatMap((task) => this.#member.partitionsOf(task));
  }

  async #lose(): Promise<void> {
    this.#epoch = EPOCH.JOIN;
    this.#endpointsEpoch = NO_ENDPOINTS;
    this.#target = null;
    this.#wanted = NO_TASKS;
    // What comes meanwhile is lost too.
    await this.#reconciliation.ended;
    const { active } = this.#owned;
    this.#owned = NO_TASKS;
    if (active.length > 0) await this.#events.onLost(this.#partitionsOf(active));
  }
}

function keyOf({ subtopologyId, partition }: StreamsTask): string {
  return `${subtopologyId}_${partition}`;
}

function tasksOf(lists: readonly TaskList[]): StreamsTask[] {
  return lists.flatMap(({ subtopologyId, partitions }) => {
    return partitions.map((partition) => ({ subtopologyId, partition }));
  });
}

function taskLists({ active, standby, warmup }: Tasks) {
  return {
    activeTasks: listsOf(active),
    standbyTasks: listsOf(standby),
    warmupTasks: listsOf(warmup),
  };
}

function listsOf(tasks: readonly StreamsTask[]): TaskList[] {
  const lists = new Map<string, number[]>();
  for (const { subtopologyId, partition } of tasks) {
    const list = lists.get(subtopologyId);
    if (list === undefined) lists.set(subtopologyId, [partition]);
    else list.push(partition);
  }
  return Array.from(lists, ([subtopologyId, partitions]) => ({ subtopologyId, partitions }));
}

type AnsweredHost = NonNullable<HeartbeatAnswer['partitionsByUserEndpoint']>[number];

function hostOf({ userEndpoint, activePartitions, standbyPartitions }: AnsweredHost): StreamsHost {
  const { host, port } = userEndpoint;
  const active = partitionsIn(activePartitions);
  return { endpoint: { host, port }, active, standby: partitionsIn(standbyPartitions) };
}

function partitionsIn(topics: readonly { topic: string; partitions: number[] }[]) {
  return topics.flatMap(({ topic, partitions }) => {
    return partitions.map((partition) => ({ topic, partition }));
  });
}
