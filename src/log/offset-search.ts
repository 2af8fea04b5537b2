/** Finding the batch that holds an offset, for the owner of a log. */
import type { LogPosition } from '../base/log-position.ts';
import { baseOffset, lastOffset } from '../records/batch-layout.ts';
import { plausibleBatch } from './batch-check.ts';
import { mapFile, unmapFile } from './file-map.ts';
import { INDEX_SUFFIX, LOG_SUFFIX } from './file-names.ts';
import { OFFSET_ENTRY_BYTES, positionForOffset } from './offset-index.ts';
import type { Segment } from './segment.ts';
import { SegmentWindow } from './segment-window.ts';

const MAX_RELATIVE_OFFSET = 2 ** 31 - 1;

/**
 * Sets `into` to the start of the batch that holds `offset`, or of the first batch behind it. The
 * offset in `into` is `offset`, or a lower one where the batch begins earlier. False where all
 * batches end below. A damaged batch counts as found, because nobody knows what lies behind it.
 */
export function findBatch(
  segments: readonly Segment[],
  offset: number,
  into: LogPosition,
): boolean {
  const first = segments.findLastIndex((segment) => segment.baseOffset <= offset);
  for (let i = Math.max(first, 0); i < segments.length; i++) {
    if (findInSegment(segments[i]!, offset, into)) return true;
  }
  return false;
}

function findInSegment(segment: Segment, offset: number, into: LogPosition): boolean {
  const { sizeBytes } = segment;
  if (sizeBytes === 0) return false;
  let position = startOfSearch(segment, offset);
  const window = new SegmentWindow(segment.pathOf(LOG_SUFFIX), position, sizeBytes);
  try {
    while (window.next()) {
      const { bytes, at, size } = window;
      if (plausibleBatch(bytes, at, at + size, 0) === 0) break;
      if (lastOffset(bytes, at) >= offset) {
        into.set(Math.min(offset, baseOffset(bytes, at)), segment.baseOffset, position);
        return true;
      }
      position += size;
    }
  } finally {
    window.close();
  }
  if (position >= sizeBytes) return false;
  into.set(offset, segment.baseOffset, position);
  return true;
}

/** A batch boundary at or below the one that is looked for. */
function startOfSearch(segment: Segment, offset: number): number {
  const indexBytes = segment.indexEntries * OFFSET_ENTRY_BYTES;
  const relative = Math.min(offset - segment.baseOffset, MAX_RELATIVE_OFFSET);
  if (indexBytes === 0 || relative <= 0) return 0;
  const path = segment.pathOf(INDEX_SUFFIX);
  const index = mapFile(path, indexBytes);
  const position = positionForOffset(index, indexBytes, relative, segment.sizeBytes);
  unmapFile(path, index);
  return position;
}
