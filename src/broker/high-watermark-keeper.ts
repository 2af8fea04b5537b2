import { reasonOf } from '../base/errors.ts';
import { every } from '../base/every.ts';
import { logFailure } from '../base/log-failure.ts';
import type { Logger } from '../base/logger.ts';
import type { Partitions } from '../front/partitions/partitions.ts';
import type { Workers } from '../front/partitions/workers.ts';
import type { LogDirectories } from '../log/log-directories.ts';
import type { MetadataView } from '../metadata/metadata-view.ts';

export interface HighWatermarkMeans {
  readonly logDirs: Pick<LogDirectories, 'saveHighWatermarks'>;
  readonly workers: Pick<Workers, 'workerCount' | 'control'>;
  readonly partitions: Pick<Partitions, 'bySlot'>;
  readonly metadata: Pick<MetadataView, 'image'>;
  /** `replica.high.watermark.checkpoint.interval.ms` */
  readonly intervalMs: number;
  readonly logger: Logger;
}

/**
 * Writes the high watermarks of a broker whose partitions have replicas elsewhere, more often than
 * the other checkpoints: after a kill its consumers read up to there until replicas are heard of.
 */
export class HighWatermarkKeeper {
  readonly #means: HighWatermarkMeans;
  /** What is not written yet, by slot. */
  readonly #moved = new Map<number, number>();
  #timer: NodeJS.Timeout | null = null;
  #isSaving = false;
  #isStopped = false;
  #isFailing = false;

  constructor(means: HighWatermarkMeans) {
    this.#means = means;
  }

  start(): void {
    const { intervalMs, logger } = this.#means;
    this.#timer = every(intervalMs, () => this.save(), logFailure(logger, 'high watermarks'));
    this.#timer.unref();
  }

  /** The stop writes all checkpoints. */
  stop(): void {
    this.#isStopped = true;
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  /** Nothing while the last call still waits for a worker or for the disk. */
  async save(): Promise<void> {
    if (this.#isSaving) return;
    this.#isSaving = true;
    try {
      await this.#ask();
      if (this.#moved.size > 0 && !this.#isStopped) await this.#write();
    } finally {
      this.#isSaving = false;
    }
  }

  async #ask(): Promise<void> {
    const { workers } = this.#means;
    for (let worker = 0; worker < workers.workerCount; worker++) {
      const answer = await workers.control(worker, { kind: 'moved-watermarks' });
      if (answer.error !== 0) continue;
      for (const { slot, highWatermark } of answer.moved) this.#moved.set(slot, highWatermark);
    }
  }

  /** A failure is one log line, until it works again. What was not written is tried again. */
  async #write(): Promise<void> {
    const { logDirs, logger } = this.#means;
    try {
      await logDirs.saveHighWatermarks(this.#named());
      this.#moved.clear();
      this.#isFailing = false;
    } catch (thrown) {
      if (!this.#isFailing) logger.error(`high watermarks cannot be saved: ${reasonOf(thrown)}`);
      this.#isFailing = true;
    }
  }

  /** Without deleted topics: their entries would be read as those of new ones of the same name. */
  #named(): Map<string, number> {
    const { partitions, metadata } = this.#means;
    const named = new Map<string, number>();
    for (const [slot, highWatermark] of this.#moved) {
      const mirror = partitions.bySlot(slot);
      if (mirror === undefined || !metadata.image.topicsById.has(mirror.topicId)) continue;
      named.set(`${mirror.topic}-${mirror.index}`, highWatermark);
    }
    return named;
  }
}
