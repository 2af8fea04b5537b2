import type {
  StreamsCopies,
  StreamsEndpoint,
  StreamsHost,
  StreamsMember,
  StreamsStatus,
  StreamsTask,
  StreamsTaskOffset,
  StreamsTopology,
} from '../../client/consumer/group/streams-member.ts';
import { KafkaError } from '../../client/errors/kafka-error.ts';
import type { TopicPartition } from '../../client/topic-partition.ts';
import { hostText, parseHostInfo } from '../queries/host-info.ts';
import { type PartitionCounts, sourceTopicsOf } from '../tasks/partition-counts.ts';
import { taskIdText } from '../topology/task-id.ts';
import type { GroupNews, GroupParts } from './group-parts.ts';
import { groupTopology } from './group-topology.ts';
import type { LiveTask } from './live-task.ts';

/** Missing source topics end the application after so many heartbeats, as in Kafka Streams. */
const HEARTBEATS_TO_WAIT = 2;

/** They pass by themselves, or are told as what ends the application. */
const UNTOLD: ReadonlySet<string> = new Set(['ASSIGNMENT_DELAYED', 'SHUTDOWN_APPLICATION']);

/** What this instance says and is told in a streams group (KIP-1071). */
export class StreamsRole implements StreamsMember {
  readonly topology: StreamsTopology;
  readonly processId: string;
  readonly endpoint: StreamsEndpoint | null;
  readonly tags: Readonly<Record<string, string>>;
  shutsDown = false;
  readonly #parts: GroupParts;
  readonly #news: GroupNews;
  readonly #counts: PartitionCounts;
  #missingSinceMs = Number.POSITIVE_INFINITY;
  /** What the last heartbeat said, since when, and what was told of it. */
  #seen = '';
  #seenMs = 0;
  #told = '';

  constructor(parts: GroupParts, news: GroupNews, counts: PartitionCounts) {
    const { settings, plan, processId } = parts;
    this.#parts = parts;
    this.#news = news;
    this.#counts = counts;
    this.topology = groupTopology(plan, settings);
    this.processId = processId;
    const { applicationServer: server } = settings;
    this.endpoint = server === null ? null : parseHostInfo(server, 'applicationServer');
    this.tags = settings.clientTags;
  }

  partitionsOf({ subtopologyId, partition }: StreamsTask): TopicPartition[] {
    const topics = this.#topicsOf(subtopologyId);
    const has = topics.filter((topic) => partition < (this.#counts.get(topic) ?? 0));
    return has.map((topic) => ({ topic, partition }));
  }

  offsets(): { at: StreamsTaskOffset[]; ends: StreamsTaskOffset[] } {
    const tasks = this.#parts.tasks();
    const at: StreamsTaskOffset[] = [];
    const ends: StreamsTaskOffset[] = [];
    for (const live of tasks.standbys.all()) {
      const offset = taskOffset(live);
      const lag = tasks.standbys.lagOf(live.name);
      at.push(offset);
      if (lag >= 0) ends.push({ ...offset, offset: offset.offset + lag });
    }
    return { at, ends };
  }

  async onCopies({ standby, warmup, isReady }: StreamsCopies): Promise<void> {
    const names = [...standby, ...warmup].map(({ subtopologyId, partition }) => {
      return taskIdText({ subtopology: Number(subtopologyId), partition });
    });
    await this.#parts.loop().keepCopies(new Set(names));
    this.#parts.loop().setReady(isReady);
  }

  onStatuses(statuses: readonly StreamsStatus[], heartbeatIntervalMs: number): void {
    const missing = statuses.find(({ name }) => name === 'MISSING_SOURCE_TOPICS');
    const nowMs = performance.now();
    if (missing === undefined) this.#missingSinceMs = Number.POSITIVE_INFINITY;
    else this.#missingSinceMs = Math.min(this.#missingSinceMs, nowMs);
    const waitedMs = nowMs - this.#missingSinceMs;
    if (missing !== undefined && waitedMs > HEARTBEATS_TO_WAIT * heartbeatIntervalMs) {
      const what = `source topics do not exist: ${missing.detail}`;
      const category = 'invalid-configuration';
      this.#news.onFailure(new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', what, { category }));
    }
    for (const { name, detail } of statuses) {
      if (name === 'INCORRECTLY_PARTITIONED_TOPICS') {
        this.#news.onFailure(new KafkaError('STREAMS_INVALID_TOPOLOGY', detail));
      } else if (name === 'SHUTDOWN_APPLICATION') {
        this.#news.onFailure(new KafkaError('CLOSED', detail));
      }
    }
    this.#tell(statuses, heartbeatIntervalMs);
  }

  onHosts(hosts: readonly StreamsHost[]): void {
    const named = hosts.map(({ endpoint: at, active, standby }) => {
      const endpoint = hostText(at);
      return { endpoint, active: this.#tasksOf(active), standby: this.#tasksOf(standby) };
    });
    this.#news.onHosts(named);
  }

  /** Once, and only what lasts for a heartbeat: a new group waits for its topics a moment. */
  #tell(statuses: readonly StreamsStatus[], heartbeatIntervalMs: number): void {
    const waiting = statuses.filter(({ name }) => !UNTOLD.has(name));
    const text = waiting.map(({ name, detail }) => `${name}: ${detail}`).join('; ');
    const nowMs = performance.now();
    if (text !== this.#seen) this.#seenMs = nowMs;
    this.#seen = text;
    if (text === this.#told || nowMs - this.#seenMs < heartbeatIntervalMs) return;
    this.#told = text;
    if (text === '') return;
    const { applicationId, onError } = this.#parts.settings;
    const what = `the group of application ${applicationId} waits: ${text}`;
    onError(new KafkaError('UNKNOWN_TOPIC_OR_PARTITION', what));
  }

  #topicsOf(subtopologyId: string): string[] {
    const { plan, settings } = this.#parts;
    const subtopology = plan.subtopologies.find(({ id }) => String(id) === subtopologyId);
    return subtopology === undefined ? [] : sourceTopicsOf(subtopology, settings.applicationId, []);
  }

  /** The tasks that read these partitions. */
  #tasksOf(partitions: readonly TopicPartition[]): string[] {
    const names = new Set<string>();
    for (const { id } of this.#parts.plan.subtopologies) {
      const topics = new Set(this.#topicsOf(String(id)));
      for (const { topic, partition } of partitions) {
        if (topics.has(topic)) names.add(taskIdText({ subtopology: id, partition }));
      }
    }
    return [...names];
  }
}

function taskOffset({ task: { taskId }, offsetSum }: LiveTask): StreamsTaskOffset {
  const { subtopology, partition } = taskId;
  return { subtopologyId: String(subtopology), partition, offset: offsetSum };
}
