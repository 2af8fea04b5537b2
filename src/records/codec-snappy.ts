import { decodeOwn } from './decode-own.ts';
import { decodeSnappy, SNAPPY_FRAME_HEADER_BYTES, SNAPPY_FRAME_MAGIC } from './snappy-decoder.ts';
import { compressSnappyBlock, snappyBoundBytes } from './snappy-encoder.ts';

const BLOCK_BYTES = 32 * 1024;

/** Framed, as the Java client writes it. */
export function compressSnappy(bytes: Uint8Array): Uint8Array {
  const blocks = Math.ceil(bytes.length / BLOCK_BYTES);
  const out = Buffer.allocUnsafeSlow(
    SNAPPY_FRAME_HEADER_BYTES + blocks * (4 + snappyBoundBytes(BLOCK_BYTES)),
  );
  out.set(SNAPPY_FRAME_MAGIC);
  out.writeInt32BE(1, 8);
  out.writeInt32BE(1, 12);
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let position = SNAPPY_FRAME_HEADER_BYTES;
  for (let start = 0; start < bytes.length; start += BLOCK_BYTES) {
    const end = Math.min(start + BLOCK_BYTES, bytes.length);
    const blockEnd = compressSnappyBlock(source, start, end, out, position + 4);
    out.writeInt32BE(blockEnd - position - 4, position);
    position = blockEnd;
  }
  return out.subarray(0, position);
}

export function decompressSnappy(bytes: Uint8Array, bytesMax: number): Uint8Array {
  return decodeOwn(decodeSnappy, bytes, bytesMax);
}
