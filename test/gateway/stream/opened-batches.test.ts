import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildBatch } from '../../../src/records/batch-builder.ts';
import { CODEC } from '../../../src/records/codec-ids.ts';
import { decodeRecords } from '../../../src/records/record-iterator.ts';
import { GatewayFixture } from '../gateway-fixture.ts';

const COUNT = 60_000;
const WIDE = 'w'.repeat(40);
const TOPIC = 'opened';
const KEYS = 7;

/** Batches that open to some megabytes, one for each codec, then one without compression. */
const CODECS = [CODEC.GZIP, CODEC.SNAPPY, CODEC.LZ4, CODEC.ZSTD, CODEC.NONE];
const PLAIN_COUNT = 10_000;
const TOTAL = 4 * COUNT + PLAIN_COUNT;

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await GatewayFixture.start();
  const config = { 'max.message.bytes': '4000000' };
  await gateway.broker.createTopic(TOPIC, { config });
  const client = await gateway.connect('millrace.batch');
  for (const [i, codec] of CODECS.entries()) {
    const count = codec === CODEC.NONE ? PLAIN_COUNT : COUNT;
    client.sendBinary(produceFrame(i, bigBatch(i * COUNT, count, codec)));
    expect(await client.next((text) => text.id === i)).toMatchObject({ type: 'ok' });
  }
  client.close();
}, 60_000);
afterAll(() => gateway.close());

function bigBatch(from: number, count: number, codec: number): Buffer {
  const records = Array.from({ length: count }, (_, i) => ({
    key: Buffer.from(`k${(from + i) % KEYS}`),
    value: Buffer.from(JSON.stringify({ n: from + i, wide: WIDE })),
    timestamp: 1000,
  }));
  return buildBatch(records, { codec });
}

function produceFrame(id: number, batch: Buffer): Buffer {
  const head = Buffer.alloc(12);
  head[0] = 2;
  head[1] = 1;
  head.writeUInt16BE(TOPIC.length, 2);
  head.writeUInt32BE(id, 4);
  return Buffer.concat([head, Buffer.from(TOPIC), batch]);
}

function expectAll(records: readonly Record<string, unknown>[], from: number): void {
  expect(records.length).toBe(TOTAL - from);
  const strange = records.findIndex(({ offset, value }, i) => {
    return offset !== from + i || !String(value).startsWith(`{"n":${from + i},`);
  });
  expect(strange).toBe(-1);
}

async function linesOf(query: string): Promise<Record<string, unknown>[]> {
  const url = `${gateway.broker.httpUrl}/topics/${TOPIC}/records?${query}`;
  const text = await (await fetch(url)).text();
  return text
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
}

describe('records of batches that open to much', () => {
  it('come whole and in order as JSON, to several readers', async () => {
    const read = async () => {
      const client = await gateway.connect();
      client.tell({ type: 'subscribe', sub: 1, topic: TOPIC, from: 'earliest' });
      expectAll(await client.records(1, TOTAL), 0);
      client.close();
    };
    await Promise.all([read(), read(), read()]);
  }, 60_000);

  it('come from the middle of a batch on, in parts as the credit allows', async () => {
    const from = { offset: 3 * COUNT + 41_234 };
    const client = await gateway.connect();
    client.tell({ type: 'subscribe', sub: 1, topic: TOPIC, from, credit: { records: 10 } });
    const first = await client.records(1, 10);
    client.tell({ type: 'credit', sub: 1, records: 1_000_000 });
    const rest = await client.records(1, TOTAL - from.offset - 10);
    expectAll([...first, ...rest], from.offset);
    client.close();
  }, 60_000);

  it('come through a filter that lets little through', async () => {
    const filter = { path: '$.n', equals: COUNT * 2 + 55_555 };
    const client = await gateway.connect();
    client.tell({ type: 'subscribe', sub: 1, topic: TOPIC, from: 'earliest', filter });
    expect(await client.records(1, 1)).toMatchObject([{ offset: COUNT * 2 + 55_555 }]);
    client.close();
  }, 60_000);

  it('come through a filter as batches written anew', async () => {
    const filter = { key: 'k3' };
    const client = await gateway.connect('millrace.batch');
    client.tell({ type: 'subscribe', sub: 1, topic: TOPIC, from: 'earliest', filter });
    const offsets: number[] = [];
    const last = TOTAL - 1 - ((TOTAL - 1 - 3) % KEYS);
    while (offsets.at(-1) !== last) {
      const frame = await client.nextFrame();
      const kept = decodeRecords(frame.subarray(48 + frame.readUInt16BE(2)));
      for (const { offset } of kept) offsets.push(offset);
    }
    expect(offsets).toEqual(Array.from(offsets, (_, i) => 3 + i * KEYS));
    client.close();
  }, 60_000);

  it('are thinned out by conflation to the last of each key of a part, the very last among them', async () => {
    const client = await gateway.connect();
    const policy = { when: 'conflate', behind: 0 };
    client.tell({ type: 'subscribe', sub: 1, topic: TOPIC, from: 'earliest', policy });
    const offsets: number[] = [];
    while (offsets.at(-1) !== TOTAL - 1) {
      for (const { offset } of await client.records(1, 1)) offsets.push(offset as number);
    }
    expect(offsets).toEqual([...offsets].sort((a, b) => a - b));
    for (let i = 1; i <= KEYS; i++) expect(offsets).toContain(TOTAL - i);
    expect(offsets.length).toBeLessThan(TOTAL / 10);
    client.close();
  }, 60_000);

  it('come as lines of NDJSON, from the middle of a batch too', async () => {
    expectAll(await linesOf('from=earliest'), 0);
    const from = COUNT + 33_333;
    expectAll(await linesOf(`partition=0&from=${from}`), from);
  }, 60_000);

  it('come as events, and go on behind the last event in the middle of a batch', async () => {
    const records: Record<string, unknown>[] = [];
    const id = await readEvents('0:0', 100_000, records);
    expect(id).toBe(`0:${records.length}`);
    await readEvents(id, TOTAL - records.length, records);
    expectAll(records, 0);
  }, 60_000);
});

/** Reads at least so many events after this id. Answers the id of the last. */
function readEvents(
  lastId: string,
  count: number,
  records: Record<string, unknown>[],
): Promise<string> {
  return new Promise((resolve, reject) => {
    const path = `/topics/${TOPIC}/events?lastEventId=${lastId}`;
    const call = request(gateway.broker.httpUrl + path, (response) => {
      let text = '';
      let id = lastId;
      let left = count;
      response.on('data', (chunk) => {
        const events = `${text}${chunk}`.split('\n\n');
        text = events.pop()!;
        for (const event of events) {
          if (left <= 0 || !event.includes('data: ')) continue;
          id = event.slice(4, event.indexOf('\n'));
          records.push(JSON.parse(event.slice(event.indexOf('data: ') + 6)));
          left--;
        }
        if (left > 0) return;
        call.destroy();
        resolve(id);
      });
      response.on('error', () => call.destroy());
    });
    call.on('error', reject);
    call.end();
  });
}
