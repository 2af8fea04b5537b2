import { every } from '../../base/every.ts';
import { inBackground } from '../../base/in-background.ts';
import { unref } from '../../base/unref.ts';
import { required } from '../../client/admin/outcome.ts';
import { CONSUMER_DEFAULTS } from '../../client/consumer/consumer-options.ts';
import { ClassicMembership } from '../../client/consumer/group/classic-membership.ts';
import type { MembershipMaker } from '../../client/consumer/group/group-life.ts';
import { StreamsMembership } from '../../client/consumer/group/streams-membership.ts';
import { isKafkaError, toKafkaError } from '../../client/errors/kafka-error.ts';
import { pause } from '../../client/net/pause.ts';
import type { TopicPartition } from '../../client/topic-partition.ts';
import type { HostTasks } from '../assign/assignment-data.ts';
import { TaskAssignor } from '../assign/task-assignor.ts';
import { type PartitionCounts, sourcesOf, sourceTopicsOf } from '../tasks/partition-counts.ts';
import { taskIdText } from '../topology/task-id.ts';
import { ClassicRole } from './classic-role.ts';
import type { GroupNews, GroupParts } from './group-parts.ts';
import { chooseProtocol } from './group-protocol.ts';
import { type GroupEvents, type GroupProtocol, GroupReader } from './group-reader.ts';
import { StreamsRole } from './streams-role.ts';

/** How often copies are looked at: whether they are there, and how far they may go. */
const LOOK_MS = 1_000;
const HEARTBEATS_TO_TELL = 3;

/** An instance's part in its group, of either protocol. */
export class InstanceGroup {
  readonly reader: GroupReader;
  /** Where the application's tasks are; of processes that say where they answer queries. */
  hosts: readonly HostTasks[] = [];
  readonly #parts: GroupParts;
  readonly #classic: ClassicRole;
  readonly #news: GroupNews;
  #streams: StreamsRole | null = null;
  #protocol: GroupProtocol = 'classic';
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  /** Until when others hear that they are asked to end. */
  #toldMs = 0;
  #closing: Promise<void> | null = null;

  constructor(parts: GroupParts) {
    this.#parts = parts;
    this.#news = {
      onHosts: (hosts) => {
        this.hosts = hosts;
      },
      onFailure: (error) => this.reader.core.fail(error, true),
    };
    this.#classic = new ClassicRole(parts, this.#news, () => this.reader.rejoin());
    const events: GroupEvents = {
      onAssigned: (partitions) => this.#onAssigned(partitions),
      onRevoked: (partitions) => parts.loop().onRevoked(partitions),
      onLost: (partitions) => parts.loop().onLost(partitions),
    };
    const makeMember: MembershipMaker = (link, settings, membershipEvents) => {
      if (this.#streams === null) return new ClassicMembership(link, settings, membershipEvents);
      return new StreamsMembership(link, settings, membershipEvents, this.#streams);
    };
    const assignor = new TaskAssignor(this.#classic, parts.settings);
    this.reader = new GroupReader(parts.settings, assignor, parts.policy, events, makeMember);
  }

  /** Finds out of which protocol the group is. A dead predecessor leaves it first. */
  async open(): Promise<GroupProtocol> {
    await this.#expelPredecessor();
    const { admin, plan, settings } = this.#parts;
    this.#protocol = await chooseProtocol(admin, plan, settings);
    this.reader.core.metrics.setGroupProtocol(this.#protocol);
    return this.#protocol;
  }

  /** Joins the group. */
  join(counts: PartitionCounts): void {
    const { plan, settings, loop } = this.#parts;
    const topics = plan.subtopologies.flatMap((each) => {
      return sourceTopicsOf(each, settings.applicationId, []);
    });
    const patterns = plan.subtopologies.flatMap(sourcesOf).flatMap(({ pattern }) => pattern ?? []);
    if (topics.length + patterns.length === 0) {
      loop().setReady(true);
      return;
    }
    if (this.#protocol === 'streams') {
      this.#streams = new StreamsRole(this.#parts, this.#news, counts);
    } else this.#openLocalState();
    this.reader.subscribe([...topics, ...patterns]);
    this.#rememberMember();
    this.#timer = every(
      LOOK_MS,
      () => this.#look(),
      (thrown) => settings.onError(toKafkaError(thrown)),
    );
    unref(this.#timer);
  }

  /** Asks all instances of the application to end. They end with an error that says so. */
  shutdownApplication(): void {
    this.#toldMs = performance.now() + this.#toldAfterMs;
    this.#classic.shutsDown = true;
    if (this.#streams !== null) this.#streams.shutsDown = true;
    this.reader.rejoin();
  }

  /** Its members hear of it when they join again, and so long this one must stay. */
  get #toldAfterMs(): number {
    const { heartbeatIntervalMs = CONSUMER_DEFAULTS.heartbeatIntervalMs } =
      this.#parts.settings.consumer;
    return HEARTBEATS_TO_TELL * heartbeatIntervalMs;
  }

  /** Leaves the group, once. */
  close(timeoutMs: number): Promise<void> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  async #close(timeoutMs: number): Promise<void> {
    clearInterval(this.#timer);
    const toTellMs = Math.min(this.#toldMs - performance.now(), timeoutMs);
    if (toTellMs > 0) await pause(toTellMs);
    this.#classic.close();
    await this.reader.close(timeoutMs);
    this.#parts.directory?.forgetMember();
  }

  /** Who has the lock of the directory knows that the member that had it before is dead. */
  async #expelPredecessor(): Promise<void> {
    const { directory, settings } = this.#parts;
    const { memberId, protocol } = directory?.identity ?? {};
    if (memberId === undefined) return;
    // The session of a member that cannot be told to leave ends by itself.
    await inBackground(this.#expel(memberId, protocol), (thrown) => {
      const isGone = isKafkaError(thrown, 'UNKNOWN_MEMBER_ID', 'GROUP_ID_NOT_FOUND');
      if (!isGone) settings.onError(toKafkaError(thrown));
    });
    directory?.forgetMember();
  }

  async #expel(memberId: string, protocol?: string): Promise<void> {
    const { groups } = this.#parts.admin;
    const { applicationId } = this.#parts.settings;
    const reason = 'its process is dead, and another one has its directory';
    const removed =
      protocol === 'streams'
        ? await groups.removeStreamsMembers(applicationId, [memberId])
        : await groups.removeMembers(applicationId, [{ memberId }], { reason });
    for (const { outcome } of removed) required(outcome);
  }

  /**
   * A classic group hears which tasks have state here, so that they come back to it. Threads cannot
   * all open the same files.
   */
  #openLocalState(): void {
    if (this.#parts.settings.thread !== null) return;
    const local = this.#parts.directory?.tasks() ?? [];
    this.#parts.tasks().standbys.open(local.map(taskIdText));
  }

  async #onAssigned(partitions: readonly TopicPartition[]): Promise<void> {
    const loop = this.#parts.loop();
    await loop.onAssigned(partitions);
    this.#rememberMember();
    if (this.#protocol === 'streams') return;
    await loop.keepCopies(this.#classic.copies);
    loop.setReady(true);
  }

  #rememberMember(): void {
    const { directory } = this.#parts;
    const { memberId = '' } = this.reader.metadata;
    if (directory === null || memberId === '' || memberId === directory.identity.memberId) return;
    directory.rememberMember(memberId, this.#protocol);
  }

  async #look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      if (this.#protocol === 'classic') this.#classic.lookAtWarmups();
      const { restorer } = this.#parts;
      const limited = restorer.limited();
      if (limited.length > 0) restorer.setLimits(await this.reader.committed(limited));
    } finally {
      this.#isLooking = false;
    }
  }
}
