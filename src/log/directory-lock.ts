/**
 * Keeps a data directory to one broker. With the addon the kernel holds the lock, and lets go of it
 * when the process ends, however it ends. Node has no such lock: without the addon a file names the
 * process that holds the directory, and whoever finds it looks whether that process is alive.
 * Either kind respects the other.
 *
 *   .lock      "<process id>"            locked by the kernel; emptied when it is given back
 *   .lock.pid  "<process id> <identity> <machine>" there while one without the addon holds it
 */
import { randomBytes } from 'node:crypto';
import { statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { MillraceError, systemCodeOf } from '../base/errors.ts';
import { identityOf, isFileLocked } from '../base/process-identity.ts';
import { native, nativeSockets } from './native.ts';
import { readIfThere, storage } from './storage.ts';

const LOCK_FILE = '.lock';
const HOLDER_FILE = '.lock.pid';
/** Two that find the same stale file both try again. */
const TRIES = 10;
const UNKNOWN = 'unknown';
/** A holder's file is written at once after it is made: for so long an empty one counts. */
const EMPTY_MS = 5000;

/** What gives the lock back. */
export type ReleaseLock = () => void;

/** Throws MILLRACE_DATA_DIR where another broker holds the directory. */
export function lockDirectory(directory: string): ReleaseLock {
  return nativeSockets === null ? takeHolderFile(directory) : takeKernelLock(directory);
}

function takeKernelLock(directory: string): ReleaseLock {
  const file = join(directory, LOCK_FILE);
  const lock = storage.open(file, 'a+');
  try {
    if (native.lockFile(lock) !== 0) throw inUse(directory, textOf(file));
    const holder = heldBy(join(directory, HOLDER_FILE));
    if (holder !== '') throw inUse(directory, holder);
    storage.truncate(lock, 0);
    storage.write(lock, Buffer.from(`${process.pid}\n`), 0);
  } catch (thrown) {
    storage.close(lock);
    throw thrown;
  }
  return () => {
    storage.truncate(lock, 0);
    storage.close(lock);
  };
}

function takeHolderFile(directory: string): ReleaseLock {
  const file = join(directory, HOLDER_FILE);
  const ours = `${process.pid} ${identityOf(process.pid)} ${hostname()}`;
  for (let tried = 0; tried < TRIES; tried++) {
    if (create(file, ours)) {
      const locked = join(directory, LOCK_FILE);
      const owner = textOf(locked);
      if (owner === '' || !isFileLocked(locked, Number(owner))) return () => remove(file, ours);
      remove(file, ours);
      throw inUse(directory, owner);
    }
    const holder = heldBy(file);
    if (holder !== '') throw inUse(directory, holder);
    removeStale(file);
  }
  throw inUse(directory, UNKNOWN);
}

function create(file: string, text: string): boolean {
  try {
    const fd = storage.open(file, 'wx+');
    try {
      storage.write(fd, Buffer.from(`${text}\n`), 0);
    } finally {
      storage.close(fd);
    }
    return true;
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'EEXIST') return false;
    throw thrown;
  }
}

function remove(file: string, text: string): void {
  if (textOf(file) === text) storage.unlink(file);
}

/** Another broker may have put its own file in the place meanwhile: that one comes back. */
function removeStale(file: string): void {
  const aside = `${file}.${randomBytes(8).toString('hex')}`;
  try {
    storage.rename(file, aside);
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT') return;
    throw thrown;
  }
  if (heldBy(aside) === '') storage.unlink(aside);
  else storage.rename(aside, file);
}

/**
 * The holder that a file names, or '' where that process has ended. Of another machine's process
 * nobody here can tell: whoever knows that it has ended removes the file.
 */
function heldBy(file: string): string {
  const holder = textOf(file);
  if (holder === '') return isFresh(file) ? UNKNOWN : '';
  const [pid, identity, machine] = holder.split(' ');
  if (machine !== hostname()) return `${pid} on ${machine}; if it has ended, remove ${file}`;
  return identityOf(Number(pid)) === identity ? pid! : '';
}

function isFresh(file: string): boolean {
  const made = statSync(file, { throwIfNoEntry: false });
  return made !== undefined && Date.now() - made.mtimeMs < EMPTY_MS;
}

function textOf(file: string): string {
  return readIfThere(file)?.toString('utf8').trim() ?? '';
}

function inUse(directory: string, holder: string): Error {
  const message = `${directory} is in use by the broker with process id ${holder || UNKNOWN}`;
  return new MillraceError('MILLRACE_DATA_DIR', message);
}
