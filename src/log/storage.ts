/**
 * The seam between the log room and the disk. What writes, syncs, renames or removes goes through
 * the installed Storage, so that tests can fail a call, record the order of writes and
 * syncs, or end the process at a named point.
 */
import {
  close,
  closeSync,
  existsSync,
  fdatasyncSync,
  fstatSync,
  fsyncSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  renameSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { getSystemErrorName } from 'node:util';
import { backgroundDisk } from '../base/background-disk.ts';
import { failPoint } from '../base/fail-point.ts';
import { isWindows, whenFree } from '../base/windows-files.ts';
import { native } from './native.ts';

export const FILE_MODE = 0o600;
export const DIRECTORY_MODE = 0o700;

export interface Storage {
  /**
   * 'r' reads, 'r+' writes what exists, 'w+' makes anew, 'wx+' refuses what exists, 'a+' takes what
   * exists and makes what does not.
   */
  open(path: string, flags: 'r' | 'r+' | 'w+' | 'wx+' | 'a+'): number;
  close(fd: number): void;
  sizeOf(fd: number): number;
  /** Somebody removed the open file: what is written to it is gone with the descriptor. */
  isRemoved(fd: number): boolean;
  write(fd: number, bytes: Buffer, at: number): void;
  /** The hot path's write, of a stretch of `source` that may be shared memory: 0 or an errno. */
  append(fd: number, source: Buffer, sourceAt: number, length: number, at: number): number;
  /** The same for several stretches, a position and a length each, which follow each other. */
  appendParts(fd: number, source: Buffer, parts: Int32Array, count: number, at: number): number;
  truncate(fd: number, length: number): void;
  /** 0 or an errno. */
  reserve(fd: number, at: number, length: number): number;
  sync(fd: number): void;
  /**
   * Has the disk take a stretch that was written, and waits for it. A later sync then has little
   * left to do. It promises nothing about a crash.
   */
  writeOut(fd: number, at: number, length: number): void;
  syncDirectory(path: string): void;
  rename(from: string, to: string): void;
  unlink(path: string): void;
  makeDirectory(path: string): void;
  /** Removes a file or directory at once, without waiting for the disk to free its blocks. */
  removeLater(path: string): void;
}

export const systemStorage: Storage = {
  open: (path, flags) => openSync(path, flags, FILE_MODE),
  close: (fd) => closeSync(fd),
  sizeOf: (fd) => fstatSync(fd).size,
  isRemoved: (fd) => fstatSync(fd).nlink === 0,
  write(fd, bytes, at) {
    let done = 0;
    while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done, at + done);
  },
  append: (fd, source, sourceAt, length, at) => native.write(fd, source, sourceAt, length, at),
  appendParts: (fd, source, parts, count, at) => native.writeParts(fd, source, parts, count, at),
  truncate: (fd, length) => ftruncateSync(fd, length),
  reserve: (fd, at, length) => native.reserve(fd, at, length),
  sync: (fd) => fdatasyncSync(fd),
  writeOut(fd, at, length) {
    throwErrno(native.writeOut(fd, at, length), 'the disk does not take what was written');
  },
  syncDirectory(path) {
    if (isWindows) return;
    const fd = openSync(path, 'r');
    try {
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  },
  rename: (from, to) => whenFree(() => renameSync(from, to)),
  unlink: (path) => whenFree(() => unlinkSync(path)),
  makeDirectory: (path) => {
    mkdirSync(path, { mode: DIRECTORY_MODE, recursive: true });
  },
  removeLater(path) {
    if (statSync(path).isDirectory()) {
      for (const name of readdirSync(path)) systemStorage.removeLater(join(path, name));
      whenFree(() => rmdirSync(path));
      return;
    }
    if (isWindows) {
      // There the name stays for as long as somebody has the file open.
      whenFree(() => unlinkSync(path));
      return;
    }
    // The name goes at once; the blocks go with the last descriptor, which another thread closes.
    const fd = openSync(path, 'r');
    unlinkSync(path);
    close(fd, () => {});
  },
};

export let storage: Storage = systemStorage;

export function installStorage(replacement: Storage): void {
  storage = replacement;
}

export const TEMPORARY_SUFFIX = '.tmp';

/**
 * Replaces a small file as a whole: after a crash it holds the old or the new bytes. Only `durable`
 * says that from here on it is the new ones, which costs two waits for the disk.
 */
export function replaceFile(path: string, bytes: Buffer, durable: boolean): void {
  const fresh = path + TEMPORARY_SUFFIX;
  const fd = storage.open(fresh, 'w+');
  try {
    storage.write(fd, bytes, 0);
    if (durable) storage.sync(fd);
  } finally {
    storage.close(fd);
  }
  if (failPoint !== null) failPoint('replace-before-rename');
  storage.rename(fresh, path);
  if (durable) storage.syncDirectory(dirname(path));
}

function throwErrno(errno: number, what: string): void {
  if (errno === 0) return;
  const code = getSystemErrorName(-errno);
  throw Object.assign(new Error(`${code}: ${what}`), { code });
}

/**
 * The same beside the event loop, which a disk that is slow must not hold up. Nobody else may
 * replace that file before it resolves.
 */
export async function replaceFileLater(
  path: string,
  bytes: Buffer,
  durable: boolean,
): Promise<void> {
  const fresh = path + TEMPORARY_SUFFIX;
  const fd = storage.open(fresh, 'w+');
  try {
    throwErrno(await backgroundDisk.write(fd, bytes), `${fresh} cannot be written`);
    if (durable) throwErrno(await backgroundDisk.sync(fd), `${fresh} cannot be synced`);
  } finally {
    storage.close(fd);
  }
  if (failPoint !== null) failPoint('replace-before-rename');
  storage.rename(fresh, path);
  if (!durable) return;
  const directory = dirname(path);
  throwErrno(await backgroundDisk.syncDirectory(directory), `${directory} cannot be synced`);
}

/** The bytes of a file, or null where there is none. */
export function readIfThere(path: string): Buffer | null {
  return existsSync(path) ? readFileSync(path) : null;
}

/** A stretch of a file. It is shorter where the file ends before. */
export function readBytes(path: string, at: number, length: number): Buffer {
  const bytes = Buffer.allocUnsafe(length);
  const fd = openSync(path, 'r');
  try {
    let done = 0;
    while (done < length) {
      const count = readSync(fd, bytes, done, length - done, at + done);
      if (count === 0) break;
      done += count;
    }
    return bytes.subarray(0, done);
  } finally {
    closeSync(fd);
  }
}

export function listDirectory(path: string): string[] {
  return readdirSync(path).sort();
}

export function fileSize(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? -1;
}
