/**
 * Keeps a directory to one process. The file names the process that holds it, and whoever finds it
 * looks whether that process is alive:
 *
 *   lock   "<process id> <identity> <machine>"
 */
import { randomBytes } from 'node:crypto';
import { linkSync, readFileSync, renameSync, rmSync, unlinkSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { systemCodeOf } from '../../../base/errors.ts';
import { identityOf } from '../../../base/process-identity.ts';
import { StateError } from '../state-error.ts';
import { diskError } from './on-disk.ts';

const FILE = 'lock';
/** Two that find the same stale file both try again. */
const TRIES = 10;

/** What gives the lock back. */
export type ReleaseLock = () => void;

/** Throws STATE_LOCKED where another process, or another holder in this one, has the directory. */
export function lockDirectory(directory: string): ReleaseLock {
  const path = join(directory, FILE);
  // Two holders in one process must not take each other's files for their own.
  const ours = `${process.pid} ${identityOf(process.pid)} ${hostname()} ${nonce()}`;
  for (let tried = 0; tried < TRIES; tried++) {
    if (create(path, ours)) return () => remove(path, ours);
    const holder = readText(path);
    if (isAlive(holder)) throw locked(directory, holder);
    setAside(path);
  }
  throw locked(directory, readText(path));
}

function nonce(): string {
  return randomBytes(8).toString('hex');
}

/** The file gets its name with its text in it: nobody finds an empty one. */
function create(path: string, text: string): boolean {
  const draft = `${path}.${nonce()}`;
  try {
    writeFileSync(draft, text, { flag: 'wx' });
    linkSync(draft, path);
    return true;
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'EEXIST') return false;
    throw diskError(`${path} cannot be written`, thrown);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** A file of another machine counts as held: only that machine knows. */
function isAlive(holder: string): boolean {
  const [pid, identity, machine] = holder.split(' ');
  if (machine !== undefined && machine !== hostname()) return true;
  return identity !== undefined && identity !== '' && identityOf(Number(pid)) === identity;
}

/** Another one may have put its own file in the place meanwhile: that one comes back. */
function setAside(path: string): void {
  const aside = `${path}.${nonce()}`;
  try {
    renameSync(path, aside);
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT') return;
    throw thrown;
  }
  if (isAlive(readText(aside))) renameSync(aside, path);
  else unlinkSync(aside);
}

function remove(path: string, text: string): void {
  if (readText(path) === text) unlinkSync(path);
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ENOENT') return '';
    throw thrown;
  }
}

function locked(directory: string, holder: string): StateError {
  const [pid, , machine] = holder.split(' ');
  const who = pid === undefined || pid === '' ? 'another process' : `process ${pid} on ${machine}`;
  const what = `the state directory ${directory} is in use by ${who}`;
  return new StateError('STATE_LOCKED', `${what}: give each process a directory of its own`);
}
