import { MillraceError } from '../base/errors.ts';
import { type Allocate, MalformedData } from './output.ts';

export type Decode = (bytes: Uint8Array, bytesMax: number, allocate: Allocate) => Uint8Array;

/**
 * Runs one of this room's own decoders. Browsers run them too: they know neither Buffer nor
 * MillraceError.
 */
export function decodeOwn(decode: Decode, bytes: Uint8Array, bytesMax: number): Uint8Array {
  try {
    return decode(bytes, bytesMax, Buffer.allocUnsafeSlow);
  } catch (thrown) {
    if (!(thrown instanceof MalformedData)) throw thrown;
    throw new MillraceError('MILLRACE_CORRUPT', thrown.message, thrown);
  }
}
