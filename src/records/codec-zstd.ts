import { loadZlib } from '#native-codecs';
import { MillraceError, reasonOf, systemCodeOf } from '../base/errors.ts';
import { decodeOwn } from './decode-own.ts';
import type { NativeZlib } from './native-zlib.ts';
import { OutgrownError } from './outgrown-error.ts';
import { tooLarge } from './output.ts';
import { zlibChunkBytes } from './zlib-chunk.ts';
import { decodeZstd } from './zstd-decoder.ts';
import { encodeZstd } from './zstd-encoder.ts';
import { isZstdSkippable, zstdFrameEnd } from './zstd-frames.ts';

/** From Node 22.15 on; before that this room's own coder does the work. */
let native: NativeZlib | undefined;
let isLoaded = false;

function loadNative(): NativeZlib | undefined {
  if (!isLoaded) {
    const zlib = loadZlib();
    if (typeof zlib?.zstdCompressSync === 'function') native = zlib;
    isLoaded = true;
  }
  return native;
}

/** `level` matters where Node has zstd: this room's own coder knows a single one. */
export function compressZstd(bytes: Uint8Array, level?: number): Uint8Array {
  const zlib = loadNative();
  if (zlib === undefined) return encodeZstd(bytes);
  const params = level === undefined ? {} : { [zlib.constants.ZSTD_c_compressionLevel]: level };
  return zlib.zstdCompressSync!(bytes, { params, pledgedSrcSize: bytes.length });
}

export function decompressZstd(bytes: Uint8Array, maxBytes: number): Uint8Array {
  const zlib = loadNative();
  if (zlib === undefined) return decodeOwn(decodeZstd, bytes, maxBytes);
  const packed = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const opened: Uint8Array[] = [];
  let openedBytes = 0;
  let at = 0;
  do {
    const end = zstdFrameEnd(packed, at);
    if (!isZstdSkippable(packed, at)) {
      const frame = openFrame(zlib, packed.subarray(at, end), openedBytes, maxBytes);
      opened.push(frame);
      openedBytes += frame.length;
    }
    at = end;
  } while (at < packed.length);
  return opened.length === 1 ? opened[0]! : Buffer.concat(opened);
}

function openFrame(
  zlib: NativeZlib,
  frame: Buffer,
  openedBytes: number,
  maxBytes: number,
): Uint8Array {
  // The option may not be 0. What this one byte lets through is refused below.
  const maxOutputLength = Math.max(1, maxBytes - openedBytes);
  try {
    const chunkSize = zlibChunkBytes(frame.length);
    const opened = zlib.zstdDecompressSync(frame, { maxOutputLength, chunkSize });
    if (openedBytes + opened.length <= maxBytes) return opened;
  } catch (thrown) {
    if (systemCodeOf(thrown) === 'ERR_BUFFER_TOO_LARGE') {
      throw new OutgrownError(tooLarge('zstd', maxBytes), thrown);
    }
    throw new MillraceError('MILLRACE_CORRUPT', `bad zstd data: ${reasonOf(thrown)}`, thrown);
  }
  throw new OutgrownError(tooLarge('zstd', maxBytes), undefined);
}
