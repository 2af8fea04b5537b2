/** The publishing side of a fan-out: equal batches, numbered from 0, each sent when released. */
export interface Publisher {
  /** Batch `index` leaves now. */
  onSent: (index: number, nowMs: number) => void;
  onFailed: (error: Error) => void;
  /** Batches up to (not including) that number may leave. */
  release(count: number): void;
  stop(): Promise<void>;
}
