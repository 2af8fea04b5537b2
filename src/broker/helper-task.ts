/** Runs in a thread of the helper pool. Front and workers must not spend time on this work. */
import { systemClock } from '../base/clock.ts';
import { isCorrupt } from '../base/errors.ts';
import type { RecordRejection } from '../base/record-rejection.ts';
import type {
  BoundedRebuildTask,
  OpeningTask,
  RebuildResult,
  TimeResult,
  TimeTask,
} from '../front/partitions/helper-pool.ts';
import { cleanLog } from '../log/compaction/cleaner.ts';
import type { CleaningResult, CleaningTask } from '../log/compaction/cleaning.ts';
import { native } from '../log/native.ts';
import { findInBatch } from '../log/timestamp-search.ts';
import { INVALID_RECORD } from '../records/batch-validator.ts';
import { decompress } from '../records/compression.ts';
import { explainRejection } from '../records/explain-rejection.ts';
import { LATEST_PRODUCE, recompress } from '../records/recompress.ts';
import { collectGarbage } from './garbage.ts';

const NOTHING = new Uint8Array(0);
/** Helper threads have a lower priority than the threads that clients wait for. */
const NICENESS = 10;

native.lowerPriority(NICENESS);

export function rebuild(task: BoundedRebuildTask): RebuildResult {
  const { records, codec, levels, needsKeys, bytesMax, openedBytesMax } = task;
  const batch = Buffer.from(records.buffer, records.byteOffset, records.length);
  const outcome = recompress(batch, codec, levels, needsKeys, bytesMax, openedBytesMax);
  const { error, rebuilt } = outcome;
  const mayBeSingle = error === INVALID_RECORD || (error === 0 && task.beforeMaxMs < Infinity);
  const rejection = mayBeSingle ? explain(task, batch) : null;
  if (error === 0 && rejection === null) {
    return { error, rebuilt: new Uint8Array(rebuilt), rejection };
  }
  return { error: rejection?.errorCode ?? error, rebuilt: NOTHING, rejection };
}

/** Which records may not be stored: by their keys, and by their times where these are bounded. */
function explain(task: BoundedRebuildTask, batch: Buffer): RecordRejection | null {
  const { partition, needsKeys: keysRequired, bytesMax, openedBytesMax, beforeMaxMs } = task;
  const nowMs = systemClock.wallMs();
  const earliestMs = nowMs - beforeMaxMs;
  const latestMs = beforeMaxMs < Infinity ? nowMs + task.afterMaxMs : Infinity;
  const rules = { partition, keysRequired, earliestMs, latestMs };
  const version = LATEST_PRODUCE;
  return explainRejection(batch, 0, batch.length, version, bytesMax, rules, openedBytesMax);
}

/** As `rebuild`, for a batch that takes much memory. It gives the memory back at its end. */
export function rebuildLarge(task: BoundedRebuildTask): RebuildResult {
  const result = rebuild(task);
  collectGarbage();
  return result;
}

/**
 * The result lies in memory that is shared with the front, so it is not copied. V8 would count a
 * buffer that is moved as the front's, and mark the front's heap at once, for up to 25 ms.
 */
export function open({
  packed,
  codec,
  openedBytesMax,
  headerBytes,
}: OpeningTask): Uint8Array | null {
  try {
    const bytes = Buffer.from(packed.buffer, packed.byteOffset, packed.length);
    const records = decompress(codec, bytes, openedBytesMax);
    const opened = new Uint8Array(new SharedArrayBuffer(headerBytes + records.length));
    opened.set(records, headerBytes);
    return opened;
  } catch (thrown) {
    if (!isCorrupt(thrown)) throw thrown;
    return null;
  } finally {
    collectGarbage();
  }
}

export function findByTime(task: TimeTask): TimeResult | null {
  const { batch, timestampMs, minOffset, openedBytesMax } = task;
  const bytes = Buffer.from(batch.buffer, batch.byteOffset, batch.length);
  try {
    return findInBatch(bytes, timestampMs, minOffset, openedBytesMax);
  } finally {
    collectGarbage();
  }
}

export function clean(task: CleaningTask): CleaningResult {
  return cleanLog(task);
}
