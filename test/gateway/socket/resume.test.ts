import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API } from '../../../src/protocol/index.ts';
import { KafkaOverWebSocket } from '../../support/kafka-over-web-socket.ts';
import { GatewayFixture, numbered, valuesOf } from '../gateway-fixture.ts';

let dataDir: string;
let gateway: GatewayFixture;
beforeAll(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'millrace-resume-'));
  gateway = await GatewayFixture.start({ dataDir });
});
afterAll(async () => {
  await gateway.close();
  rmSync(dataDir, { recursive: true, force: true });
});

async function deleteRecords(topic: string, offset: number): Promise<void> {
  const kafka = await KafkaOverWebSocket.open(gateway.url);
  const partitions = [{ partitionIndex: 0, offset }];
  const topics = [{ name: topic, partitions }];
  await kafka.request(API.DELETE_RECORDS, 2, { topics, timeoutMs: 10_000 });
  kafka.close();
}

async function deleteTopic(name: string): Promise<void> {
  const kafka = await KafkaOverWebSocket.open(gateway.url);
  const topics = [{ name, topicId: 'AAAAAAAAAAAAAAAAAAAAAA' }];
  await kafka.request(API.DELETE_TOPICS, 6, { topics, topicNames: [], timeoutMs: 10_000 });
  kafka.close();
}

describe('a resume token', () => {
  it('goes on exactly where it stood, over a restart of the broker', async () => {
    await gateway.broker.createTopic('kept');
    await gateway.fill('kept', 10);
    const before = await gateway.connect();
    const credit = { records: 4 };
    await before.ask({ type: 'subscribe', sub: 1, topic: 'kept', from: 'earliest', credit });
    await before.records(1, 4);
    const { token } = await before.ask({ type: 'position', sub: 1 });
    await gateway.close();
    gateway = await GatewayFixture.start({ dataDir });
    await gateway.fill('kept', 2, 'new');
    const after = await gateway.connect();
    const answer = await after.ask({ type: 'subscribe', sub: 1, topic: 'kept', from: { token } });
    expect(answer).toMatchObject({ recovered: true, gaps: [], positions: [{ offset: 4 }] });
    expect(valuesOf(await after.records(1, 8))).toEqual([...numbered('v', 4, 10), 'new0', 'new1']);
  });

  it('names the records that were deleted meanwhile', async () => {
    await gateway.broker.createTopic('gone');
    await gateway.fill('gone', 10);
    const client = await gateway.connect();
    const from = { positions: [{ topic: 'gone', partition: 0, offset: 2, epoch: 0 }] };
    await deleteRecords('gone', 6);
    const answer = await client.ask({ type: 'subscribe', sub: 1, topic: 'gone', from });
    expect(answer).toMatchObject({
      recovered: false,
      gaps: [{ topic: 'gone', partition: 0, from: 2, to: 6, reason: 'retention' }],
    });
    expect(valuesOf(await client.records(1, 4))).toEqual(numbered('v', 6, 10));
  });

  it('names a topic that was made again', async () => {
    await gateway.broker.createTopic('again');
    await gateway.fill('again', 3);
    const client = await gateway.connect();
    const { token } = await client.ask({ type: 'subscribe', sub: 1, topic: 'again' });
    await deleteTopic('again');
    expect(await client.next((text) => text.type === 'gap')).toMatchObject({
      from: 3,
      to: -1,
      reason: 'deleted',
    });
    const missing = await client.ask({
      type: 'subscribe',
      sub: 2,
      topic: 'again',
      from: { token },
    });
    expect(missing).toMatchObject({ recovered: false, gaps: [{ reason: 'deleted' }] });
    await gateway.broker.createTopic('again');
    const answer = await client.ask({ type: 'subscribe', sub: 3, topic: 'again', from: { token } });
    expect(answer).toMatchObject({
      recovered: false,
      gaps: [{ from: 3, to: 0, reason: 'recreated' }],
    });
  });

  it('names what a subscription loses while it waits for credit', async () => {
    await gateway.broker.createTopic('slow');
    await gateway.fill('slow', 10);
    const client = await gateway.connect();
    const credit = { records: 1 };
    await client.ask({ type: 'subscribe', sub: 1, topic: 'slow', from: 'earliest', credit });
    await client.records(1, 1);
    await deleteRecords('slow', 5);
    client.tell({ type: 'credit', sub: 1, records: 100 });
    expect(await client.next((text) => text.type === 'gap')).toMatchObject({
      from: 1,
      to: 5,
      reason: 'retention',
    });
    expect(valuesOf(await client.records(1, 5))).toEqual(numbered('v', 5, 10));
  });

  it('names records that a client has and the log has not', async () => {
    await gateway.broker.createTopic('cut');
    await gateway.fill('cut', 3);
    const client = await gateway.connect();
    const from = { positions: [{ topic: 'cut', partition: 0, offset: 8, epoch: -1 }] };
    const answer = await client.ask({ type: 'subscribe', sub: 1, topic: 'cut', from });
    expect(answer).toMatchObject({
      recovered: false,
      positions: [{ offset: 3 }],
      gaps: [{ from: 3, to: 8, reason: 'truncation' }],
    });
  });

  it('marks what comes again because the token is older than what was sent', async () => {
    await gateway.broker.createTopic('twice');
    await gateway.fill('twice', 10);
    const subscribe = { type: 'subscribe', sub: 1, topic: 'twice' };
    const first = await gateway.connect();
    const credit = { records: 7 };
    const { token } = await first.ask({ ...subscribe, from: 'earliest', credit });
    await first.records(1, 7);
    const overlapping = await gateway.connect();
    const from = { token };
    const early = await overlapping.ask({ ...subscribe, from, credit: { records: 2 } });
    expect(early).toMatchObject({ recovered: true, positions: [{ offset: 0, redelivered: 7 }] });
    for (const client of [first, overlapping]) client.close();
    await Promise.all([first.closed, overlapping.closed]);
    const second = await gateway.connect();
    const answer = await second.ask({ ...subscribe, from, credit: { records: 0 } });
    expect(answer).toMatchObject({ positions: [{ offset: 0, redelivered: 7 }] });
    const exact = [{ topic: 'twice', partition: 0, offset: 7, epoch: 0 }];
    const third = await second.ask({ ...subscribe, sub: 2, from: { positions: exact } });
    expect((third.positions as object[])[0]).not.toHaveProperty('redelivered');
  });

  it('marks what was sent before a seek', async () => {
    await gateway.broker.createTopic('sought');
    await gateway.fill('sought', 10);
    const subscribe = { type: 'subscribe', sub: 1, topic: 'sought' };
    const first = await gateway.connect();
    const credit = { records: 7 };
    const { token } = await first.ask({ ...subscribe, from: 'earliest', credit });
    await first.records(1, 7);
    const sought = await first.ask({ type: 'seek', sub: 1, to: 'earliest' });
    expect((sought.positions as object[])[0]).not.toHaveProperty('redelivered');
    const second = await gateway.connect();
    const answer = await second.ask({ ...subscribe, from: { token } });
    expect(answer).toMatchObject({ positions: [{ offset: 0, redelivered: 7 }] });
  });

  it('does not mark the records of a topic that was made again', async () => {
    await gateway.broker.createTopic('anew');
    await gateway.fill('anew', 10);
    const client = await gateway.connect();
    const subscribe = { type: 'subscribe', topic: 'anew' };
    const { token } = await client.ask({ ...subscribe, sub: 1, from: 'earliest' });
    await client.records(1, 10);
    await deleteTopic('anew');
    await client.next((text) => text.type === 'gap');
    await gateway.broker.createTopic('anew');
    await gateway.fill('anew', 3, 'new');
    const answer = await client.ask({ ...subscribe, sub: 2, from: { token } });
    expect(answer).toMatchObject({ recovered: false, gaps: [{ reason: 'recreated' }] });
    expect((answer.positions as object[])[0]).not.toHaveProperty('redelivered');
    expect(valuesOf(await client.records(2, 3))).toEqual(['new0', 'new1', 'new2']);
  });

  it('marks all that there is when the broker cannot tell what was sent', async () => {
    await gateway.broker.createTopic('restarted');
    await gateway.fill('restarted', 10);
    const subscribe = { type: 'subscribe', sub: 1, topic: 'restarted' };
    const before = await gateway.connect();
    const { token } = await before.ask({ ...subscribe, from: 'earliest' });
    await before.records(1, 10);
    await before.ask({ ...subscribe, sub: 2, group: { id: 'restarted' } });
    await before.next((text) => text.type === 'assigned');
    await before.records(2, 10);
    const ofGroup = await before.ask({ type: 'position', sub: 2 });
    await gateway.close();
    gateway = await GatewayFixture.start({ dataDir });
    const after = await gateway.connect();
    const answer = await after.ask({ ...subscribe, from: { token } });
    expect(answer).toMatchObject({ recovered: true, positions: [{ offset: 0, redelivered: 10 }] });
    const alone = await after.ask({ ...subscribe, sub: 3, from: { token: ofGroup.token } });
    expect((alone.positions as object[])[0]).not.toHaveProperty('redelivered');
    await after.ask({ ...subscribe, sub: 2, group: { id: 'restarted' } });
    const owns = (text: Record<string, unknown>) => (text.positions as [])?.length > 0;
    const assigned = await after.next((text) => text.type === 'assigned' && owns(text));
    expect(assigned.positions).toMatchObject([{ offset: 0, redelivered: 10 }]);
  });
});
