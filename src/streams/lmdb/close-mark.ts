/**
 * A small file beside a file of rows. A clean close leaves it, and the next start takes it away
 * before it writes. It says which bytes the file had:
 *
 *   { "size": …, "crc": CRC-32C over those of each part }
 */
import {
  closeSync,
  openSync,
  readFileSync,
  readSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { systemCodeOf } from '../../base/errors.ts';
import { crc32c } from '../../records/crc32c.ts';

const PART_BYTES = 1 << 20;
const CRC_BYTES = 4;
/** Larger files are not read at a close: another process looks at them at the next start. */
const MARKED_BYTES_MAX = 256 << 20;

interface CloseMark {
  readonly size: number;
  readonly crc: number;
}

function markOf(path: string): string {
  return `${path}.closed`;
}

/** Notes what a file has that is closed. */
export function leaveMark(path: string): void {
  const { size } = statSync(path);
  if (size > MARKED_BYTES_MAX) return;
  const mark: CloseMark = { size, crc: crcOf(path, size) };
  writeFileSync(markOf(path), `${JSON.stringify(mark)}\n`);
}

/** Takes the mark away. True where it was there and the file is as it says. */
export function takeMark(path: string): boolean {
  const mark = readMark(path);
  rmSync(markOf(path), { force: true });
  const { size } = statSync(path);
  return mark !== undefined && mark.size === size && mark.crc === crcOf(path, size);
}

/** Removes it with the file. */
export function removeMark(path: string): void {
  rmSync(markOf(path), { force: true });
}

function readMark(path: string): CloseMark | undefined {
  try {
    return JSON.parse(readFileSync(markOf(path), 'utf8')) as CloseMark;
  } catch (thrown) {
    // One that was cut off, or changed, says nothing.
    if (thrown instanceof SyntaxError || systemCodeOf(thrown) === 'ENOENT') return undefined;
    throw thrown;
  }
}

function crcOf(path: string, size: number): number {
  const part = Buffer.allocUnsafe(Math.min(PART_BYTES, size));
  const crcs = Buffer.alloc(Math.ceil(size / PART_BYTES) * CRC_BYTES);
  const file = openSync(path, 'r');
  try {
    for (let at = 0; at < size; at += PART_BYTES) {
      const count = readSync(file, part, 0, part.length, at);
      crcs.writeUInt32LE(crc32c(part, 0, count), (at / PART_BYTES) * CRC_BYTES);
    }
  } finally {
    closeSync(file);
  }
  return crc32c(crcs, 0, crcs.length);
}
