/** Files that somebody removed while the log was in use, and what to say of them. */
import { LOG_SUFFIX } from './file-names.ts';
import type { Segment } from './segment.ts';
import { fileSize } from './storage.ts';

/** Why a log cannot go on, or ''. */
export function missingFileText(segments: readonly Segment[]): string {
  for (const segment of segments) {
    const text = removedText(segment);
    if (text !== '') return text;
    const path = segment.pathOf(LOG_SUFFIX);
    if (fileSize(path) < 0) return `${path} is gone: somebody removed it while it was in use`;
  }
  return '';
}

/** The same of a segment that is being written, or ''. Costs one system call. */
export function removedText(segment: Segment): string {
  if (!segment.isRemoved) return '';
  const path = segment.pathOf(LOG_SUFFIX);
  const text = `${path} is gone: somebody removed it while it was being written`;
  if (process.platform !== 'linux') return text;
  const copy = `/proc/${process.pid}/fd/${segment.fd}`;
  return `${text}; until the broker stops, what it held can be copied from ${copy}`;
}
