import { describe, expect, it } from 'vitest';
import { ThreadPacker } from '#millrace/client/thread-packer';
import { BATCH_HEADER_SIZE } from '#millrace/records/batch-layout';
import { CODEC, CODEC_NAMES } from '#millrace/records/codec-ids';
import { decompress } from '#millrace/records/compression';

const LARGE = 300 * 1024;

describe('ThreadPacker', () => {
  it.each(CODEC_NAMES.slice(1))('compresses large batches by %s in a thread', async (name) => {
    const codec = CODEC_NAMES.indexOf(name);
    const records = Buffer.from(`{"name":"${name}"}`.repeat(LARGE / 10));
    const packed = await new ThreadPacker(1).pack(codec, undefined, records);
    expect(packed!.length).toBeLessThan(records.length / 4);
    const opened = decompress(codec, packed!.subarray(BATCH_HEADER_SIZE), 2 * records.length);
    expect(Buffer.compare(opened, records)).toBe(0);
  });

  it('leaves small batches, and all of them where there is no processor to spare', () => {
    expect(new ThreadPacker(1).pack(CODEC.GZIP, undefined, Buffer.alloc(1_000))).toBeNull();
    expect(new ThreadPacker(0).pack(CODEC.GZIP, undefined, Buffer.alloc(LARGE))).toBeNull();
  });

  it('rejects where the codec refuses its level', async () => {
    const packing = new ThreadPacker(1).pack(CODEC.GZIP, 42, Buffer.alloc(LARGE));
    await expect(packing).rejects.toThrow(/level/);
  });
});
