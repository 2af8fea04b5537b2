/** Opens compressed records. What the browser cannot do itself is loaded when it is first met. */
const GZIP = 1;
const SNAPPY = 2;
const LZ4 = 3;
const ZSTD = 4;

/** One batch grows to no more than this. */
export const OPENED_BYTES_MAX = 128 * 1024 * 1024;

export async function decompress(codec: number, bytes: Uint8Array): Promise<Uint8Array> {
  switch (codec) {
    case GZIP:
      return gunzip(bytes);
    case SNAPPY:
      return (await import('../records/snappy-decoder.ts')).decodeSnappy(bytes, OPENED_BYTES_MAX);
    case LZ4:
      return (await import('../records/lz4-decoder.ts')).decodeLz4(bytes, OPENED_BYTES_MAX);
    case ZSTD:
      return (await import('../records/zstd-decoder.ts')).decodeZstd(bytes, OPENED_BYTES_MAX);
    default:
      throw new RangeError(`unknown compression codec ${codec}`);
  }
}

async function gunzip(bytes: Uint8Array): Promise<Uint8Array> {
  const opened = new Blob([bytes as Uint8Array<ArrayBuffer>])
    .stream()
    .pipeThrough(new DecompressionStream('gzip'));
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (const reader = opened.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > OPENED_BYTES_MAX) {
      await reader.cancel();
      throw new RangeError(`gzip data grows past ${OPENED_BYTES_MAX} bytes`);
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
