/** Which segments of a log have expired, and how their files are removed. */
import type { LogSettings } from '../base/log-settings.ts';
import { DELETED_SUFFIX, SEGMENT_SUFFIXES, segmentPath } from './file-names.ts';
import type { Segment } from './segment.ts';
import { fileSize, storage } from './storage.ts';

/** How many segments from the front lie wholly below an offset. */
export function segmentsBelow(segments: readonly Segment[], offset: number): number {
  let count = 0;
  while (count < segments.length - 1 && segments[count + 1]!.baseOffset <= offset) count++;
  return count;
}

/**
 * How many segments from the front may go: those wholly below the log start, and by age and size
 * those wholly below `limitOffset`. The active one counts only by age: it must be rolled first.
 */
export function expiredSegments(
  segments: readonly Segment[],
  settings: LogSettings,
  logStartOffset: number,
  limitOffset: number,
  wallMs: number,
): number {
  let total = 0;
  for (const segment of segments) total += segment.sizeBytes;
  let count = 0;
  while (count < segments.length) {
    const segment = segments[count]!;
    const end = segments[count + 1]?.baseOffset ?? Number.POSITIVE_INFINITY;
    const isActive = count === segments.length - 1;
    const below = end <= logStartOffset;
    const old = settings.delete && isExpired(segment, settings.retentionMs, wallMs);
    const excess =
      settings.delete &&
      settings.retentionBytes >= 0 &&
      total - segment.sizeBytes >= settings.retentionBytes;
    if (isActive) return old && segment.sizeBytes > 0 ? activeCount(segments, limitOffset) : count;
    if (!below && (!(old || excess) || end > limitOffset)) break;
    total -= segment.sizeBytes;
    count++;
  }
  return count;
}

function activeCount(segments: readonly Segment[], limitOffset: number): number {
  const active = segments.at(-1)!;
  return active.maxTimestampOffset < limitOffset ? segments.length : segments.length - 1;
}

function isExpired(segment: Segment, retentionMs: number, wallMs: number): boolean {
  if (retentionMs < 0) return false;
  const newestMs = segment.maxTimestamp >= 0 ? segment.maxTimestamp : segment.modifiedMs;
  return wallMs - newestMs > retentionMs;
}

/** Files of deleted segments that wait to be unlinked, so that late readers can still open them. */
export class DeletedFiles {
  readonly #paths: string[] = [];
  readonly #deletedMs: number[] = [];
  #asideCount = 0;

  /** Renames the files of a segment: readers keep what they have mapped. */
  add(directory: string, baseOffset: number, wallMs: number): void {
    for (const suffix of SEGMENT_SUFFIXES) {
      const path = segmentPath(directory, baseOffset, suffix);
      if (fileSize(path) < 0) continue;
      const next = path + DELETED_SUFFIX;
      this.#moveAside(next);
      storage.rename(path, next);
      this.#paths.push(next);
      this.#deletedMs.push(wallMs);
    }
  }

  /**
   * A segment that is compacted again soon would be renamed to the name of the file that it
   * replaced before. The system would free that file at once: 50 ms for 100 MB, on the owner's
   * thread.
   */
  #moveAside(path: string): void {
    if (fileSize(path) < 0) return;
    const place = this.#paths.lastIndexOf(path);
    if (place < 0) return; // it is being removed at this moment
    const aside = `${path}.${++this.#asideCount}${DELETED_SUFFIX}`;
    storage.rename(path, aside);
    this.#paths[place] = aside;
  }

  /** A wall clock that was set back does not keep files for longer. */
  release(wallMs: number, delayMs: number): void {
    while (this.#paths.length > 0) {
      const ageMs = wallMs - this.#deletedMs[0]!;
      if (ageMs >= 0 && ageMs < delayMs) return;
      // Where this throws, the entries stay and the removal is tried again.
      storage.removeLater(this.#paths[0]!);
      this.#paths.shift();
      this.#deletedMs.shift();
    }
  }
}

/** At once: only for files that nobody can have opened. */
export function removeSegmentFiles(directory: string, baseOffset: number): void {
  for (const suffix of SEGMENT_SUFFIXES) {
    const path = segmentPath(directory, baseOffset, suffix);
    if (fileSize(path) >= 0) storage.unlink(path);
  }
}
