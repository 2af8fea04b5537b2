/**
 * Puts cleaned segments in the place of the old ones. What counts is the first rename: a crash
 * after it leaves a `.log.swap`, which the next start completes; a crash before it leaves
 * `.cleaned` files, which the next start removes.
 */
import { failPoint } from '../../base/fail-point.ts';
import {
  CLEANED_SUFFIX,
  INDEX_SUFFIX,
  LOG_SUFFIX,
  SWAP_SUFFIX,
  segmentPath,
  TIME_INDEX_SUFFIX,
  TXN_INDEX_SUFFIX,
} from '../file-names.ts';
import type { LogFiles } from '../log-files.ts';
import type { ProducerState } from '../producer-state.ts';
import type { DeletedFiles } from '../retention.ts';
import { Segment } from '../segment.ts';
import { storage } from '../storage.ts';
import type { CleanedSegment, CleaningPlan } from './cleaning.ts';
import { removeCleaned } from './segment-writer.ts';

const ORDINARY_INDEXES = [INDEX_SUFFIX, TIME_INDEX_SUFFIX] as const;

/**
 * Swaps in what a cleaning wrote. False where some of the old segments were removed meanwhile, by
 * age, size or DeleteRecords, or the log was cut: their records must not come back.
 */
export function applyCleaning(
  { directory, segments, ledger, deleted }: LogFiles,
  cleaned: readonly CleanedSegment[],
  wallMs: number,
): boolean {
  const wanted = cleaned.filter((each) => {
    return each.truncations === ledger.truncations && firstReplaced(segments, each) >= 0;
  });
  for (const each of cleaned) {
    if (!wanted.includes(each)) removeCleaned(directory, each.facts.baseOffset);
  }
  announce(directory, wanted);
  for (const each of wanted) {
    const first = firstReplaced(segments, each);
    for (const old of segments.slice(first, first + each.replaces.length)) {
      ledger.discard(old);
    }
    replace(directory, each, deleted, wallMs);
    segments.splice(first, each.replaces.length, new Segment(directory, each.facts));
  }
  return wanted.length === cleaned.length;
}

/** The place of the first segment that is replaced; -1 unless all of them are there. */
function firstReplaced(segments: readonly Segment[], { replaces }: CleanedSegment): number {
  const first = segments.findIndex((segment) => segment.baseOffset === replaces[0]);
  const isThere = replaces.every((base, i) => segments[first + i]?.baseOffset === base);
  return isThere ? first : -1;
}

/**
 * The directory is not synced, which may take a quarter of a second of the owner's thread. What was
 * renamed is on the disk already, and a journal keeps the order in which names come and go.
 */
function announce(directory: string, cleaned: readonly CleanedSegment[]): void {
  for (const { facts } of cleaned) {
    const path = segmentPath(directory, facts.baseOffset, LOG_SUFFIX);
    if (failPoint !== null) failPoint('swap-before-rename');
    storage.rename(path + CLEANED_SUFFIX, path + SWAP_SUFFIX);
  }
}

function replace(
  directory: string,
  segment: CleanedSegment,
  deleted: DeletedFiles,
  wallMs: number,
): void {
  const { baseOffset } = segment.facts;
  const pathOf = (suffix: string): string => segmentPath(directory, baseOffset, suffix);
  if (failPoint !== null) failPoint('swap-after-rename');
  for (const old of segment.replaces) deleted.add(directory, old, wallMs);
  if (failPoint !== null) failPoint('swap-after-delete');
  // The last one tells a start that all of them are there.
  const hasAborted = segment.facts.abortedCount > 0;
  const indexes = hasAborted ? [TXN_INDEX_SUFFIX, ...ORDINARY_INDEXES] : ORDINARY_INDEXES;
  for (const suffix of indexes) {
    storage.rename(pathOf(suffix) + CLEANED_SUFFIX, pathOf(suffix));
  }
  storage.rename(pathOf(LOG_SUFFIX) + SWAP_SUFFIX, pathOf(LOG_SUFFIX));
  if (failPoint !== null) failPoint('swap-after-all');
}

/** The part of a log that a plan tells of. */
interface PlannedLog {
  readonly directory: string;
  readonly producers: ProducerState;
  readonly logStartOffset: number;
}

/** What a cleaner may read: the closed segments that end at the last stable offset or before. */
export function planCleaning(
  log: PlannedLog,
  { segments, ledger }: Pick<LogFiles, 'segments' | 'ledger'>,
  limitOffset: number,
): CleaningPlan {
  let count = 0;
  while (count < segments.length - 1 && segments[count + 1]!.baseOffset <= limitOffset) count++;
  return {
    directory: log.directory,
    segments: segments.slice(0, count).map((segment) => {
      const { baseOffset, sizeBytes, maxTimestamp, firstTimestamp, modifiedMs } = segment;
      return { baseOffset, sizeBytes, maxTimestamp, firstTimestamp, modifiedMs };
    }),
    logStartOffset: log.logStartOffset,
    endOffset: segments[count]!.baseOffset,
    producers: Array.from(log.producers.entries(), ({ producerId, epoch, lastOffset }) => {
      return { producerId, producerEpoch: epoch, lastOffset };
    }),
    indexes: segments
      .filter(({ abortedCount }) => abortedCount > 0)
      .map(({ baseOffset, abortedCount }) => ({ baseOffset, abortedCount })),
    truncations: ledger.truncations,
  };
}
