import { MillraceError } from './errors.ts';

/** Programmer errors stop the thread: a broker that goes on with a broken invariant loses data. */
export function assert(condition: boolean, message: string): asserts condition {
  if (!condition) throw new MillraceError('MILLRACE_ASSERTION', message);
}
