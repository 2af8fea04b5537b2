/**
 * Files without the addon. Node has no call that reserves blocks, so a file is only made longer,
 * and a full disk is met by the write itself. What it wrote by then lies behind the end of the log,
 * and the next write goes over it. Of the two indexes both or none must get an entry, so `populate`
 * takes the blocks for their entries ahead.
 */
import { fstatSync, ftruncateSync, readSync, writeSync } from 'node:fs';
import { constants } from 'node:os';
import { errnoOf } from '../../base/system-errno.ts';

const COPY_BYTES = 64 * 1024;

export function reserve(fd: number, offset: number, length: number): number {
  try {
    const end = offset + length;
    if (fstatSync(fd).size < end) ftruncateSync(fd, end);
    return 0;
  } catch (thrown) {
    return errnoOf(thrown);
  }
}

export function writeParts(
  fd: number,
  source: Uint8Array,
  parts: Int32Array,
  count: number,
  at: number,
): number {
  let end = at;
  for (let part = 0; part < count; part++) {
    const length = parts[part * 2 + 1]!;
    const errno = write(fd, source, parts[part * 2]!, length, end);
    if (errno !== 0) return errno;
    end += length;
  }
  return 0;
}

export function write(
  fd: number,
  source: Uint8Array,
  sourceAt: number,
  length: number,
  at: number,
): number {
  try {
    let done = writeSync(fd, source, sourceAt, length, at);
    while (done < length) {
      done += writeSync(fd, source, sourceAt + done, length - done, at + done);
    }
    return 0;
  } catch (thrown) {
    return errnoOf(thrown);
  }
}

/** Fills the buffer from the file's beginning: how many bytes the file had. */
export function readInto(fd: number, target: Buffer): number {
  let done = 0;
  while (done < target.length) {
    const count = readSync(fd, target, done, target.length - done, done);
    if (count === 0) break;
    done += count;
  }
  return done;
}

/** What the addon keeps as maps: the descriptors of the files that are stored into, by number. */
const windows: number[] = [];
const freeWindows: number[] = [];

export function openWindow(fd: number): number {
  const window = freeWindows.pop() ?? windows.length;
  windows[window] = fd;
  return window;
}

export function growWindow(window: number, fd: number): void {
  windows[window] = fd;
}

export function closeWindow(window: number): void {
  windows[window] = -1;
  freeWindows.push(window);
}

export function store(
  window: number,
  at: number,
  source: Uint8Array,
  sourceAt: number,
  length: number,
): number {
  return write(windows[window]!, source, sourceAt, length, at);
}

/** Writes the stretch as it is: after that the disk has its blocks. */
export function populate(window: number, at: number, length: number): number {
  const fd = windows[window]!;
  const bytes = Buffer.alloc(Math.min(length, COPY_BYTES));
  for (let done = 0; done < length; done += COPY_BYTES) {
    const errno = rewrite(fd, bytes, Math.min(COPY_BYTES, length - done), at + done);
    if (errno !== 0) return errno;
  }
  return 0;
}

function rewrite(fd: number, bytes: Buffer, length: number, at: number): number {
  try {
    const count = readSync(fd, bytes, 0, length, at);
    // Somebody cut the file: the addon's store meets a page that is not there.
    return count < length ? constants.errno.EFAULT : write(fd, bytes, 0, length, at);
  } catch (thrown) {
    return errnoOf(thrown);
  }
}
