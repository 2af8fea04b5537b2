import { loadLz4 } from '#native-codecs';
import { decodeOwn } from './decode-own.ts';
import { decodeLz4 } from './lz4-decoder.ts';
import { LZ4_FAST_LEVEL, writeLz4Frame } from './lz4-frame.ts';

/** What is used of `lz4-napi`, an optional package. It opens nothing: see bench/README.md. */
interface NativeLz4 {
  compressFrameSync(bytes: Buffer): Buffer;
}

let native: NativeLz4 | null | undefined;

/** It is looked for once: a search that finds nothing costs more than packing a batch. */
function loadNative(): NativeLz4 | null {
  if (native === undefined) native = tryLoad();
  return native;
}

function tryLoad(): NativeLz4 | null {
  const found = loadLz4() as Partial<NativeLz4> | null;
  // Its loader takes any addon that NAPI_RS_NATIVE_LIBRARY_PATH names, even another package's.
  return typeof found?.compressFrameSync === 'function' ? (found as NativeLz4) : null;
}

/** At the default level `lz4-napi` packs where it loads, because it is faster. */
export function compressLz4(bytes: Uint8Array, level: number = LZ4_FAST_LEVEL): Uint8Array {
  const lz4 = level === LZ4_FAST_LEVEL ? loadNative() : null;
  if (lz4 === null) return writeLz4Frame(bytes, level);
  return lz4.compressFrameSync(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
}

export function decompressLz4(bytes: Uint8Array, bytesMax: number): Uint8Array {
  return decodeOwn(decodeLz4, bytes, bytesMax);
}
