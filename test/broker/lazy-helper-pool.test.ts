import { afterEach, expect, test } from 'vitest';
import { LazyHelperPool } from '#millrace/broker/lazy-helper-pool';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { silentLogger } from '../../src/base/logger.ts';
import { portableReason } from '../../src/log/native.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { CODEC } from '../../src/records/codec-ids.ts';
import { compress } from '../../src/records/compression.ts';
import { decodeRecords } from '../../src/records/record-iterator.ts';

const OPENED_BYTES_MAX = 4_000_000;
let pool: LazyHelperPool;

afterEach(() => pool.close());

function taskOf(valueBytes: number) {
  const value = Buffer.alloc(valueBytes, 0x61);
  return {
    records: new Uint8Array(buildBatch([{ key: null, value }], { codec: CODEC.SNAPPY })),
    codec: CODEC.LZ4,
    levels: { gzip: 6, lz4: 9, zstd: 3 },
    needsKeys: false,
    beforeMaxMs: Number.POSITIVE_INFINITY,
    afterMaxMs: Number.POSITIVE_INFINITY,
    partition: 'orders-0',
    bytesMax: 1_000_000,
  };
}

test('batches that outgrow their share are done with all of the memory, others beside them', async () => {
  pool = new LazyHelperPool(OPENED_BYTES_MAX, silentLogger);
  const sizes = [3_000_000, 1000, 2_000_000, 400_000, 3_500_000, 1000];
  const results = await Promise.all(sizes.map((size) => pool.rebuild(taskOf(size))));
  for (const [index, { error, rebuilt }] of results.entries()) {
    expect(error).toBe(0);
    const [record] = decodeRecords(Buffer.from(rebuilt));
    expect(record!.value!.length).toBe(sizes[index]);
  }
});

test('one that opens to more than all of it is refused, and the next ones are served', async () => {
  pool = new LazyHelperPool(OPENED_BYTES_MAX, silentLogger);
  const results = await Promise.all(
    [5_000_000, 3_000_000].map((size) => pool.rebuild(taskOf(size))),
  );
  expect(results.map(({ error }) => error)).toEqual([ERROR.MESSAGE_TOO_LARGE, 0]);
  expect(results[0]!.rebuilt.length).toBe(0);
});

function packedZeros(bytes: number): Uint8Array {
  return new Uint8Array(compress(CODEC.GZIP, Buffer.alloc(bytes)));
}

test('what was opened is shared, not copied, and its pages are free when it is released', async () => {
  pool = new LazyHelperPool(OPENED_BYTES_MAX, silentLogger);
  const packed = packedZeros(3_000_000);
  const task = { packed, codec: CODEC.GZIP, openedBytesMax: OPENED_BYTES_MAX, headerBytes: 61 };
  const opened = await pool.open(task);
  expect(opened!.length).toBe(3_000_061);
  expect(opened!.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(packed.length).toBe(0);
  opened!.fill(7);
  pool.release(opened!);
  const givesPagesBack = process.platform === 'linux' && portableReason === '';
  if (givesPagesBack) expect(opened!.includes(0)).toBe(true);
});

test('a batch that opens to more than it may is no batch', async () => {
  pool = new LazyHelperPool(OPENED_BYTES_MAX, silentLogger);
  const packed = packedZeros(3_000_000);
  const task = { packed, codec: CODEC.GZIP, openedBytesMax: 1_000_000, headerBytes: 61 };
  expect(await pool.open(task)).toBe(null);
});
