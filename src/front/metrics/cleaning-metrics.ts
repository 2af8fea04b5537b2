/** What one compaction of a log did. */
export interface CleaningReport {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** The used share of the key map. */
  readonly mapUtilization: number;
  readonly elapsedMs: number;
}

/** What `/metrics` says about compaction, as Kafka's LogCleaner and LogCleanerManager beans do. */
export class CleaningMetrics {
  cleanings = 0;
  failures = 0;
  bytesRead = 0;
  bytesWritten = 0;
  /** The last cleaning that succeeded. */
  last: CleaningReport | null = null;
  /** The largest values among the compacted logs, at the last look at them. */
  dirtyRatioMax = 0;
  overdueMsMax = 0;
  /** Monotonic time of that look. */
  lookedMs: number;
  /** Dirty bytes of the partitions whose last cleaning failed. */
  readonly #uncleanable = new Map<object, number>();

  constructor(nowMs: number) {
    this.lookedMs = nowMs;
  }

  get uncleanableCount(): number {
    return this.#uncleanable.size;
  }

  get uncleanableBytes(): number {
    let total = 0;
    for (const bytes of this.#uncleanable.values()) total += bytes;
    return total;
  }

  succeeded(partition: object, report: CleaningReport): void {
    this.cleanings++;
    this.bytesRead += report.bytesRead;
    this.bytesWritten += report.bytesWritten;
    this.last = report;
    this.#uncleanable.delete(partition);
  }

  failed(partition: object, dirtyBytes: number): void {
    this.failures++;
    this.#uncleanable.set(partition, dirtyBytes);
  }

  /** Forgets partitions that were deleted or are no longer compacted. */
  forgetAllBut(isKept: (partition: object) => boolean): void {
    for (const partition of this.#uncleanable.keys()) {
      if (!isKept(partition)) this.#uncleanable.delete(partition);
    }
  }
}
