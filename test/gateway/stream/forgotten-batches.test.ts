import { expect, test } from 'vitest';
import type { HelperPool, OpeningTask } from '../../../src/front/partitions/helper-pool.ts';
import { NONE_ABORTED } from '../../../src/gateway/stream/aborted-batches.ts';
import type { Stretch } from '../../../src/gateway/stream/frame.ts';
import { LATER, OPENED, OpenedBatches } from '../../../src/gateway/stream/opened-batches.ts';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { CODEC } from '../../../src/records/codec-ids.ts';
import { decompress } from '../../../src/records/compression.ts';
import { RecordCursor } from '../../../src/records/record-iterator.ts';

const OPENED_BYTES = 1_000_000;
const SWEEPS = 6;

/** A pool that opens at once and remembers what it gave and got back. */
class FakePool implements HelperPool {
  given: Uint8Array[] = [];
  released: Uint8Array[] = [];
  /** Nothing is opened before this resolves. */
  gate: Promise<void> = Promise.resolve();

  rebuild(): never {
    throw new Error('nothing is rebuilt here');
  }

  findByTime(): never {
    throw new Error('nothing is searched here');
  }

  async open({ packed, codec, openedBytesMax, headerBytes }: OpeningTask): Promise<Uint8Array> {
    await this.gate;
    const records = decompress(codec, packed, openedBytesMax);
    const opened = new Uint8Array(headerBytes + records.length);
    opened.set(records, headerBytes);
    this.given.push(opened);
    return opened;
  }

  release(bytes: Uint8Array): void {
    this.released.push(bytes);
  }
}

function stretchOf(topic: string): Stretch {
  const value = Buffer.alloc(OPENED_BYTES, 0x61);
  const bytes = buildBatch([{ key: null, value }], { codec: CODEC.GZIP });
  const end = bytes.length;
  const place = {
    topic,
    partition: 0,
    position: 0,
    next: 1,
    aborted: NONE_ABORTED,
    readableEnd: 1,
  };
  return { ...place, bytes, start: 0, end };
}

function sweep(batches: OpenedBatches, times: number): void {
  for (let i = 0; i < times; i++) batches.sweep();
}

function released(pool: FakePool): ArrayBufferLike[] {
  return pool.released.map(({ buffer }) => buffer);
}

function buffers(pool: FakePool): ArrayBufferLike[] {
  return pool.given.map(({ buffer }) => buffer);
}

test('an opened batch that is read stays; some sweeps after the last reading its memory is freed', async () => {
  const pool = new FakePool();
  const batches = new OpenedBatches(pool, () => {});
  const record = new RecordCursor();
  const stretch = stretchOf('read');
  expect(batches.open(stretch, 0, record)).toBe(LATER);
  await batches.opening;
  for (let i = 0; i < 5; i++) {
    sweep(batches, SWEEPS - 1);
    expect(batches.open(stretch, 0, record)).toBe(OPENED);
    expect(record.next() && record.value()!.length).toBe(OPENED_BYTES);
  }
  expect(pool.given.length).toBe(1);
  expect(pool.released).toEqual([]);
  sweep(batches, SWEEPS);
  expect(released(pool)).toEqual(buffers(pool));
  expect(batches.open(stretch, 0, record)).toBe(LATER);
  await batches.opening;
  expect(batches.open(stretch, 0, record)).toBe(OPENED);
});

test('a batch that takes long to be opened is not forgotten meanwhile', async () => {
  const pool = new FakePool();
  let letGo = (): void => {};
  pool.gate = new Promise((resolve) => {
    letGo = resolve;
  });
  const batches = new OpenedBatches(pool, () => {});
  const stretch = stretchOf('slow');
  const record = new RecordCursor();
  expect(batches.open(stretch, 0, record)).toBe(LATER);
  sweep(batches, 10 * SWEEPS);
  letGo();
  await batches.opening;
  expect(batches.open(stretch, 0, record)).toBe(OPENED);
});

test('what has to make room for others is freed, and what is left with the last of them', async () => {
  const pool = new FakePool();
  const batches = new OpenedBatches(pool, () => {});
  const record = new RecordCursor();
  const count = 80;
  for (let i = 0; i < count; i++) {
    expect(batches.open(stretchOf(`topic-${i}`), 0, record)).toBe(LATER);
    await batches.opening;
  }
  const kept = Math.floor((64 * 1024 * 1024) / pool.given[0]!.length);
  expect(released(pool)).toEqual(buffers(pool).slice(0, count - kept));
  batches.close();
  expect(released(pool)).toEqual(buffers(pool));
});
