import { dirname, join } from 'node:path';
import { reasonOf } from '../base/errors.ts';
import { inBackground } from '../base/in-background.ts';
import { logFailure } from '../base/log-failure.ts';
import type { PartitionMirror } from '../front/partitions/partition-mirror.ts';
import type { TopicMirror } from '../front/partitions/topic-mirror.ts';
import type { Services } from '../front/requests/front-services.ts';
import type { CleaningPlan, CleaningResult, CleaningTask } from '../log/compaction/cleaning.ts';
import { type DirtyPart, dirtyPart } from '../log/compaction/dirty-part.ts';
import type { MetadataRecord } from '../metadata/records.ts';
import type { BrokerPool } from './broker-system.ts';
import { CleanedOffsets } from './cleaned-offsets.ts';

const CHECKPOINT_FILE = 'cleaner-offset-checkpoint';
const RETRY_FAILED_MS = 5 * 60_000;

type CleanerServices = Services<
  'clock' | 'logger' | 'settings' | 'metadata' | 'partitions' | 'logDirs' | 'workers' | 'cleaning'
>;

interface Candidate {
  readonly topic: TopicMirror;
  readonly mirror: PartitionMirror;
  readonly plan: CleaningPlan;
  readonly part: DirtyPart;
}

/**
 * Compacts logs, one at a time, the dirtiest first. The helper pool does the work, and the worker
 * only swaps files. The front has no reader of the partition during the swap, so that it maps no
 * file while another file takes its name.
 */
export class LogCleaner {
  readonly #front: CleanerServices;
  readonly #pool: BrokerPool;
  /** By log directory: each has a file of its own. */
  readonly #cleanedTo = new Map<string, CleanedOffsets>();
  /** Partitions whose compaction failed, with the monotonic time of the next try. */
  readonly #failed = new WeakMap<PartitionMirror, number>();
  #timer: NodeJS.Timeout | null = null;
  #working: Promise<void> = Promise.resolve();
  #stopped = false;

  constructor(front: CleanerServices, pool: BrokerPool) {
    this.#front = front;
    this.#pool = pool;
    for (const { path, isLost } of front.logDirs.all) {
      if (isLost) continue;
      const file = join(path, CHECKPOINT_FILE);
      const offsets = new CleanedOffsets(file, front.partitions.topics(), front.logger);
      this.#cleanedTo.set(path, offsets);
    }
    front.metadata.onChange(({ records }) => this.#onChange(records));
  }

  #onChange(records: readonly MetadataRecord[]): void {
    for (const record of records) {
      if (record.type !== 'topic-deleted') continue;
      for (const offsets of this.#cleanedTo.values()) offsets.forgetTopic(record.id);
    }
  }

  start(): void {
    const { enabled, backoffMs } = this.#front.settings.cleaner;
    if (!enabled) return;
    this.#timer = setTimeout(() => {
      const onFailure = logFailure(this.#front.logger, 'looking for logs to compact');
      this.#working = inBackground(this.#round(), onFailure);
    }, backoffMs);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    await this.#working;
  }

  async #round(): Promise<void> {
    try {
      await this.#cleanAll();
    } finally {
      if (!this.#stopped) this.start();
    }
  }

  async #cleanAll(): Promise<void> {
    while (!this.#stopped) {
      const candidate = await this.#dirtiest();
      if (candidate === null || this.#stopped) return;
      await this.#clean(candidate);
    }
  }

  async #dirtiest(): Promise<Candidate | null> {
    const { cleaning, clock } = this.#front;
    let dirtiest: Candidate | null = null;
    let [dirtyRatioMax, overdueMsMax] = [0, 0];
    this.#forgetGone();
    for (const topic of this.#front.partitions.topics()) {
      if (!topic.config.compact) continue;
      for (const mirror of topic.held) {
        const candidate = await this.#look(topic, mirror);
        if (candidate === null) continue;
        const { part } = candidate;
        dirtyRatioMax = Math.max(dirtyRatioMax, part.dirtyRatio);
        overdueMsMax = Math.max(overdueMsMax, part.overdueMs);
        if (!part.isDue) continue;
        const ratio = dirtiest?.part.dirtyRatio ?? -1;
        if (part.dirtyRatio > ratio) dirtiest = candidate;
      }
    }
    Object.assign(cleaning, { dirtyRatioMax, overdueMsMax, lookedMs: clock.monotonicMs() });
    return dirtiest;
  }

  #forgetGone(): void {
    const { cleaning, partitions } = this.#front;
    const kept = new Set<object>();
    for (const { config, held } of partitions.topics()) {
      if (config.compact) for (const mirror of held) kept.add(mirror);
    }
    cleaning.forgetAllBut((mirror) => kept.has(mirror));
  }

  async #look(topic: TopicMirror, mirror: PartitionMirror): Promise<Candidate | null> {
    if (mirror.known && mirror.logEndOffset === mirror.logStartOffset) return null;
    const { workers, clock } = this.#front;
    const isPutOff = clock.monotonicMs() < (this.#failed.get(mirror) ?? 0);
    if (mirror.offlineReason !== '' || isPutOff) return null;
    const { worker, slot } = mirror;
    const answer = await workers.control(worker, { kind: 'plan-cleaning', slot });
    if (answer.error !== 0) return null;
    const plan = answer.cleaning as CleaningPlan;
    const part = dirtyPart(plan, this.#startOf(mirror, plan), topic.config, clock.wallMs());
    return { topic, mirror, plan, part };
  }

  #offsetsOf({ directory }: PartitionMirror): CleanedOffsets {
    return this.#cleanedTo.get(dirname(directory))!;
  }

  #startOf(mirror: PartitionMirror, plan: CleaningPlan): number {
    const cleanedTo = this.#offsetsOf(mirror).of(mirror);
    // A log that ends before this offset, or starts after it, is not the one that was cleaned.
    const isOfThisLog = cleanedTo <= plan.endOffset && cleanedTo >= plan.logStartOffset;
    return isOfThisLog ? cleanedTo : plan.logStartOffset;
  }

  async #clean({ topic, mirror, plan, part }: Candidate): Promise<void> {
    const { settings, clock, logger, metadata, workers, cleaning } = this.#front;
    const { config } = topic;
    const startedMs = clock.monotonicMs();
    const task: CleaningTask = {
      ...plan,
      cleanedTo: this.#startOf(mirror, plan),
      cleanableTo: part.cleanableTo,
      segmentBytes: config.segmentBytes,
      segmentIndexBytes: config.segmentIndexBytes,
      indexIntervalBytes: config.indexIntervalBytes,
      deleteRetentionMs: config.deleteRetentionMs,
      dedupeBytesMax: settings.cleaner.dedupeBufferBytes,
      loadFactor: settings.cleaner.loadFactor,
      bytesPerSecondMax: settings.cleaner.bytesPerSecondMax,
      wallMs: clock.wallMs(),
    };
    try {
      const result = (await this.#pool.run('clean', task)) as CleaningResult;
      if (mirror.removed || mirror.directory !== plan.directory) return;
      const { cleaned } = result;
      mirror.dropReader();
      const { worker, slot } = mirror;
      const answer = await workers.control(worker, { kind: 'finish-cleaning', slot, cleaned });
      if (answer.error !== 0) throw new Error(answer.reason);
      const { bytesRead, bytesWritten, keyMapBytes } = result;
      const mapUtilization = keyMapBytes / task.dedupeBytesMax;
      const elapsedMs = clock.monotonicMs() - startedMs;
      cleaning.succeeded(mirror, { bytesRead, bytesWritten, mapUtilization, elapsedMs });
      const isDeleted = metadata.image.topicsById.get(mirror.topicId) === undefined;
      if (!answer.outdated && !isDeleted)
        this.#offsetsOf(mirror).remember(mirror, result.cleanedTo);
    } catch (thrown) {
      // Retention may remove segments meanwhile, and the log may move. That is no failure: the rest
      // is planned again.
      if (mirror.directory !== plan.directory) return;
      if (mirror.removed || (await this.#lacksSegments(mirror, plan))) return;
      cleaning.failed(mirror, part.dirtyBytes);
      this.#failed.set(mirror, clock.monotonicMs() + RETRY_FAILED_MS);
      logger.error(`compaction of ${nameOf(mirror)} failed: ${reasonOf(thrown)}`);
    }
  }

  async #lacksSegments({ worker, slot }: PartitionMirror, plan: CleaningPlan): Promise<boolean> {
    const answer = await this.#front.workers.control(worker, { kind: 'plan-cleaning', slot });
    if (answer.error !== 0) return false;
    const { segments } = answer.cleaning as CleaningPlan;
    const left = new Set(segments.map(({ baseOffset }) => baseOffset));
    return plan.segments.some(({ baseOffset }) => !left.has(baseOffset));
  }
}

function nameOf(mirror: PartitionMirror): string {
  return `${mirror.topic}-${mirror.index}`;
}
