import { createRequire } from 'node:module';
import { MillraceError, reasonOf, systemCodeOf } from '../base/errors.ts';
import { decodeOwn } from './decode-own.ts';
import { OutgrownError } from './outgrown-error.ts';
import { tooLarge } from './output.ts';
import { decodeZstd } from './zstd-decoder.ts';
import { encodeZstd } from './zstd-encoder.ts';

/** What node:zlib has from Node 22.15 on; before that this room's own coder does the work. */
interface NativeZstd {
  readonly constants: { readonly ZSTD_c_compressionLevel: number };
  zstdCompressSync(bytes: Uint8Array, options: { params?: Record<number, number> }): Uint8Array;
  zstdDecompressSync(bytes: Uint8Array, options: { maxOutputLength: number }): Uint8Array;
}

let native: NativeZstd | undefined;
let isLoaded = false;

function loadNative(): NativeZstd | undefined {
  if (!isLoaded) {
    const zlib = createRequire(import.meta.url)('node:zlib') as NativeZstd;
    if (typeof zlib.zstdCompressSync === 'function') native = zlib;
    isLoaded = true;
  }
  return native;
}

export function compressZstd(bytes: Uint8Array, level?: number): Uint8Array {
  const zlib = loadNative();
  if (zlib === undefined) return encodeZstd(bytes);
  const params = level === undefined ? {} : { [zlib.constants.ZSTD_c_compressionLevel]: level };
  return zlib.zstdCompressSync(bytes, { params });
}

export function decompressZstd(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const zlib = loadNative();
  if (zlib === undefined) return decodeOwn(decodeZstd, bytes, maxBytes);
  try {
    return zlib.zstdDecompressSync(bytes, { maxOutputLength: maxBytes });
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ERR_BUFFER_TOO_LARGE') {
      throw new OutgrownError(tooLarge('zstd', maxBytes), thrown);
    }
    throw new MillraceError('MILLRACE_CORRUPT', `bad zstd data: ${reasonOf(thrown)}`, thrown);
  }
}
