/** The codecs of record batches on 16 KB of records. */
import { BATCH_HEADER_SIZE } from '#millrace/records/batch-layout';
import { CODEC_NAMES } from '#millrace/records/codec-ids';
import { compress, decompress } from '#millrace/records/compression';
import { batchOf, hashOf } from './fixtures.ts';
import type { MicroBench, MicroTask } from './micro-bench.ts';

const RECORDS = 148;
const LIMIT_BYTES = 1_048_576;

function tasksOf(codec: number, records: Buffer): MicroTask[] {
  const packed = compress(codec, records);
  const name = CODEC_NAMES[codec]!;
  const bytes = records.length;
  const unpack = (): void => {
    const { length } = decompress(codec, packed, LIMIT_BYTES);
    if (length !== bytes) throw new Error(`${name} gave ${length} bytes in place of ${bytes}`);
  };
  return [
    { name: `${name} compress`, operations: 1, bytes, run: () => void compress(codec, records) },
    { name: `${name} decompress`, operations: 1, bytes, run: unpack },
  ];
}

export const bench: MicroBench = {
  name: 'compression',
  prepare(smoke) {
    const records = batchOf(smoke ? 2 : RECORDS).subarray(BATCH_HEADER_SIZE);
    return {
      hash: hashOf(records),
      tasks: [1, 2, 3, 4].flatMap((codec) => tasksOf(codec, records)),
    };
  },
};
