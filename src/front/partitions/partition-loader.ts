import type { PartitionMirror } from './partition-mirror.ts';
import type { Partitions } from './partitions.ts';
import type { Workers } from './workers.ts';

/** Asks workers to open logs that were not touched since the start. */
export class PartitionLoader {
  readonly #partitions: Partitions;
  readonly #workers: Workers;

  constructor(partitions: Partitions, workers: Workers) {
    this.#partitions = partitions;
    this.#workers = workers;
  }

  /** Resolves when the mirror is readable, or offline, or has a `loadFailure` that may pass. */
  load(mirror: PartitionMirror): Promise<void> {
    if (mirror.reader !== null) return Promise.resolve();
    mirror.loading ??= this.#load(mirror).finally(() => {
      mirror.loading = null;
    });
    return mirror.loading;
  }

  /** Again where the files have changed while the worker answered. */
  async #load(mirror: PartitionMirror): Promise<void> {
    let drops = -1;
    while (drops !== mirror.readerDrops) {
      drops = mirror.readerDrops;
      await this.#loadOnce(mirror, drops);
    }
  }

  /**
   * The answer is taken within the drain that brings it, because the worker's next message builds
   * on it.
   */
  async #loadOnce(mirror: PartitionMirror, drops: number): Promise<void> {
    const { worker, slot } = mirror;
    await this.#workers.control(worker, { kind: 'load', slot }, (answer) => {
      if (drops !== mirror.readerDrops) return;
      if (answer.error === 0) {
        mirror.loadFailure = '';
        this.#partitions.startReading(mirror, answer.segments, answer.state);
      } else if (answer.passing === true) {
        mirror.loadFailure = answer.reason;
      } else if (mirror.offlineReason === '') {
        mirror.offlineReason = answer.reason;
      }
    });
  }
}
