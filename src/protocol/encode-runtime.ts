import { MillraceError } from '../base/errors.ts';
import { pathText } from './decode-runtime.ts';
import { INT64_MAX, INT64_MIN } from './schema-dsl.ts';
import { writeUuid } from './uuid-bytes.ts';

function refused(path: string, indexes: readonly number[], what: string): MillraceError {
  return new MillraceError('MILLRACE_BAD_ARGUMENT', `${pathText(path, indexes)} ${what}`);
}

function describe(value: unknown): string {
  if (typeof value === 'string') {
    return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}...` : value);
  }
  if (typeof value !== 'object' || value === null) return String(value);
  return Array.isArray(value) ? 'an array' : `a ${value.constructor?.name ?? 'object'}`;
}

/** What generated encoders call. */
export const encodeRuntime = {
  EMPTY_BYTES: Buffer.alloc(0),

  /** `value` is a safe integer; the two largest stand for Kafka's 'no limit'. */
  int64(bytes: Buffer, at: number, value: number): void {
    let high = Math.floor(value / 0x100000000);
    let low = value | 0;
    if (value === INT64_MAX) {
      high = 0x7fffffff;
      low = -1;
    } else if (value === INT64_MIN) {
      high = -0x80000000;
      low = 0;
    }
    bytes[at] = high >> 24;
    bytes[at + 1] = high >> 16;
    bytes[at + 2] = high >> 8;
    bytes[at + 3] = high;
    bytes[at + 4] = low >> 24;
    bytes[at + 5] = low >> 16;
    bytes[at + 6] = low >> 8;
    bytes[at + 7] = low;
  },

  /** Whether `text` was a uuid: its 16 bytes are then at `at`. */
  uuid: writeUuid,

  bad(type: string, value: unknown, path: string, ...indexes: number[]): never {
    if (value === undefined) throw refused(path, indexes, 'is missing');
    if (value === null) throw refused(path, indexes, 'may not be null in this version');
    throw refused(path, indexes, `must be ${type}, not ${describe(value)}`);
  },

  tooLong(path: string, ...indexes: number[]): never {
    throw refused(path, indexes, 'is a string of more than 32767 bytes');
  },

  unsupported(version: number, path: string, ...indexes: number[]): never {
    throw refused(path, indexes, `has a value that version ${version} cannot carry`);
  },
};
