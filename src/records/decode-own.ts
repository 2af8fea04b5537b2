import { MillraceError } from '../base/errors.ts';
import { OutgrownError } from './outgrown-error.ts';
import { type Allocate, MalformedData, OutgrownData } from './output.ts';

/**
 * From here on an output gets all that it may take at once: the system backs what is written, and
 * nothing is copied from one that became too small, beside which both would be held.
 */
const LARGE_BYTES = 16 * 1024 * 1024;

export type Decode = (bytes: Uint8Array, bytesMax: number, allocate: Allocate) => Uint8Array;

/**
 * Runs one of this room's own decoders. Browsers run them too: they know neither Buffer nor
 * MillraceError.
 */
export function decodeOwn(decode: Decode, bytes: Uint8Array, bytesMax: number): Uint8Array {
  try {
    return decode(bytes, bytesMax, (length) => {
      return Buffer.allocUnsafeSlow(length < LARGE_BYTES ? length : Math.max(length, bytesMax));
    });
  } catch (thrown) {
    if (thrown instanceof OutgrownData) throw new OutgrownError(thrown.message, thrown);
    if (!(thrown instanceof MalformedData)) throw thrown;
    throw new MillraceError('MILLRACE_CORRUPT', thrown.message, thrown);
  }
}
