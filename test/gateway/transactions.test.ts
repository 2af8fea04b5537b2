import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API } from '../../src/protocol/api-keys.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { WireClient } from '../support/wire-client.ts';
import { send } from '../support/wire-requests.ts';
import { TransactionalClient } from '../traps/transactional-client.ts';
import { GatewayFixture, valuesOf } from './gateway-fixture.ts';

const UNCOMMITTED = { isolation: 'read_uncommitted' };
const MINUTE_MS = 60_000;

interface Shown {
  readonly states: Record<string, number>;
  readonly oldestStartMs: number | null;
  readonly held: object[];
}

let gateway: GatewayFixture;
let wire: WireClient;

beforeAll(async () => {
  gateway = await GatewayFixture.start({ config: { 'offsets.topic.num.partitions': 1 } });
  wire = await WireClient.open(gateway.broker.port);
});

afterAll(async () => {
  wire.close();
  await gateway.close();
});

async function producerTo(topic: string): Promise<TransactionalClient> {
  await gateway.broker.createTopic(topic);
  const producer = new TransactionalClient(wire, topic);
  await producer.start();
  return producer;
}

async function lines(path: string): Promise<unknown[]> {
  const text = await (await fetch(gateway.broker.httpUrl + path)).text();
  return valuesOf(text.split('\n').flatMap((line) => (line === '' ? [] : [JSON.parse(line)])));
}

describe.each(['millrace.json', 'millrace.batch'])('a subscription of %s', (subprotocol) => {
  it('gets records of transactions when they are committed, and none that are aborted', async () => {
    const topic = `isolated-${subprotocol}`;
    const producer = await producerTo(topic);
    const json = await gateway.connect();
    const watching = { type: 'subscribe', topic, from: 'earliest', ...UNCOMMITTED };
    await json.ask({ ...watching, sub: 1 });
    const client = await gateway.connect(subprotocol);
    const subscribed = { type: 'subscribe', sub: 1, topic, from: 'earliest' };
    await client.ask({ ...subscribed, credit: { records: 100 } });
    await producer.produce(topic, 'aborted');
    await gateway.fill(topic, 1, 'plain');
    // The uncommitted reader shows that the records are there.
    expect(valuesOf(await json.records(1, 2))).toEqual(['aborted', 'plain0']);
    await producer.end(false);
    await producer.settled();
    await producer.produce(topic, 'committed');
    await producer.end(true);
    expect(await offsetsOf(client, subprotocol, 2)).toEqual([1, 3]);
  });
});

/** The offsets of the first records that come. */
async function offsetsOf(
  client: Awaited<ReturnType<GatewayFixture['connect']>>,
  subprotocol: string,
  count: number,
): Promise<number[]> {
  if (subprotocol === 'millrace.json') {
    return (await client.records(1, count)).map(({ offset }) => offset as number);
  }
  const offsets: number[] = [];
  while (offsets.length < count) {
    const frame = await client.nextFrame();
    let at = 48 + frame.readUInt16BE(2);
    while (at < frame.length) {
      offsets.push(Number(frame.readBigInt64BE(at)));
      at += 12 + frame.readInt32BE(at + 8);
    }
  }
  return offsets;
}

it('HTTP shows what is committed, or all of it', async () => {
  const producer = await producerTo('lines');
  await gateway.fill('lines', 1, 'plain');
  await producer.produce('lines', 'aborted');
  await producer.end(false);
  await producer.settled();
  await producer.produce('lines', 'open');
  expect(await lines('/topics/lines/records')).toEqual(['plain0']);
  const all = await lines('/topics/lines/records?isolation=read_uncommitted');
  expect(all).toEqual(['plain0', 'aborted', 'open']);
  const answer = await fetch(`${gateway.broker.httpUrl}/topics/lines/records?isolation=dirty`);
  expect(answer.status).toBe(400);
  await producer.end(false);
});

it('the last records and the latest count from the last stable offset', async () => {
  const producer = await producerTo('stable');
  await gateway.fill('stable', 2, 'plain');
  await producer.produce('stable', 'open');
  await gateway.fill('stable', 1, 'behind');
  const client = await gateway.connect();
  const subscribe = { type: 'subscribe', topic: 'stable', from: { last: 1 } };
  const committed = await client.ask({ ...subscribe, sub: 1 });
  expect(committed.positions).toMatchObject([{ offset: 1, end: 2 }]);
  const uncommitted = await client.ask({ ...subscribe, sub: 2, ...UNCOMMITTED });
  expect(uncommitted.positions).toMatchObject([{ offset: 3, end: 4 }]);
  await producer.end(true);
  expect(valuesOf(await client.records(1, 3))).toEqual(['plain1', 'open', 'behind0']);
});

it('a member of a group waits for offsets that an open transaction may commit', async () => {
  const producer = await producerTo('grouped');
  await gateway.fill('grouped', 5);
  const { transactionalId, producerId, epoch: producerEpoch } = producer;
  const partitions = [{ partitionIndex: 0, committedOffset: 3, committedMetadata: '' }];
  const committed = await wire.ask(API.TXN_OFFSET_COMMIT, 5, {
    transactionalId,
    groupId: 'readers',
    producerId,
    producerEpoch,
    topics: [{ name: 'grouped', partitions }],
  });
  expect(committed.topics[0]!.partitions[0]!.errorCode).toBe(0);
  const client = await gateway.connect();
  await client.ask({ type: 'subscribe', sub: 1, topic: 'grouped', group: { id: 'readers' } });
  await producer.end(true);
  const event = await client.next((text) => text.type === 'assigned');
  expect(event.positions).toMatchObject([{ offset: 3 }]);
  expect(valuesOf(await client.records(1, 2))).toEqual(['v3', 'v4']);
});

it('a partition that a transaction holds tells whose it is', async () => {
  const producer = await producerTo('held');
  const { transactionalId, producerId, epoch: producerEpoch } = producer;
  const sinceMs = Date.now() - MINUTE_MS;
  const options = { producerId, producerEpoch, baseSequence: 0, transactional: true };
  const batch = buildBatch([{ value: Buffer.from('x'), timestamp: sinceMs }], options);
  const answer = await send(wire, 'held', batch, { version: 12, transactionalId });
  expect(answer.errorCode).toBe(0);
  const { httpUrl } = gateway.broker;
  const shown = (await (await fetch(`${httpUrl}/transactions`)).json()) as Shown;
  expect(shown.states.Ongoing).toBe(1);
  expect(shown.oldestStartMs).toBeGreaterThan(sinceMs);
  expect(shown.held).toMatchObject([
    {
      topic: 'held',
      partition: 0,
      lastStableOffset: 0,
      highWatermark: 1,
      producerId,
      producerEpoch,
      sinceMs,
      writer: { transactionalId: 'held', address: '127.0.0.1' },
    },
  ]);
  const page = await (await fetch(`${httpUrl}/metrics`)).text();
  expect(page).toContain('millrace_held_partitions 1\n');
  expect(page).toContain('millrace_transactions{state="Ongoing"} 1\n');
  expect(page).toMatch(/^millrace_oldest_open_transaction_seconds \d/m);
  await producer.end(false);
  await producer.settled();
  const after = await (await fetch(`${httpUrl}/transactions`)).json();
  expect(after).toMatchObject({ oldestStartMs: null, held: [] });
});
