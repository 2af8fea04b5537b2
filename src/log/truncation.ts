/**
 * Takes the tail of a log away, for a follower whose leader has another one. Readers may hold maps
 * of what goes, so no file is cut: the segment that is cut through is written anew without its
 * tail, as a compaction would, and the others are renamed. The last goes first: a crash in between
 * leaves a log that ends somewhere between the old end and the new one.
 */
import { failPoint } from '../base/fail-point.ts';
import { LogPosition } from '../base/log-position.ts';
import type { LogSettings } from '../base/log-settings.ts';
import { CLEANED_SUFFIX, LOG_SUFFIX, SWAP_SUFFIX, segmentPath } from './file-names.ts';
import type { LeaderEpochs } from './leader-epochs.ts';
import type { LogFiles } from './log-files.ts';
import { findBatch } from './offset-search.ts';
import { rebuildProducers } from './producer-replay.ts';
import type { ProducerState } from './producer-state.ts';
import { recoverSegment } from './recovery.ts';
import { removeSegmentFiles } from './retention.ts';
import { emptySegmentFacts, Segment } from './segment.ts';
import { readBytes, storage } from './storage.ts';

const COPY_BYTES = 1024 * 1024;

interface TruncatedLog {
  readonly logStartOffset: number;
  readonly producers: ProducerState;
  readonly epochs: LeaderEpochs;
}

/**
 * Takes away the batch that holds `offset` and all behind it; with `isAnew` all there is, and the
 * log begins at `offset`. Answers the new log end, which is lower where what was to stay is
 * damaged. Where the disk has no room nothing has changed.
 */
export function truncateLog(
  log: TruncatedLog,
  files: LogFiles,
  settings: LogSettings,
  offset: number,
  wallMs: number,
  isAnew = false,
): number {
  const { producers, epochs } = log;
  const { directory, segments, ledger, logger } = files;
  const to = new LogPosition();
  const parts = { ...files, settings, wallMs };
  let endOffset = offset;
  if (isAnew || offset < log.logStartOffset) restartSegments(parts, offset);
  else if (findTail(segments, offset, to)) endOffset = truncateSegments(parts, to);
  ledger.truncated(endOffset, segments.at(-1)!.baseOffset);
  epochs.truncateFrom(isAnew ? 0 : endOffset);
  const lastBase = segments.at(-1)!.baseOffset;
  rebuildProducers(directory, segments, producers, endOffset, wallMs, lastBase);
  logger.info(`${directory} is truncated to offset ${endOffset}`);
  return endOffset;
}

/** False where no batch and no segment is at or above the offset. */
function findTail(segments: readonly Segment[], offset: number, into: LogPosition): boolean {
  if (findBatch(segments, offset, into)) return true;
  const { baseOffset } = segments.at(-1)!;
  into.set(offset, baseOffset, 0);
  return baseOffset > offset;
}

interface Parts extends LogFiles {
  readonly settings: LogSettings;
  readonly wallMs: number;
}

function truncateSegments(log: Parts, to: LogPosition): number {
  const { segments } = log;
  const cut = segments.findIndex((segment) => segment.baseOffset === to.segmentBase);
  if (to.position > 0) copyHead(log, to.segmentBase, to.position);
  if (failPoint !== null) failPoint('truncate-before-delete');
  while (segments.length > cut + 1) removeLast(log);
  if (failPoint !== null) failPoint('truncate-after-delete');
  if (to.position > 0) return replaceLast(log, to);
  restartLast(log, to.offset);
  return to.offset;
}

/** Removes all of the log, which begins again at an offset. */
function restartSegments(log: Parts, offset: number): void {
  while (log.segments.length > 1) removeLast(log);
  restartLast(log, offset);
}

/** The copy is on the disk when it returns, and not part of the log yet. */
function copyHead({ directory }: Parts, baseOffset: number, length: number): void {
  const path = segmentPath(directory, baseOffset, LOG_SUFFIX);
  const aside = path + CLEANED_SUFFIX;
  const fd = storage.open(aside, 'w+');
  try {
    for (let at = 0; at < length; at += COPY_BYTES) {
      storage.write(fd, readBytes(path, at, Math.min(COPY_BYTES, length - at)), at);
    }
    storage.sync(fd);
  } catch (thrown) {
    storage.unlink(aside);
    throw thrown;
  } finally {
    storage.close(fd);
  }
}

function removeLast({ directory, segments, ledger, deleted, listener, wallMs }: Parts): void {
  const last = segments.pop()!;
  deleted.add(directory, last.baseOffset, wallMs);
  ledger.discard(last);
  listener.segmentRemoved(last.baseOffset);
}

/** The first rename decides: from then on a start completes the swap. */
function replaceLast(log: Parts, to: LogPosition): number {
  const { directory, segments, settings, listener, logger } = log;
  const { baseOffset } = segments.at(-1)!;
  const path = segmentPath(directory, baseOffset, LOG_SUFFIX);
  storage.rename(path + CLEANED_SUFFIX, path + SWAP_SUFFIX);
  if (failPoint !== null) failPoint('truncate-after-rename');
  removeLast(log);
  storage.rename(path + SWAP_SUFFIX, path);
  if (failPoint !== null) failPoint('truncate-after-swap');
  const { indexIntervalBytes, compact } = settings;
  const place = { directory, baseOffset, indexIntervalBytes, compact, logger };
  // Damaged bytes are cut and not kept, since the leader has them.
  const { facts, nextOffset } = recoverSegment({ ...place, recoveryPoint: 0, sync: false });
  const before = segments.at(-1);
  listener.segmentAdded(baseOffset, before?.sizeBytes ?? 0, before?.abortedCount ?? 0);
  segments.push(new Segment(directory, facts));
  return facts.sizeBytes < to.position ? nextOffset : to.offset;
}

/** The last segment gives way to an empty one. */
function restartLast(log: Parts, offset: number): void {
  const { directory, segments, settings, listener, wallMs } = log;
  removeLast(log);
  const fresh = new Segment(directory, emptySegmentFacts(offset, wallMs));
  try {
    fresh.activate(settings, true);
  } catch (thrown) {
    fresh.abandon();
    removeSegmentFiles(directory, offset);
    throw thrown;
  }
  const before = segments.at(-1);
  listener.segmentAdded(offset, before?.sizeBytes ?? 0, before?.abortedCount ?? 0);
  segments.push(fresh);
}
