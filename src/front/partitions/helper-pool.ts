import type { RecordRejection } from '../../base/record-rejection.ts';

/** One batch to be rebuilt, and what came of it. */
export interface RebuildTask {
  readonly records: Uint8Array;
  /** The codec to store with; -1 leaves it as it is. */
  readonly codec: number;
  readonly levels: { readonly gzip: number; readonly lz4: number; readonly zstd: number };
  /** Compacted topics take no record without a key. */
  readonly needsKeys: boolean;
  /** Its name, for the messages of `rejection`. */
  readonly partition: string;
  /** max.message.bytes: bounds the batch as it came and as it is stored. */
  readonly bytesMax: number;
  /** message.timestamp.before.max.ms; infinite where records may have any time. */
  readonly beforeMaxMs: number;
  /** message.timestamp.after.max.ms. It counts only where the other one is finite. */
  readonly afterMaxMs: number;
}

/** A task with the memory that it may take. */
export interface BoundedRebuildTask extends RebuildTask {
  readonly openedBytesMax: number;
}

export interface RebuildResult {
  /** 0 or the wire error code; `rebuilt` is empty then. */
  readonly error: number;
  readonly rebuilt: Uint8Array;
  /** Which records the error is about, where it is about single ones. */
  readonly rejection: RecordRejection | null;
}

/**
 * Records of one batch to be opened. The bytes lie in memory of their own, which is handed over.
 */
export interface OpeningTask {
  readonly packed: Uint8Array;
  readonly codec: number;
  readonly openedBytesMax: number;
  /** Left free before what comes back. */
  readonly headerBytes: number;
}

/** One whole batch in memory of its own, in which a record of this time is looked for. */
export interface TimeTask {
  readonly batch: Uint8Array;
  readonly timestampMs: number;
  readonly minOffset: number;
  readonly openedBytesMax: number;
}

export interface TimeResult {
  readonly offset: number;
  readonly timestampMs: number;
  readonly leaderEpoch: number;
  /** The batch could not be opened, so this is the batch itself. */
  readonly isBatch?: boolean;
}

/** Work that neither the front nor a partition worker may be held up by. */
export interface HelperPool {
  rebuild(task: RebuildTask): Promise<RebuildResult>;
  /** Null where they are damaged, or open to more than they may. */
  open(task: OpeningTask): Promise<Uint8Array | null>;
  /** Null where it has none. */
  findByTime(task: TimeTask): Promise<TimeResult | null>;
  /** Frees at once what `open` returned. Its bytes are zeros afterwards. */
  release(bytes: Uint8Array): void;
}
