import { Lz4Chains } from './lz4-chains.ts';
import {
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

/** The level of the fast search, as in Kafka, whatever lies above and below it. */
export const LZ4_FAST_LEVEL = 9;

let chains: Lz4Chains | undefined;

/** What the Java client writes: independent blocks of 64 KB without checksums. */
export function writeLz4Frame(bytes: Uint8Array, level: number): Uint8Array {
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
    const blockEnd = compressBlock(source, start, end, out, position + 4, level);
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

function compressBlock(
  source: Buffer,
  start: number,
  end: number,
  target: Buffer,
  at: number,
  level: number,
): number {
  if (level === LZ4_FAST_LEVEL) return compressLz4Block(source, start, end, target, at);
  chains ??= new Lz4Chains();
  return chains.compressBlock(source, start, end, target, at, level);
}
