/** Opens compressed records. Codecs that a browser lacks are loaded when they are first met. */
const GZIP = 1;
const SNAPPY = 2;
const LZ4 = 3;
const ZSTD = 4;

/** Throws or rejects if the bytes are not of its codec, or become longer than `bytesMax`. */
export type Decoder = (bytes: Uint8Array, bytesMax: number) => Uint8Array | Promise<Uint8Array>;

/** An opened batch may not be longer than this. */
export const OPENED_BYTES_MAX = 128 * 1024 * 1024;

export async function decoderOf(codec: number): Promise<Decoder> {
  switch (codec) {
    case GZIP:
      return gunzip;
    case SNAPPY:
      return (await import('../records/snappy-decoder.ts')).decodeSnappy;
    case LZ4:
      return (await import('../records/lz4-decoder.ts')).decodeLz4;
    case ZSTD:
      return (await import('../records/zstd-decoder.ts')).decodeZstd;
    default:
      return unknown;
  }
}

function unknown(): never {
  throw new RangeError('unknown compression codec');
}

async function gunzip(bytes: Uint8Array, bytesMax: number): Promise<Uint8Array> {
  const opened = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream('gzip'));
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (const reader = opened.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > bytesMax) {
      await reader.cancel();
      throw new RangeError(`gzip data grows past ${bytesMax} bytes`);
    }
    chunks.push(value);
  }
  const joined = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    joined.set(chunk, at);
    at += chunk.length;
  }
  return joined;
}
