import { MillraceError } from '../../base/errors.ts';

/** A record of the metadata log does not fit what came before it. */
export function corrupt(what: string): MillraceError {
  return new MillraceError('MILLRACE_CORRUPT', `the controllers' metadata log holds ${what}`);
}
