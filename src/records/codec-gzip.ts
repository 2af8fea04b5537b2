import { loadZlib } from '#native-codecs';
import { MillraceError, reasonOf, systemCodeOf } from '../base/errors.ts';
import { decodeOwn } from './decode-own.ts';
import { decodeGzip } from './gzip-decoder.ts';
import { encodeGzip } from './gzip-encoder.ts';
import type { NativeZlib } from './native-zlib.ts';
import { OutgrownError } from './outgrown-error.ts';
import { tooLarge } from './output.ts';
import { zlibChunkBytes } from './zlib-chunk.ts';

let zlib: NativeZlib | null | undefined;

/** `level` matters where there is node:zlib: this room's own coder knows a single one. */
export function gzip(bytes: Uint8Array, level?: number): Uint8Array {
  zlib ??= loadZlib();
  if (zlib === null) return encodeGzip(bytes);
  return zlib.gzipSync(bytes, level === undefined ? {} : { level });
}

export function gunzip(bytes: Uint8Array, maxBytes: number): Uint8Array {
  zlib ??= loadZlib();
  if (zlib === null) return decodeOwn(decodeGzip, bytes, maxBytes);
  try {
    const chunkSize = zlibChunkBytes(bytes.length);
    return zlib.gunzipSync(bytes, { maxOutputLength: maxBytes, chunkSize });
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ERR_BUFFER_TOO_LARGE') {
      throw new OutgrownError(tooLarge('gzip', maxBytes), thrown);
    }
    throw new MillraceError('MILLRACE_CORRUPT', `bad gzip data: ${reasonOf(thrown)}`, thrown);
  }
}
