/**
 * Errors of the system that pass: there was no descriptor, no memory or no room, and the same call
 * may succeed a moment later. They say nothing against a file or its disk, as EIO, EROFS or ENOENT
 * do. This table is the only place that tells the two apart. It does not hold for a sync: after one
 * that failed, for whatever reason, nobody knows what is on the disk.
 */
import { constants } from 'node:os';
import { systemCodeOf } from './errors.ts';

const PASSING_CODES = [
  'EAGAIN',
  'EDQUOT',
  'EINTR',
  'EMFILE',
  'ENFILE',
  'ENOBUFS',
  'ENOMEM',
  'ENOSPC',
] as const;
const codes: ReadonlySet<string> = new Set(PASSING_CODES);
const errnos: ReadonlySet<number> = new Set(PASSING_CODES.map((code) => constants.errno[code]));

export function isPassingError(thrown: unknown): boolean {
  return codes.has(systemCodeOf(thrown));
}

/** The same of a positive errno. */
export function isPassingErrno(errno: number): boolean {
  return errnos.has(errno);
}
