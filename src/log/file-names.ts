/** The names of Kafka's files in a partition's directory. */
import { sep } from 'node:path';

const DIGITS = 20;
const SEGMENT_FILE = /^(\d{20})\.(log|index|timeindex|txnindex|snapshot)$/;

export const LOG_SUFFIX = '.log';
export const INDEX_SUFFIX = '.index';
export const TIME_INDEX_SUFFIX = '.timeindex';
export const TXN_INDEX_SUFFIX = '.txnindex';
export const SNAPSHOT_SUFFIX = '.snapshot';
/** A file gets it before it is removed. The next open removes what a crash left of such files. */
export const DELETED_SUFFIX = '.deleted';
/** Compaction is still writing this file. After a crash it is worthless. */
export const CLEANED_SUFFIX = '.cleaned';
/**
 * Compaction has completed this file. It replaces the segments that it covers, after a crash too.
 */
export const SWAP_SUFFIX = '.swap';

/** Every file of a segment. */
export const SEGMENT_SUFFIXES = [
  LOG_SUFFIX,
  INDEX_SUFFIX,
  TIME_INDEX_SUFFIX,
  TXN_INDEX_SUFFIX,
] as const;

export function segmentPath(directory: string, baseOffset: number, suffix: string): string {
  return `${directory}${sep}${String(baseOffset).padStart(DIGITS, '0')}${suffix}`;
}

/** The offset in the name of a segment's file with this suffix, or -1. */
export function offsetInName(name: string, suffix: string): number {
  const match = SEGMENT_FILE.exec(name);
  if (match === null || `.${match[2]}` !== suffix) return -1;
  const offset = Number(match[1]);
  return Number.isSafeInteger(offset) ? offset : -1;
}
