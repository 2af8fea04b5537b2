/**
 * Compaction of one log, in a thread of the helper pool: reads closed segments, writes cleaned ones
 * aside. Of every key the newest record stays, with its offset; batches keep their first and last
 * offset and their sequences; tombstones stay for delete.retention.ms after they were first met.
 */
import {
  baseOffset,
  isControl,
  lastOffset,
  producerEpoch,
  producerId,
} from '../../records/batch-layout.ts';
import { RecordCursor } from '../../records/record-iterator.ts';
import { soundBatch } from '../batch-check.ts';
import { mapFile, unmapFile } from '../file-map.ts';
import { LOG_SUFFIX, segmentPath } from '../file-names.ts';
import type { AbortedTransaction } from '../transactions/aborted-transaction.ts';
import { abortedInPlan } from './aborted-in-plan.ts';
import { BatchCleaner } from './batch-cleaner.ts';
import type {
  CleanableSegment,
  CleanedSegment,
  CleaningResult,
  CleaningTask,
  LastBatch,
} from './cleaning.ts';
import { KeyMap } from './key-map.ts';
import { removeCleaned, SegmentWriter } from './segment-writer.ts';
import { Throttle } from './throttle.ts';
import { TransactionFilter } from './transaction-filter.ts';

const RELATIVE_OFFSET_MAX = 2 ** 31 - 1;
const INDEX_ENTRY_BYTES = 8;

/** Returns false to stop. */
type BatchVisitor = (bytes: Buffer, at: number, size: number) => boolean;

export function cleanLog(task: CleaningTask): CleaningResult {
  return new Cleaner(task).run();
}

class Cleaner {
  readonly #task: CleaningTask;
  readonly #throttle: Throttle;
  readonly #keys: KeyMap;
  readonly #cursor = new RecordCursor();
  readonly #lastBatches = new Map<number, LastBatch>();
  readonly #aborted: readonly AbortedTransaction[];
  #bytesRead = 0;
  #bytesWritten = 0;
  /** The key map knows every key below it. */
  #mappedTo: number;

  constructor(task: CleaningTask) {
    this.#task = task;
    this.#throttle = new Throttle(task.bytesPerSecondMax);
    const span = task.cleanableTo - task.cleanedTo;
    this.#keys = KeyMap.sized(span, task.dedupeBytesMax, task.loadFactor);
    this.#mappedTo = task.cleanedTo;
    for (const last of task.producers) this.#lastBatches.set(last.producerId, last);
    this.#aborted = abortedInPlan(task);
  }

  run(): CleaningResult {
    this.#mapKeys();
    const cleaned = this.#rewriteAll();
    return {
      cleaned,
      cleanedTo: this.#mappedTo,
      keys: this.#keys.count,
      keyMapBytes: this.#keys.memoryBytes,
      bytesRead: this.#bytesRead,
      bytesWritten: this.#bytesWritten,
    };
  }

  /** The dirty part, oldest first, until the map is full: the rest is for the next cleaning. */
  #mapKeys(): void {
    const { segments, cleanedTo, cleanableTo, endOffset } = this.#task;
    const transactions = new TransactionFilter(this.#aborted);
    for (const [i, segment] of segments.entries()) {
      const end = segments[i + 1]?.baseOffset ?? endOffset;
      if (end <= cleanedTo) continue;
      if (segment.baseOffset >= cleanableTo) break;
      if (!this.#eachBatch(segment, (bytes, at) => this.#mapBatch(bytes, at, transactions))) return;
      this.#mappedTo = Math.min(end, cleanableTo);
    }
  }

  /** What was aborted replaces no earlier record of its key. */
  #mapBatch(bytes: Buffer, at: number, transactions: TransactionFilter): boolean {
    if (isControl(bytes, at)) {
      transactions.isSpent(bytes, at);
      return true;
    }
    if (transactions.isAborted(bytes, at)) return true;
    if (lastOffset(bytes, at) < this.#task.cleanedTo) return true;
    if (baseOffset(bytes, at) >= this.#task.cleanableTo) return true;
    const cursor = this.#cursor;
    cursor.open(bytes, at);
    while (cursor.next()) {
      const key = cursor.key();
      if (key !== null && !this.#keys.put(key, cursor.offset)) return false;
    }
    this.#mappedTo = lastOffset(bytes, at) + 1;
    return true;
  }

  /** Neighbours that fit into one segment become one. */
  #groups(): CleanableSegment[][] {
    const { segments, segmentBytes, segmentIndexBytes, indexIntervalBytes } = this.#task;
    const groups: CleanableSegment[][] = [];
    const bytesMax = Math.min(
      segmentBytes,
      (segmentIndexBytes / INDEX_ENTRY_BYTES) * indexIntervalBytes,
    );
    let group: CleanableSegment[] = [];
    let groupBytes = 0;
    for (const [i, segment] of segments.entries()) {
      if (segment.baseOffset >= this.#mappedTo) break;
      const end = segments[i + 1]?.baseOffset ?? this.#task.endOffset;
      const first = group[0];
      const fits =
        first !== undefined &&
        groupBytes + segment.sizeBytes <= bytesMax &&
        end - first.baseOffset <= RELATIVE_OFFSET_MAX;
      if (!fits) {
        group = [];
        groupBytes = 0;
        groups.push(group);
      }
      group.push(segment);
      groupBytes += segment.sizeBytes;
    }
    return groups;
  }

  #rewriteAll(): CleanedSegment[] {
    const { directory, indexIntervalBytes } = this.#task;
    const cleaned: CleanedSegment[] = [];
    const transactions = new TransactionFilter(this.#aborted);
    let writer: SegmentWriter | null = null;
    try {
      for (const group of this.#groups()) {
        writer = new SegmentWriter(directory, group[0]!.baseOffset, indexIntervalBytes);
        cleaned.push(this.#rewrite(group, writer, transactions));
      }
      return cleaned;
    } catch (thrown) {
      writer?.abandon();
      for (const { facts } of cleaned) removeCleaned(directory, facts.baseOffset);
      throw thrown;
    }
  }

  #rewrite(
    group: readonly CleanableSegment[],
    writer: SegmentWriter,
    transactions: TransactionFilter,
  ): CleanedSegment {
    const { wallMs, deleteRetentionMs } = this.#task;
    const mappedTo = this.#mappedTo;
    const cleaner = new BatchCleaner(this.#keys, transactions, mappedTo, wallMs, deleteRetentionMs);
    for (const segment of group) {
      this.#eachBatch(segment, (bytes, at, size) => {
        const keepsEmpty = this.#endsProducer(bytes, at);
        const kept = cleaner.clean(bytes, at, size, keepsEmpty);
        if (kept !== null) writer.append(Buffer.from(kept));
        if (cleaner.neededAbort !== null) writer.addAborted(cleaner.neededAbort);
        return true;
      });
    }
    const facts = writer.finish(newestMsOf(group));
    this.#bytesWritten += facts.sizeBytes;
    this.#throttle.spend(facts.sizeBytes);
    const replaces = group.map((segment) => segment.baseOffset);
    return { facts, replaces, truncations: this.#task.truncations };
  }

  /**
   * The sequence that a producer goes on from is only in its last batch, and the epoch of one that
   * has none is only in its last marker.
   */
  #endsProducer(bytes: Buffer, at: number): boolean {
    const last = this.#lastBatches.get(producerId(bytes, at));
    if (last === undefined) return false;
    if (last.lastOffset >= 0) return lastOffset(bytes, at) === last.lastOffset;
    return isControl(bytes, at) && producerEpoch(bytes, at) === last.producerEpoch;
  }

  /** False when the visitor stopped. Throws where the segment is damaged: it stays as it is. */
  #eachBatch(segment: CleanableSegment, visit: BatchVisitor): boolean {
    const path = segmentPath(this.#task.directory, segment.baseOffset, LOG_SUFFIX);
    const bytes = mapFile(path, segment.sizeBytes);
    try {
      let at = 0;
      let minOffset = segment.baseOffset;
      while (at < segment.sizeBytes) {
        const size = soundBatch(bytes, at, segment.sizeBytes, minOffset);
        if (size === 0) throw new Error(`${path} is damaged at byte ${at}: it is not cleaned`);
        if (!visit(bytes, at, size)) return false;
        minOffset = lastOffset(bytes, at) + 1;
        this.#bytesRead += size;
        this.#throttle.spend(size);
        at += size;
      }
      return true;
    } finally {
      unmapFile(path, bytes);
    }
  }
}

/** How young what a group holds is, by its records or, where they have no time, its files. */
function newestMsOf(group: readonly CleanableSegment[]): number {
  const times = group.map(({ maxTimestamp, modifiedMs }) => {
    return maxTimestamp >= 0 ? maxTimestamp : modifiedMs;
  });
  return Math.max(...times);
}
