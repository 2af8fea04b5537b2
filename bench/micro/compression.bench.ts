/**
 * The codecs of record batches on JSON of several sizes: what millrace uses on this Node, and beside
 * it what it could use.
 */
import { createRequire } from 'node:module';
import { CODEC_NAMES } from '#millrace/records/codec-ids';
import { compress, decompress } from '#millrace/records/compression';
import { LZ4_FAST_LEVEL, writeLz4Frame } from '#millrace/records/lz4-frame';
import { decodeZstd } from '#millrace/records/zstd-decoder';
import { encodeZstd } from '#millrace/records/zstd-encoder';
import { hashOf, jsonText } from './fixtures.ts';
import type { MicroBench, MicroTask } from './micro-bench.ts';

const SIZES = [16 * 1024, 100 * 1024, 1024 * 1024];
const SMOKE_SIZES = [1024];

interface Lz4Package {
  decompressFrameSync(bytes: Buffer): Buffer;
}

interface Way {
  readonly name: string;
  readonly pack: (bytes: Buffer) => Uint8Array;
  readonly open: (packed: Buffer, bytes: number) => Uint8Array;
}

function ways(): Way[] {
  const lz4Package = createRequire(import.meta.url)('lz4-napi') as Lz4Package;
  const used = [1, 2, 3, 4].map((codec) => ({
    name: CODEC_NAMES[codec]!,
    pack: (bytes: Buffer) => compress(codec, bytes),
    open: (packed: Buffer, bytes: number) => decompress(codec, packed, bytes),
  }));
  return [
    ...used,
    {
      name: 'lz4, packed by millrace, opened by lz4-napi',
      pack: (bytes) => writeLz4Frame(bytes, LZ4_FAST_LEVEL),
      open: (packed) => lz4Package.decompressFrameSync(packed),
    },
    { name: 'zstd by millrace', pack: encodeZstd, open: decodeZstd },
  ];
}

function tasksOf({ name, pack, open }: Way, text: Buffer): MicroTask[] {
  const packed = Buffer.from(pack(text));
  const bytes = text.length;
  const title = `${bytes / 1024} KB ${name}`;
  const unpack = (): void => {
    const { length } = open(packed, bytes);
    if (length !== bytes) throw new Error(`${name} gave ${length} bytes in place of ${bytes}`);
  };
  const ratio = (bytes / packed.length).toFixed(2);
  return [
    { name: `${title}: pack, to 1/${ratio}`, operations: 1, bytes, run: () => void pack(text) },
    { name: `${title}: open`, operations: 1, bytes, run: unpack },
  ];
}

export const bench: MicroBench = {
  name: 'compression',
  prepare(smoke) {
    const texts = (smoke ? SMOKE_SIZES : SIZES).map(jsonText);
    return {
      hash: hashOf(...texts),
      tasks: texts.flatMap((text) => ways().flatMap((way) => tasksOf(way, text))),
    };
  },
};
