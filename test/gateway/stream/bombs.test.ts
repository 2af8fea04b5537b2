import { afterAll, beforeAll, expect, it } from 'vitest';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { CODEC } from '../../../src/records/codec-ids.ts';
import { GatewayFixture } from '../gateway-fixture.ts';

/** More than the gateway opens of one batch. */
const BOMB_BYTES = 64 * 1024 * 1024;
const RSS_GROWTH_MAX = 160 * 1024 * 1024;
const CODECS = [CODEC.GZIP, CODEC.SNAPPY, CODEC.LZ4, CODEC.ZSTD];

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await GatewayFixture.start({
    config: { 'millrace.websocket.max.frame.bytes': '20000000' },
  });
});
afterAll(() => gateway.close());

function produceFrame(topic: string, id: number, batch: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head[0] = 2;
  head[1] = 1;
  head.writeUInt16BE(topic.length, 2);
  head.writeUInt32BE(id, 4);
  return Buffer.concat([head, Buffer.from(topic), batch]);
}

function batchOf(value: Buffer, codec: number): Buffer {
  return buildBatch([{ key: null, value, timestamp: 1 }], { codec });
}

it.each(CODECS)(
  'a bomb in codec %i is told as a gap, and costs bounded memory',
  async (codec) => {
    const topic = `bomb-${codec}`;
    const config = { 'max.message.bytes': '20000000' };
    await gateway.broker.createTopic(topic, { config });
    const producer = await gateway.connect('millrace.batch');
    const bomb = batchOf(Buffer.alloc(BOMB_BYTES), codec);
    for (const [id, batch] of [bomb, batchOf(Buffer.from('honest'), codec)].entries()) {
      producer.sendBinary(produceFrame(topic, id, batch));
      expect(await producer.next((text) => text.id === id)).toMatchObject({ type: 'ok' });
    }
    producer.close();
    const before = process.memoryUsage().rss;
    const reader = await gateway.connect();
    reader.tell({ type: 'subscribe', sub: 1, topic, from: 'earliest' });
    expect(await reader.next((text) => text.type === 'gap')).toMatchObject({ from: 0, to: 1 });
    expect(await reader.records(1, 1)).toMatchObject([{ offset: 1, value: 'honest' }]);
    reader.close();
    expect(process.memoryUsage().rss - before).toBeLessThan(RSS_GROWTH_MAX);
  },
  30_000,
);
