/**
 * Kafka's text checkpoints: a version, a count, then a line an entry.
 *
 *   recovery-point-offset-checkpoint        leader-epoch-checkpoint
 *     0                                       0
 *     2                                       1
 *     orders 0 5120                           0 0
 *     orders 1 4711                           (epoch, start offset)
 */
import { MillraceError } from '../base/errors.ts';
import { readIfThere, replaceFile, replaceFileLater } from './storage.ts';

export const RECOVERY_POINT_FILE = 'recovery-point-offset-checkpoint';
export const LOG_START_FILE = 'log-start-offset-checkpoint';
export const HIGH_WATERMARK_FILE = 'replication-offset-checkpoint';

function corrupt(path: string, why: string): MillraceError {
  return new MillraceError('MILLRACE_CORRUPT', `${path} ${why}`);
}

/**
 * The lines of the entries, whose count is checked. Null where there is no file, or where a power
 * loss left one without content because it was not synced.
 */
export function readCheckpointLines(path: string): string[] | null {
  const bytes = readIfThere(path);
  if (bytes === null || bytes.every((byte) => byte === 0)) return null;
  const lines = bytes.toString('utf8').split('\n');
  if (lines[0] !== '0') throw corrupt(path, `has version '${lines[0]}', expected 0`);
  const count = Number(lines[1]);
  const entries = lines.slice(2).filter((line) => line !== '');
  if (!Number.isInteger(count) || count !== entries.length) {
    throw corrupt(path, `promises ${lines[1]} entries and has ${entries.length}`);
  }
  return entries;
}

export function writeCheckpointLines(
  path: string,
  entries: readonly string[],
  durable: boolean,
): void {
  replaceFile(path, encodeLines(entries), durable);
}

function encodeLines(entries: readonly string[]): Buffer {
  return Buffer.from(['0', String(entries.length), ...entries, ''].join('\n'));
}

/** Offsets by `<topic>-<partition>`, as the three files of a data directory hold them. */
export function readOffsetCheckpoint(path: string): Map<string, number> {
  const offsets = new Map<string, number>();
  for (const line of readCheckpointLines(path) ?? []) {
    const [topic, partition, offset] = line.split(' ');
    const value = Number(offset);
    if (topic === undefined || partition === undefined || !Number.isSafeInteger(value)) {
      throw corrupt(path, `has the line '${line}'`);
    }
    offsets.set(`${topic}-${partition}`, value);
  }
  return offsets;
}

export function writeOffsetCheckpoint(path: string, offsets: ReadonlyMap<string, number>): void {
  replaceFile(path, encodeOffsets(offsets), true);
}

/** The same beside the event loop: see `replaceFileLater`. */
export function saveOffsetCheckpoint(
  path: string,
  offsets: ReadonlyMap<string, number>,
  durable: boolean,
): Promise<void> {
  return replaceFileLater(path, encodeOffsets(offsets), durable);
}

function encodeOffsets(offsets: ReadonlyMap<string, number>): Buffer {
  const lines: string[] = [];
  for (const [name, offset] of offsets) {
    const dash = name.lastIndexOf('-');
    lines.push(`${name.slice(0, dash)} ${name.slice(dash + 1)} ${offset}`);
  }
  return encodeLines(lines);
}
