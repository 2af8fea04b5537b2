/** What follows a write of several batches at once: the log takes one after the other. */
import { isSystemError, reasonOf } from '../base/errors.ts';
import type { PartitionLog } from '../log/partition-log.ts';
import type { Segment } from '../log/segment.ts';
import { lastOffsetDelta, maxTimestamp } from '../records/batch-layout.ts';

/**
 * The batch was written behind the end of the log, which takes it over and ends with it. False
 * where it cannot: nothing changed then.
 */
export function takeWritten(
  log: PartitionLog,
  memory: Buffer,
  at: number,
  length: number,
  baseOffset: number,
  wallMs: number,
): boolean {
  const last = baseOffset + lastOffsetDelta(memory, at);
  const time = maxTimestamp(memory, at);
  const segment = log.readyFor(length, last, time, wallMs);
  if (segment === null || segment.makeRoom(length) !== 0) return false;
  if (segment.took(length, last, time, wallMs) !== 0) return false;
  log.setEnd(last + 1);
  return true;
}

/**
 * Some batches were not taken. What lies of them behind the log end goes, so that no crash finds
 * them behind a batch that comes in their place. Where it does not go, the log is at its end.
 */
export function cutUntaken(log: PartitionLog, segment: Segment): void {
  try {
    segment.cutRest();
  } catch (thrown) {
    if (!isSystemError(thrown)) throw thrown;
    log.fail(`${log.directory}: ${reasonOf(thrown)}`);
  }
}
