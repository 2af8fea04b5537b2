import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { API } from '../../../src/protocol/index.ts';
import { KafkaOverWebSocket } from '../../support/kafka-over-web-socket.ts';
import type { WebSocketClient } from '../../support/web-socket-client.ts';
import { GatewayFixture, numbered, valuesOf } from '../gateway-fixture.ts';

let gateway: GatewayFixture;
beforeAll(async () => {
  gateway = await GatewayFixture.start({ config: { 'offsets.topic.num.partitions': 2 } });
});
afterAll(() => gateway.close());

type Positions = { partition: number; offset: number; redelivered?: number }[];

/** Waits until the member has these partitions. */
async function assigned(client: WebSocketClient, partitions: number[]): Promise<Positions> {
  for (;;) {
    const event = await client.next((text) => text.type === 'assigned');
    const positions = event.positions as Positions;
    const own = positions.map(({ partition }) => partition).sort();
    if (own.join() === partitions.join()) return positions;
  }
}

/** Offset and leader epoch, as any Kafka client finds them. */
async function committed(groupId: string, name: string): Promise<number[]> {
  const kafka = await KafkaOverWebSocket.open(gateway.url);
  const topics = [{ name, partitionIndexes: [0] }];
  const groups = [{ groupId, memberId: null, memberEpoch: -1, topics }];
  const answer = await kafka.request(API.OFFSET_FETCH, 9, { groups, requireStable: true });
  kafka.close();
  const partition = answer.groups[0]!.topics[0]!.partitions[0]!;
  return [partition.committedOffset, partition.committedLeaderEpoch];
}

function join(client: WebSocketClient, topic: string, id: string, instance?: string) {
  const group = instance === undefined ? { id } : { id, instance };
  return client.ask({ type: 'subscribe', sub: 1, topic, group });
}

describe('a subscription in a group', () => {
  it('gets all partitions alone, and shares them with another member', async () => {
    await gateway.broker.createTopic('shared', { partitions: 2 });
    const one = await gateway.connect();
    expect(await join(one, 'shared', 'g1')).toMatchObject({ type: 'ok', sub: 1, group: 'g1' });
    await assigned(one, [0, 1]);
    const two = await gateway.connect();
    await join(two, 'shared', 'g1');
    const revoked = await one.next((text) => text.type === 'revoked');
    const [left] = revoked.positions as Positions;
    const other = 1 - left!.partition;
    await assigned(two, [left!.partition]);
    await gateway.fill('shared', 3, 'a', left!.partition);
    await gateway.fill('shared', 3, 'b', other);
    expect(valuesOf(await two.records(1, 3))).toEqual(numbered('a', 0, 3));
    expect(valuesOf(await one.records(1, 3))).toEqual(numbered('b', 0, 3));
  });

  it('redelivers to another member what was not acknowledged, and marks it', async () => {
    await gateway.broker.createTopic('again');
    await gateway.fill('again', 10);
    const one = await gateway.connect();
    await join(one, 'again', 'g2');
    await assigned(one, [0]);
    await one.records(1, 10);
    const positions = [{ topic: 'again', partition: 0, offset: 4 }];
    expect(await one.ask({ type: 'ack', sub: 1, positions })).toMatchObject({ type: 'ok', sub: 1 });
    expect(await committed('g2', 'again')).toEqual([4, 0]);
    const two = await gateway.connect();
    await join(two, 'again', 'g2');
    await assigned(two, []);
    one.close();
    expect(await assigned(two, [0])).toMatchObject([{ offset: 4, redelivered: 10 }]);
    expect(valuesOf(await two.records(1, 6))).toEqual(numbered('v', 4, 10));
    const foreign = [{ topic: 'again', partition: 7, offset: 4 }];
    const refused = await two.ask({ type: 'ack', sub: 1, positions: foreign });
    expect(refused).toMatchObject({ code: 'group_failed', retry: false });
  });

  it('marks nothing of a topic that was made again under the same name', async () => {
    await gateway.broker.createTopic('anew');
    await gateway.fill('anew', 10);
    const one = await gateway.connect();
    await join(one, 'anew', 'g5');
    await assigned(one, [0]);
    await one.records(1, 10);
    const kafka = await KafkaOverWebSocket.open(gateway.url);
    const topics = [{ name: 'anew', topicId: 'AAAAAAAAAAAAAAAAAAAAAA' }];
    await kafka.request(API.DELETE_TOPICS, 6, { topics, topicNames: [], timeoutMs: 10_000 });
    kafka.close();
    await assigned(one, []);
    await gateway.broker.createTopic('anew');
    await gateway.fill('anew', 5);
    await assigned(one, [0]);
    await one.records(1, 3);
    const positions = [{ topic: 'anew', partition: 0, offset: 2 }];
    expect(await one.ask({ type: 'ack', sub: 1, positions })).toMatchObject({ type: 'ok' });
    one.close();
    const two = await gateway.connect();
    await join(two, 'anew', 'g5');
    const [position] = await assigned(two, [0]);
    expect(position).toMatchObject({ offset: 2, redelivered: 5 });
  });

  it('keeps the partitions of a named instance over a reload', async () => {
    await gateway.broker.createTopic('reload', { partitions: 2 });
    const stays = await gateway.connect();
    const first = await gateway.connect();
    await join(stays, 'reload', 'g3', 'stays');
    await assigned(stays, [0, 1]);
    await join(first, 'reload', 'g3', 'tab');
    const revoked = await stays.next((text) => text.type === 'revoked');
    const { partition } = (revoked.positions as Positions)[0]!;
    await assigned(first, [partition]);
    first.close();
    await first.closed;
    const second = await gateway.connect();
    await join(second, 'reload', 'g3', 'tab');
    await assigned(second, [partition]);
    const third = await gateway.connect();
    await join(third, 'reload', 'g3', 'tab');
    expect(await second.next((text) => text.type === 'ended')).toMatchObject({
      sub: 1,
      code: 'group_failed',
      retry: false,
    });
    await assigned(third, [partition]);
    expect(stays.waiting.filter((text) => text.type === 'revoked')).toEqual([]);
  });

  it('takes the place of its old self, which nobody has seen go', async () => {
    await gateway.broker.createTopic('back', { partitions: 2 });
    const one = await gateway.connect();
    const { member } = await join(one, 'back', 'g6');
    await assigned(one, [0, 1]);
    await gateway.fill('back', 3);
    await one.records(1, 3);
    const two = await gateway.connect();
    const subscribe = { type: 'subscribe', sub: 1, topic: 'back', group: { id: 'g6', member } };
    expect(await two.ask(subscribe)).toMatchObject({ type: 'ok', member });
    expect(await one.next((text) => text.type === 'ended')).toMatchObject({ retry: false });
    const positions = await assigned(two, [0, 1]);
    const first = positions.find(({ partition }) => partition === 0);
    expect(first).toMatchObject({ offset: 0, redelivered: 3 });
    expect(await two.ask({ ...subscribe, sub: 2 })).toMatchObject({
      code: 'group_failed',
      field: 'group.member',
    });
  });

  it('leaves at unsubscribe and refuses what is not for groups', async () => {
    await gateway.broker.createTopic('left');
    const one = await gateway.connect();
    await join(one, 'left', 'g4');
    await assigned(one, [0]);
    expect(await one.ask({ type: 'seek', sub: 1, to: 'earliest' })).toMatchObject({
      code: 'group_failed',
    });
    const subscribe = { type: 'subscribe', topic: 'left' };
    const cases: [object, string][] = [
      [{ group: {} }, 'group.id'],
      [{ group: { id: 'g' }, partitions: [0] }, 'partitions'],
      [{ group: 'g' }, 'group'],
      [{ group: { id: 'g', instance: 'i', member: 'm' } }, 'group.member'],
    ];
    for (const [fields, field] of cases) {
      expect(await one.ask({ ...subscribe, ...fields })).toMatchObject({
        code: 'bad_value',
        field,
      });
    }
    const two = await gateway.connect();
    await join(two, 'left', 'g4');
    await one.ask({ type: 'unsubscribe', sub: 1 });
    await assigned(two, [0]);
  });
});
