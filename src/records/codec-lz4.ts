import { decodeOwn } from './decode-own.ts';
import {
  decodeLz4,
  LZ4_BLOCK_64_KB,
  LZ4_HEADER_BYTES,
  LZ4_INDEPENDENT_FLAG,
  LZ4_MAGIC,
  LZ4_STORED_FLAG,
  LZ4_VERSION,
} from './lz4-decoder.ts';
import { compressLz4Block, lz4BoundBytes } from './lz4-encoder.ts';
import { xxhash32 } from './xxhash32.ts';

const SMALLEST_FRAME = LZ4_HEADER_BYTES + 4;
const BLOCK_BYTES = 64 * 1024;

/** What the Java client writes: independent blocks of 64 KB without checksums. */
export function compressLz4(bytes: Uint8Array): Uint8Array {
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const blocks = Math.ceil(source.length / BLOCK_BYTES);
  const out = Buffer.allocUnsafeSlow(SMALLEST_FRAME + blocks * (4 + lz4BoundBytes(BLOCK_BYTES)));
  out.writeUInt32LE(LZ4_MAGIC, 0);
  out[4] = LZ4_VERSION | LZ4_INDEPENDENT_FLAG;
  out[5] = LZ4_BLOCK_64_KB << 4;
  out[6] = (xxhash32(out, 4, 6) >>> 8) & 0xff;
  let position = LZ4_HEADER_BYTES;
  for (let start = 0; start < source.length; start += BLOCK_BYTES) {
    const end = Math.min(start + BLOCK_BYTES, source.length);
    const blockEnd = compressLz4Block(source, start, end, out, position + 4);
    const size = blockEnd - position - 4;
    if (size < end - start) {
      out.writeUInt32LE(size, position);
      position = blockEnd;
    } else {
      out.writeUInt32LE((LZ4_STORED_FLAG | (end - start)) >>> 0, position);
      source.copy(out, position + 4, start, end);
      position += 4 + end - start;
    }
  }
  out.writeUInt32LE(0, position);
  return out.subarray(0, position + 4);
}

export function decompressLz4(bytes: Uint8Array, bytesMax: number): Uint8Array {
  return decodeOwn(decodeLz4, bytes, bytesMax);
}
