/** What a cleaning did, for those who watch it. */
export interface CleaningReport {
  readonly bytesRead: number;
  readonly bytesWritten: number;
  /** Of the key map's bytes that it was allowed. */
  readonly mapUtilization: number;
  readonly elapsedMs: number;
}

/** What `/metrics` tells of compaction: Kafka's LogCleaner and LogCleanerManager beans. */
export class CleaningMetrics {
  cleanings = 0;
  failures = 0;
  bytesRead = 0;
  bytesWritten = 0;
  /** Of the last cleaning that ended well. */
  last: CleaningReport | null = null;
  /** Of the compacted logs that the last look found. */
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

  /** Partitions that are gone, or are no longer to be compacted, hold nobody up. */
  forgetAllBut(isKept: (partition: object) => boolean): void {
    for (const partition of this.#uncleanable.keys()) {
      if (!isKept(partition)) this.#uncleanable.delete(partition);
    }
  }
}
