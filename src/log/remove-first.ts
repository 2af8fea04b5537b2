import { failPoint } from '../base/fail-point.ts';
import type { LogFiles } from './log-files.ts';
import { keepNewestSnapshots } from './producer-snapshot.ts';

/** Takes away the first segments of a log, whose files go later. */
export function removeFirst(files: LogFiles, count: number, wallMs: number): void {
  const { directory, segments, deleted, ledger, listener } = files;
  if (count === 0) return;
  for (let left = count; left > 0; left--) {
    const first = segments[0]!;
    if (failPoint !== null) failPoint('retention-before-rename');
    deleted.add(directory, first.baseOffset, wallMs);
    segments.shift();
    ledger.discard(first);
    listener.segmentRemoved(first.baseOffset);
  }
  keepNewestSnapshots(directory, segments);
}
