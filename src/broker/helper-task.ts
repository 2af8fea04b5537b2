/** Runs in a thread of the helper pool: what the front and the workers must not spend time on. */
import type { RebuildResult, RebuildTask } from '../front/helper-pool.ts';
import { cleanLog } from '../log/compaction/cleaner.ts';
import type { CleaningResult, CleaningTask } from '../log/compaction/cleaning.ts';
import '../log/native.ts';
import { recompress } from '../records/recompress.ts';

export function rebuild(task: RebuildTask): RebuildResult {
  const { records, codec, levels, needsKeys, bytesMax } = task;
  const batch = Buffer.from(records.buffer, records.byteOffset, records.length);
  const { error, rebuilt } = recompress(batch, codec, levels, needsKeys, bytesMax);
  return { error, rebuilt: new Uint8Array(rebuilt) };
}

export function clean(task: CleaningTask): CleaningResult {
  return cleanLog(task);
}
