import { MillraceError } from '../base/errors.ts';
import { varintEnd } from '../base/varint.ts';

export function corruptRecord(what: string): MillraceError {
  return new MillraceError('MILLRACE_CORRUPT', `malformed record: ${what}`);
}

/** Where the bytes after the length just read begin; they must end before `end`. */
export function lengthEnd(length: number, end: number): number {
  if (varintEnd < 0 || length < -1 || length > end - varintEnd) {
    throw corruptRecord('a length does not fit into it');
  }
  return varintEnd;
}
