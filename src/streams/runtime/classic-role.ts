import { unref } from '../../base/unref.ts';
import { KafkaError, toKafkaError } from '../../client/errors/kafka-error.ts';
import type { TopicPartition } from '../../client/topic-partition.ts';
import { type AssignmentData, decodeAssignmentData } from '../assign/assignment-data.ts';
import { LATEST_OFFSET, type MemberData } from '../assign/member-data.ts';
import type { TaskAssignorHost, TaskTopics } from '../assign/task-assignor.ts';
import { sourceTopicsOf } from '../tasks/partition-counts.ts';
import { fullTopicName } from '../topology/topology-plan.ts';
import type { GroupNews, GroupParts } from './group-parts.ts';

/** What this instance says and is told in a classic group. */
export class ClassicRole implements TaskAssignorHost {
  readonly #parts: GroupParts;
  readonly #news: GroupNews;
  readonly #rejoin: () => void;
  #data: AssignmentData = decodeAssignmentData(null);
  #probing: NodeJS.Timeout | undefined;
  /** Warm-ups of which the group was told that they are done. */
  #isTold = false;
  shutsDown = false;

  constructor(parts: GroupParts, news: GroupNews, rejoin: () => void) {
    this.#parts = parts;
    this.#news = news;
    this.#rejoin = rejoin;
  }

  /** The tasks of which copies are kept here, by the last assignment. */
  get copies(): Set<string> {
    const { standby, warmup } = this.#data;
    return new Set([...standby, ...warmup]);
  }

  taskTopics(counts: ReadonlyMap<string, number>): TaskTopics[] {
    const { plan, settings } = this.#parts;
    const { applicationId } = settings;
    return plan.subtopologies.map((each) => ({
      id: each.id,
      topics: sourceTopicsOf(each, applicationId, counts.keys()),
      changelogs: each.stores.flatMap(({ changelog }) => {
        return changelog === undefined ? [] : [fullTopicName(changelog, applicationId)];
      }),
    }));
  }

  memberData(): MemberData {
    const { processId, settings } = this.#parts;
    const { clientTags: tags, applicationServer: endpoint } = settings;
    const { next } = this.#data;
    const offsets = this.#offsets();
    return { processId, offsets, next, tags, endpoint, shutsDown: this.shutsDown };
  }

  async endsOf(partitions: readonly TopicPartition[]): Promise<readonly number[] | null> {
    try {
      return await this.#parts.restorer.ends(partitions);
    } catch (thrown) {
      this.#parts.settings.onError(toKafkaError(thrown));
      return null;
    }
  }

  onAssignment(data: AssignmentData): void {
    this.#data = data;
    this.#isTold = false;
    this.#news.onHosts(data.hosts);
    const { shutdownBy } = data;
    if (shutdownBy === null) return;
    const what = `member ${shutdownBy} has asked all instances of the application to end`;
    this.#news.onFailure(new KafkaError('CLOSED', what));
  }

  /** Warm-ups may be done before anybody says so: their process may have ended meanwhile. */
  onShared(isFinal: boolean): void {
    clearTimeout(this.#probing);
    if (isFinal) return;
    const { probingRebalanceIntervalMs } = this.#parts.settings;
    this.#probing = unref(setTimeout(this.#rejoin, probingRebalanceIntervalMs));
  }

  /** Tells the group, once, that warm-ups have caught up. */
  lookAtWarmups(): void {
    if (this.#isTold || this.#data.warmup.length === 0) return;
    const { standbys } = this.#parts.tasks();
    const { acceptableRecoveryLag } = this.#parts.settings;
    for (const name of this.#data.warmup) {
      const lag = standbys.lagOf(name);
      if (lag < 0 || lag > acceptableRecoveryLag) return;
    }
    this.#isTold = true;
    this.#rejoin();
  }

  close(): void {
    clearTimeout(this.#probing);
  }

  #offsets(): Record<string, number> {
    const tasks = this.#parts.tasks();
    const offsets: Record<string, number> = {};
    for (const live of tasks.standbys.all()) offsets[live.name] = live.offsetSum;
    for (const live of tasks.all()) {
      if (live.task.stores.restored.length === 0) continue;
      offsets[live.name] = live.isRunning ? LATEST_OFFSET : live.offsetSum;
    }
    return offsets;
  }
}
