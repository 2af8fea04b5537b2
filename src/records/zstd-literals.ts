import { readLow } from './output.ts';
import type { FseTable } from './zstd-fse.ts';
import {
  type HuffmanTable,
  huffmanTreeEnd,
  readHuffmanStream,
  readHuffmanTable,
} from './zstd-huffman.ts';
import { malformedZstd } from './zstd-malformed.ts';
import { BLOCK_BYTES_MAX, LITERALS_COMPRESSED, LITERALS_RAW, LITERALS_RLE } from './zstd-tables.ts';

/** State that one block of a frame passes to the next. */
export interface ZstdState {
  /** The input, padded at both ends. */
  readonly bytes: Uint8Array;
  readonly view: DataView;
  literals: Uint8Array;
  literalsLength: number;
  huffman: HuffmanTable | undefined;
  /** Of literal lengths, offsets and match lengths. */
  readonly tables: (FseTable | undefined)[];
  readonly repeats: [number, number, number];
  readonly frameStart: number;
}

/**
 * Reads the literals section of a block into `state.literals`; returns where it ends.
 *
 *   type (2 bits) | size format (2) | regenerated size | compressed size | tree | 1 or 4 streams
 */
export function readLiterals(state: ZstdState, at: number, end: number): number {
  if (at >= end) throw malformedZstd('a block is empty');
  const { bytes } = state;
  const type = bytes[at]! & 3;
  const format = (bytes[at]! >>> 2) & 3;
  const packed = type >= LITERALS_COMPRESSED;
  const headerBytes = packed ? Math.max(3, format + 2) : [1, 2, 1, 3][format]!;
  if (headerBytes > end - at) throw malformedZstd('a literals header is cut off');
  const from = at + headerBytes;
  if (packed) return readPacked(state, at, end, headerBytes, format);
  const header = readLow(bytes, at, headerBytes);
  const size = headerBytes === 1 ? header >>> 3 : header >>> 4;
  if (type === LITERALS_RAW) {
    if (size > end - from) throw malformedZstd('literals are cut off');
    claim(state, size);
    state.literals.set(bytes.subarray(from, from + size));
    return from + size;
  }
  if (from >= end || type !== LITERALS_RLE) throw malformedZstd('literals are cut off');
  claim(state, size);
  state.literals.fill(bytes[from]!, 0, size);
  return from + 1;
}

function claim(state: ZstdState, size: number): void {
  if (size > BLOCK_BYTES_MAX) throw malformedZstd('too many literals');
  if (state.literals.length < size) state.literals = new Uint8Array(Math.max(size, 16_384));
  state.literalsLength = size;
}

function readPacked(
  state: ZstdState,
  at: number,
  end: number,
  headerBytes: number,
  format: number,
): number {
  const { bytes, view } = state;
  const width = [10, 10, 14, 18][format]!;
  const header = readLow(bytes, at, headerBytes);
  const size = Math.floor(header / 16) % 2 ** width;
  const packedBytes = Math.floor(header / 2 ** (4 + width));
  let from = at + headerBytes;
  const to = from + packedBytes;
  if (to > end) throw malformedZstd('literals are cut off');
  claim(state, size);
  if ((bytes[at]! & 3) === LITERALS_COMPRESSED) {
    state.huffman = readHuffmanTable(view, from, to);
    from = huffmanTreeEnd;
  }
  const table = state.huffman;
  if (table === undefined) throw malformedZstd('a tree is missing');
  const target = state.literals;
  if (format === 0) {
    readHuffmanStream(table, view, from, to, target, 0, size);
    return to;
  }
  if (to - from < 6) throw malformedZstd('literals are cut off');
  const share = (size + 3) >>> 2;
  if (share * 3 > size) throw malformedZstd('too few literals for four streams');
  let start = from + 6;
  for (let stream = 0; stream < 3; stream++) {
    const stop = start + view.getUint16(from + 2 * stream, true);
    if (stop > to) throw malformedZstd('literals are cut off');
    readHuffmanStream(table, view, start, stop, target, share * stream, share * (stream + 1));
    start = stop;
  }
  readHuffmanStream(table, view, start, to, target, share * 3, size);
  return to;
}
