import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { BatchBuilder } from '../../src/records/batch-builder.ts';
import { CODEC } from '../../src/records/codec-ids.ts';
import { compress } from '../../src/records/compression.ts';
import { decoderOf, OPENED_BYTES_MAX } from '../../src/websocket/codecs.ts';
import { decodeBatches, type ReadFields } from '../../src/websocket/record-batches.ts';
import { FakeServer, position } from './fake-web-socket.ts';

const FIELDS = { keys: 'text', values: 'text', headers: true, times: true } as const;
const PLACE = { topic: 't', partition: 0, position: 0 };
const TIME = 1_760_000_000_000;

let damage: [number, number][] = [];

function read(bytes: Uint8Array, place = PLACE, fields: ReadFields = FIELDS) {
  return decodeBatches(bytes, place, fields, (from, to) => damage.push([from, to]));
}

function build(count: number, codec: number = CODEC.NONE, baseOffset = 0): Uint8Array {
  const builder = new BatchBuilder();
  builder.reset({ codec, baseOffset });
  for (let i = 0; i < count; i++) {
    const headers = i % 2 === 0 ? [] : [{ key: 'h', value: Buffer.from('ü') }];
    const key = i % 3 === 0 ? null : Buffer.from(`k${i}`);
    builder.append(TIME + i, key, Buffer.from(`value ${i} ${'x'.repeat(i % 50)}`), headers);
  }
  return new Uint8Array(builder.build());
}

/** Bytes with repetitions far and near, immediate ones, and none. */
function sample(bytes: number): Uint8Array {
  const out = new Uint8Array(bytes);
  let seed = 7;
  for (let at = 0; at < bytes; at++) {
    seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
    const kind = (at >> 10) % 4;
    if (kind === 0) out[at] = seed >>> 16;
    else if (kind === 1) out[at] = 65;
    else if (kind === 2) out[at] = 97 + ((seed >>> 16) % 6);
    else out[at] = out[at - 1500]!;
  }
  return out;
}

describe('record batches in the browser', () => {
  it('reads keys, values, headers, times and offsets past 2^32', async () => {
    const records = await read(build(4, CODEC.NONE, 2 ** 40));
    expect(records).toHaveLength(4);
    expect(records[0]).toEqual({
      topic: 't',
      partition: 0,
      offset: 2 ** 40,
      time: TIME,
      value: 'value 0 ',
    });
    expect(records[1]).toMatchObject({ offset: 2 ** 40 + 1, key: 'k1', headers: [['h', 'ü']] });
  });

  it.each(Object.entries(CODEC))('opens batches compressed with %s', async (_, codec) => {
    const records = await read(build(500, codec, 10));
    expect(records).toEqual(await read(build(500, CODEC.NONE, 10)));
    expect(records).toHaveLength(500);
  });

  it('reads several batches, compressed or not, and leaves out what lies before', async () => {
    const bytes = Buffer.concat([build(5), build(5, CODEC.GZIP, 5), build(5, CODEC.NONE, 10)]);
    const records = await read(new Uint8Array(bytes), { ...PLACE, position: 3 });
    expect(records.map(({ offset }) => offset)).toEqual([3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14]);
  });

  it.each([CODEC.GZIP, CODEC.SNAPPY, CODEC.LZ4, CODEC.ZSTD])('undoes codec %i', async (codec) => {
    for (const bytes of [0, 1, 100, 5000, 300_000]) {
      const plain = sample(bytes);
      const opened = await (await decoderOf(codec))(compress(codec, plain), OPENED_BYTES_MAX);
      expect(Buffer.compare(opened, plain)).toBe(0);
    }
  });

  it.each([CODEC.GZIP, CODEC.SNAPPY, CODEC.LZ4, CODEC.ZSTD])(
    'refuses a bomb in codec %i, and holds no more of it than the limit',
    async (codec) => {
      const bomb = Uint8Array.from(compress(codec, Buffer.alloc(32 * 1024 * 1024)));
      const limit = 1024 * 1024;
      const decode = await decoderOf(codec);
      const before = process.memoryUsage().arrayBuffers;
      await expect(Promise.resolve().then(() => decode(bomb, limit))).rejects.toThrow(/past|limit/);
      const grown = process.memoryUsage().arrayBuffers - before;
      expect(grown).toBeLessThan(8 * limit + 2 * bomb.length);
    },
  );

  it('reads values in the other formats', async () => {
    const fields = { ...FIELDS, keys: 'none', values: 'bytes', headers: false, times: false };
    const [, record] = await read(build(2), PLACE, fields as never);
    expect(record).toEqual({
      topic: 't',
      partition: 0,
      offset: 1,
      value: new Uint8Array(Buffer.from('value 1 x')),
    });
    const asJson = { ...FIELDS, values: 'json' } as const;
    const [bad] = await read(build(1), PLACE, asJson);
    expect(bad).toMatchObject({ value64: Buffer.from('value 0 ').toString('base64') });
  });

  it('refuses what is no batch, and passes over garbage in place of records', async () => {
    expect(() => read(new Uint8Array(70))).toThrow('no whole record batch');
    const bent = build(3);
    bent[bent.length - 1] = 0x7e; // the last record has more headers than bytes
    const around = Buffer.concat([build(2), bent, build(2, CODEC.NONE, 3)]);
    damage = [];
    const kept = await read(new Uint8Array(around));
    expect(kept.map(({ offset }) => offset)).toEqual([0, 1, 0, 1, 3, 4]);
    expect(damage).toEqual([[2, 3]]);
    for (const codec of [CODEC.GZIP, CODEC.SNAPPY, CODEC.LZ4, CODEC.ZSTD]) {
      const garbage = build(50, codec);
      garbage.fill(0xee, 61);
      damage = [];
      expect(await read(garbage)).toEqual([]);
      expect(damage).toEqual([[0, 50]]);
    }
  });

  it('comes to no harm from compressed bytes that were changed', async () => {
    let seed = 1;
    for (const codec of [CODEC.SNAPPY, CODEC.LZ4, CODEC.ZSTD]) {
      const whole = compress(codec, sample(20_000));
      for (let round = 0; round < 300; round++) {
        const bent = Uint8Array.from(whole);
        seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
        bent[seed % bent.length]! ^= 1 + (seed % 255);
        const decode = await decoderOf(codec);
        const outcome = await Promise.resolve()
          .then(() => decode(bent, OPENED_BYTES_MAX))
          .catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(RangeError);
      }
    }
  });
});

describe('a subscription of millrace.batch', () => {
  function frame(sub: number, at: number, next: number, batches: Uint8Array): Uint8Array {
    const head = Buffer.alloc(49);
    head[0] = 1;
    head.writeUInt16BE(1, 2);
    head.writeUInt32BE(sub, 4);
    head.writeBigInt64BE(BigInt(at), 16);
    head.writeBigInt64BE(BigInt(next), 24);
    head.writeBigInt64BE(BigInt(next), 32);
    head.writeUInt32BE(next - at, 40);
    head.write('t', 48);
    return Buffer.concat([head, batches]);
  }

  it('opens frames when the loop takes them, and resumes behind them', async () => {
    const server = new FakeServer({ format: 'batch' });
    const subscription = server.client.subscribe('t');
    const socket = await server.accepted();
    socket.answer('subscribe', { positions: [position(0)] });
    socket.sayBytes(frame(1, 0, 3, build(3, CODEC.GZIP)));
    socket.sayBytes(frame(1, 3, 6, build(3, CODEC.NONE, 3)));
    const batches = subscription.batches();
    const taking = batches.next();
    await Promise.resolve();
    socket.lose();
    const { value } = await taking;
    expect(value!.records.map(({ offset }) => offset)).toEqual([0, 1, 2]);
    const second = await server.accepted(1);
    expect(second.last('subscribe').from).toMatchObject({ positions: [{ offset: 3 }] });
    server.client.close();
  });

  it('leaves frames of a kind that it does not know', async () => {
    const server = new FakeServer({ format: 'batch' });
    const subscription = server.client.subscribe('t');
    const socket = await server.accepted();
    socket.answer('subscribe', { positions: [position(0)] });
    socket.sayBytes(Uint8Array.of(9, 0, 0, 0, 0, 0, 0, 1));
    socket.sayBytes(frame(1, 0, 1, build(1)));
    const { value } = await subscription.batches().next();
    expect(value).toMatchObject({ next: 1, records: [{ offset: 0 }] });
    server.client.close();
  });

  it('tells of a batch that does not open, and goes on behind it', async () => {
    const server = new FakeServer({ format: 'batch' });
    const gaps: unknown[] = [];
    const subscription = server.client.subscribe('t', { onGap: (gap) => gaps.push(gap) });
    const socket = await server.accepted();
    socket.answer('subscribe', { positions: [position(0)] });
    const bent = build(3, CODEC.GZIP);
    bent.set(gzipSync('nothing').subarray(0, 12), 61);
    socket.sayBytes(frame(1, 0, 3, bent));
    socket.sayBytes(frame(1, 3, 5, build(2, CODEC.NONE, 3)));
    const { value } = await subscription.batches().next();
    expect(value).toMatchObject({ next: 5, records: [{ offset: 3 }, { offset: 4 }] });
    expect(gaps).toEqual([{ topic: 't', partition: 0, from: 0, to: 3, reason: 'corrupt' }]);
    server.client.close();
  });
});
