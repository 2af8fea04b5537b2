/** Runs in a thread of the helper pool: what the front and the workers must not spend time on. */
import { WIRE_ERROR } from '../base/wire-errors.ts';
import type { RebuildResult, RebuildTask } from '../front/helper-pool.ts';
import '../log/native.ts';
import { codecId, sizeInBytes } from '../records/batch-layout.ts';
import { recompressBatch } from '../records/batch-rewriter.ts';
import { hasValidCrc, validateBatchFrame } from '../records/batch-validator.ts';
import { RecordCursor } from '../records/record-iterator.ts';

const NOTHING = new Uint8Array(0);
/** Any version that may carry every codec: the worker checks the true one. */
const NEWEST_PRODUCE_VERSION = 13;
/** A batch may not unfold to more than this many times what a batch may be. */
const UNFOLDING_MAX = 16;

const LEVEL_NAMES = [null, 'gzip', null, 'lz4', 'zstd'] as const;

export function rebuild(task: RebuildTask): RebuildResult {
  const { records, needsKeys, bytesMax } = task;
  const batch = Buffer.from(records.buffer, records.byteOffset, records.length);
  // What is wrong with the frame is for the worker to say, as for every other batch.
  const error = validateBatchFrame(batch, 0, batch.length, NEWEST_PRODUCE_VERSION);
  if (error !== 0 || !hasValidCrc(batch, 0, sizeInBytes(batch, 0))) {
    return { error: 0, rebuilt: records };
  }
  const unfoldedMax = bytesMax * UNFOLDING_MAX;
  try {
    if (task.codec < 0) {
      return lacksKey(batch, unfoldedMax) ? refused() : { error: 0, rebuilt: records };
    }
    const levelName = LEVEL_NAMES[task.codec] ?? null;
    const level = levelName === null ? undefined : task.levels[levelName];
    const rebuilt = recompressBatch(batch, 0, task.codec, level, needsKeys, unfoldedMax);
    return { error: 0, rebuilt: new Uint8Array(rebuilt) };
  } catch {
    // Whatever a codec or a record says here, it says of the client's bytes.
    return refused();
  }
}

function refused(): RebuildResult {
  return { error: WIRE_ERROR.INVALID_RECORD, rebuilt: NOTHING };
}

function lacksKey(batch: Buffer, unfoldedMax: number): boolean {
  if (codecId(batch, 0) === 0) return false;
  const cursor = new RecordCursor();
  cursor.open(batch, 0, unfoldedMax);
  while (cursor.next()) if (cursor.keyEnd < 0) return true;
  return false;
}
