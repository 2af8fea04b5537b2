import { constants } from 'node:os';
import { systemCodeOf } from './errors.ts';

/** The errno of the platform's C library. Node's own numbers differ from it on Windows. */
export function errnoOf(thrown: unknown): number {
  const errnos: Readonly<Record<string, number>> = constants.errno;
  return errnos[systemCodeOf(thrown)] ?? addonErrno(thrown) ?? constants.errno.EIO;
}

/** The addon's errors have an errno and no code. */
function addonErrno(thrown: unknown): number | undefined {
  const errno = thrown instanceof Error && 'errno' in thrown ? thrown.errno : undefined;
  return typeof errno === 'number' ? Math.abs(errno) : undefined;
}
