const CHUNK_BYTES_MIN = 16 * 1024;
const CHUNK_BYTES_MAX = 2 * 1024 * 1024;

/**
 * The `chunkSize` for opening so many bytes with node:zlib. Its default of 16 KB makes thousands of
 * buffers for a batch that opens to many MB.
 */
export function zlibChunkBytes(packedBytes: number): number {
  return Math.min(Math.max(packedBytes * 4, CHUNK_BYTES_MIN), CHUNK_BYTES_MAX);
}
