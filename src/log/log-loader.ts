/** Opening a partition's directory: leftovers are tidied, every segment is checked or scanned. */
import { join } from 'node:path';
import type { Logger } from '../base/logger.ts';
import { lastOffset } from '../records/batch-layout.ts';
import { soundBatch } from './batch-check.ts';
import { mapFile, unmapFile } from './file-map.ts';
import {
  CLEANED_SUFFIX,
  DELETED_SUFFIX,
  LOG_SUFFIX,
  offsetInName,
  SEGMENT_SUFFIXES,
  SNAPSHOT_SUFFIX,
  SWAP_SUFFIX,
  segmentPath,
} from './file-names.ts';
import { recoverSegment } from './recovery.ts';
import type { SegmentFacts } from './segment.ts';
import { checkSegment } from './segment-check.ts';
import { fileSize, listDirectory, storage, TEMPORARY_SUFFIX } from './storage.ts';

export interface LoadPlace {
  readonly directory: string;
  /** All below it is intact on the disk. Segments that reach above it are scanned. */
  readonly recoveryPoint: number;
  readonly indexIntervalBytes: number;
  /** Whether the last segment must be on the disk too, because its records were promised to be. */
  readonly syncLast: boolean;
  /** Segments may end before the next one begins. */
  readonly compact: boolean;
  /**
   * The log may end below its recovery point: a follower was truncated after that was saved.
   * Its leader has the rest: a follower that began above would never ask for it.
   */
  readonly hasReplicas: boolean;
  readonly logger: Logger;
}

export interface LoadedSegments {
  readonly segments: SegmentFacts[];
  /** 0 where there are no segments. */
  readonly logEndOffset: number;
  /**
   * At least one segment was scanned because the last stop was not clean. Readers may have seen
   * records that are gone.
   */
  readonly recovered: boolean;
  /** The base offset of the first segment that was scanned; infinity where none was. */
  readonly scannedFrom: number;
  /** All below it was scanned and then synced, or was on the disk before. */
  readonly syncedTo: number;
}

const LEFTOVERS = [DELETED_SUFFIX, CLEANED_SUFFIX, TEMPORARY_SUFFIX];

/** Removes what an interrupted write left, and completes the swap of a finished compaction. */
export function tidyDirectory(directory: string): void {
  const names = listDirectory(directory);
  for (const name of names) {
    if (LEFTOVERS.some((suffix) => name.endsWith(suffix))) storage.unlink(join(directory, name));
  }
  const swapped = names.filter((name) => name.endsWith(LOG_SUFFIX + SWAP_SUFFIX));
  for (const name of swapped) completeSwap(directory, name);
  for (const name of listDirectory(directory)) {
    if (name.endsWith(SWAP_SUFFIX)) storage.unlink(join(directory, name));
  }
  removeOrphans(directory);
}

/**
 * A `.log.swap` holds all that is left of the segments from its base offset up to its last offset.
 * Its indexes are not taken over: their absence makes the loader scan it and write new ones.
 */
function completeSwap(directory: string, name: string): void {
  const plain = name.slice(0, -SWAP_SUFFIX.length);
  const base = offsetInName(plain, LOG_SUFFIX);
  if (base < 0) return;
  const swapPath = join(directory, name);
  const end = endOfSwap(swapPath, base);
  for (const old of segmentBases(directory)) {
    if (old < base || (old > base && old >= end)) continue;
    for (const suffix of SEGMENT_SUFFIXES) {
      const path = segmentPath(directory, old, suffix);
      if (fileSize(path) >= 0) storage.unlink(path);
    }
  }
  storage.rename(swapPath, join(directory, plain));
}

function endOfSwap(swapPath: string, base: number): number {
  const sizeBytes = fileSize(swapPath);
  const bytes = mapFile(swapPath, sizeBytes);
  let end = base;
  let at = 0;
  while (at < sizeBytes) {
    const size = soundBatch(bytes, at, sizeBytes, end);
    if (size === 0) break;
    end = lastOffset(bytes, at) + 1;
    at += size;
  }
  unmapFile(swapPath, bytes);
  return end;
}

/** Indexes and the like whose log is gone. */
function removeOrphans(directory: string): void {
  for (const name of listDirectory(directory)) {
    for (const suffix of SEGMENT_SUFFIXES) {
      const base = suffix === LOG_SUFFIX ? -1 : offsetInName(name, suffix);
      if (base < 0 || fileSize(segmentPath(directory, base, LOG_SUFFIX)) >= 0) continue;
      storage.unlink(join(directory, name));
    }
  }
}

export function segmentBases(directory: string): number[] {
  return listDirectory(directory)
    .map((name) => offsetInName(name, LOG_SUFFIX))
    .filter((base) => base >= 0)
    .sort((a, b) => a - b);
}

export function loadSegments(place: LoadPlace): LoadedSegments {
  const bases = segmentBases(place.directory);
  const segments: SegmentFacts[] = [];
  let logEndOffset = 0;
  let recovered = false;
  let syncedTo = 0;
  let scannedFrom = Number.POSITIVE_INFINITY;
  for (let i = 0; i < bases.length; i++) {
    const base = bases[i]!;
    const upTo = bases[i + 1] ?? Number.POSITIVE_INFINITY;
    const trusted = place.recoveryPoint >= upTo || upTo === Number.POSITIVE_INFINITY;
    const checked = trusted ? checkSegment(place.directory, base) : null;
    if (checked !== null && !mustScan(checked.nextOffset, place, i === bases.length - 1)) {
      segments.push(checked.facts);
      logEndOffset = checked.nextOffset;
      if (i < bases.length - 1) warnOfGap(place, logEndOffset, upTo);
      continue;
    }
    const sync = place.syncLast || i < bases.length - 1;
    const recoveryPoint = Math.min(place.recoveryPoint, upTo);
    const compact = place.compact || (place.hasReplicas && i === bases.length - 1);
    const scanned = recoverSegment({ ...place, compact, recoveryPoint, baseOffset: base, sync });
    if (sync) syncedTo = Math.min(scanned.nextOffset, upTo);
    recovered = true;
    scannedFrom = Math.min(scannedFrom, base);
    segments.push(scanned.facts);
    logEndOffset = scanned.nextOffset;
    // A file may have lost its end without a trace. Only compaction may leave such gaps.
    const hasGap = scanned.nextOffset < upTo && i < bases.length - 1;
    if (hasGap && (scanned.hadTail || !place.compact)) {
      dropSegments(place, bases.slice(i + 1), scanned.nextOffset);
      break;
    }
  }
  return { segments, logEndOffset, recovered, syncedTo, scannedFrom };
}

/** Only compaction may leave such a gap, and it may have been switched off since. */
function warnOfGap(place: LoadPlace, from: number, to: number): void {
  if (from >= to || place.compact) return;
  place.logger.warn(
    `${place.directory} holds no offsets from ${from} to ${to - 1}: unless they were compacted, ` +
      'a file of it was removed',
  );
}

/**
 * A segment that is sound is scanned too if it reaches above the recovery point, or if it is the
 * last one and the log ends in it below the recovery point.
 */
function mustScan(nextOffset: number, place: LoadPlace, isLast: boolean): boolean {
  if (nextOffset > place.recoveryPoint) return true;
  return isLast && !place.compact && nextOffset < place.recoveryPoint;
}

/** Removes the segments behind a tail that a power loss took: a log has no holes. */
function dropSegments(place: LoadPlace, bases: readonly number[], endOffset: number): void {
  for (const base of bases) {
    const bytes = fileSize(segmentPath(place.directory, base, LOG_SUFFIX));
    place.logger.warn(
      `recovery: ${place.directory}: segment ${base} lies behind a lost tail that ends at offset ` +
        `${endOffset}: ${bytes} bytes dropped`,
    );
    for (const suffix of [...SEGMENT_SUFFIXES, SNAPSHOT_SUFFIX]) {
      const path = segmentPath(place.directory, base, suffix);
      if (fileSize(path) >= 0) storage.unlink(path);
    }
  }
}
