import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedBroker } from '#millrace/broker/start-broker';
import type { QueryErrorCode } from '#millrace/streams/queries/query-error';
import type { Streams } from '#millrace/streams/runtime/streams';
import { until } from '../../support/until.ts';
import { brokerWithTopics } from '../support/broker-with-topics.ts';
import { queriedApp, queriedTopology, sendOrders, sendPrices } from '../support/query-app.ts';

const KEYS = ['Bonn', 'Brno', 'Graz', 'Linz', 'Lyon', 'Ulm', 'Wels'];

function codeOf(run: () => unknown): QueryErrorCode | undefined {
  try {
    run();
  } catch (thrown) {
    return (thrown as { code?: QueryErrorCode }).code;
  }
  return undefined;
}

describe('the stores of an instance', () => {
  let broker: EmbeddedBroker;
  let app: Streams;

  beforeAll(async () => {
    broker = await brokerWithTopics(['orders', 'prices'], 3);
    app = await queriedApp(broker).start();
    const times = [1_000, 2_000, 11_000];
    await sendOrders(
      broker,
      KEYS.flatMap((key) => times.map((timestamp) => ({ key, timestamp }))),
    );
    await sendPrices(broker, [
      { key: 'Graz', value: 'one', timestamp: 1_000 },
      { key: 'Graz', value: 'two', timestamp: 5_000 },
    ]);
    const isDone = async () => KEYS.every((key) => app.store('windowed').get(key, 10_000) === 1);
    await until('all is counted', isDone);
    await until('both prices are there', async () => app.store('prices').get('Graz') === 'two');
  });

  afterAll(async () => {
    await app.close();
    await broker.close();
  });

  it('are read by key, range and prefix, over all partitions', () => {
    const counts = app.store<string, number>('counts');
    expect(counts.get('Graz')).toBe(3);
    expect(counts.find('Graz')).toEqual({ key: 'Graz', value: 3, timestamp: 11_000 });
    expect(counts.get('nowhere')).toBeNull();
    const keysOf = (entries: Iterable<{ key: string }>) =>
      Array.from(entries, ({ key }) => key).toSorted();
    expect(keysOf(counts.all())).toEqual(KEYS);
    expect(keysOf(counts.all({ reverse: true }))).toEqual(KEYS);
    expect(keysOf(counts.range('Graz', 'Lyon'))).toEqual(['Graz', 'Linz', 'Lyon']);
    expect(keysOf(counts.range(null, 'C', { reverse: true }))).toEqual(['Bonn', 'Brno']);
    expect(keysOf(counts.prefix('B'))).toEqual(['Bonn', 'Brno']);
    expect(counts.approximateSize()).toBe(KEYS.length);
    const reversed = [0, 1, 2].flatMap((partition) => {
      const one = app.store<string, number>('counts', { partitions: [partition] });
      const forward = Array.from(one.all(), ({ key }) => key);
      expect(Array.from(one.all({ reverse: true }), ({ key }) => key)).toEqual(
        forward.toReversed(),
      );
      return forward;
    });
    expect(reversed.toSorted()).toEqual(KEYS);
  });

  it('are read by window and by session', () => {
    const windowed = app.store<string, number>('windowed');
    expect(windowed.fetch('Graz', { from: 0, to: 9_999 })).toEqual([
      { windowStart: 0, value: 2, timestamp: 2_000 },
    ]);
    expect(windowed.fetch('Graz', { reverse: true }).map(({ value }) => value)).toEqual([1, 2]);
    expect(windowed.get('Graz', 10_000)).toBe(1);
    expect([...windowed.fetchAll({ from: 10_000 })]).toHaveLength(KEYS.length);
    expect([...windowed.fetchRange('Graz', 'Linz', { to: 0 })]).toHaveLength(2);
    const sessions = app.store<string, number>('sessions');
    expect(sessions.fetch('Graz')).toEqual([
      { key: { key: 'Graz', window: { start: 1_000, end: 2_000 } }, value: 2 },
      { key: { key: 'Graz', window: { start: 11_000, end: 11_000 } }, value: 1 },
    ]);
    expect(sessions.fetch('Graz', { from: 5_000 })).toHaveLength(1);
    expect(sessions.get('Graz', 1_000, 2_000)).toBe(2);
    expect([...sessions.fetchAll({ to: 2_000 })]).toHaveLength(KEYS.length);
  });

  it('are read by version', () => {
    const prices = app.store<string, string>('prices');
    expect(prices.getAsOf('Graz', 4_999)).toBe('one');
    expect(prices.getAsOf('Graz', 999)).toBeNull();
    expect(prices.versions('Graz')).toEqual([
      { value: 'two', timestamp: 5_000, validTo: undefined },
      { value: 'one', timestamp: 1_000, validTo: 5_000 },
    ]);
    const ascending = prices.versions('Graz', { to: 4_000, ascending: true });
    expect(ascending.map(({ value }) => value)).toEqual(['one']);
  });

  it('have the types of the tables that they keep', () => {
    const { counts, windowed, history } = queriedTopology();
    const count: number | null = app.store(counts).get('Graz');
    const [first] = app.store(windowed).fetch('Graz');
    const price: string | null = app.store(history).getAsOf('Graz', 6_000);
    expect([count, first!.value, price]).toEqual([3, 2, 'two']);
    // @ts-expect-error: a key of another type is refused before it runs.
    expect(codeOf(() => app.store(counts).get(5))).toBeUndefined();
  });

  it('say what is wrong', () => {
    expect(codeOf(() => app.store('never'))).toBe('QUERY_UNKNOWN_STORE');
    expect(() => app.store('never')).toThrow(
      'the topology has no store never: it has counts, prices, sessions, windowed',
    );
    const position = { 'orders-0': 1_000_000, 'orders-1': 1_000_000, 'orders-2': 1_000_000 };
    expect(codeOf(() => app.store('counts', { position }).get('Graz'))).toBe('QUERY_STALE');
    const seen = { 'orders-0': 1 };
    expect(app.store('counts', { position: seen }).get('Graz')).toBe(3);
    expect(codeOf(() => queriedApp(broker).store('counts').get('Graz'))).toBe('QUERY_NOT_RUNNING');
  });

  it('are described with their tasks and lags', async () => {
    const lags = await app.allLocalStorePartitionLags();
    expect([...lags.keys()].toSorted()).toEqual(['counts', 'prices', 'sessions', 'windowed']);
    expect([...lags.get('counts')!.values()].map(({ offsetLag }) => offsetLag)).toEqual([0, 0, 0]);
    const [thread] = app.metadataForLocalThreads();
    expect(thread!.activeTasks.map(({ taskId }) => taskId)).toEqual(
      expect.arrayContaining(['0_0', '0_1', '0_2', '1_0', '1_1', '1_2']),
    );
    const task = thread!.activeTasks.find(({ taskId }) => taskId === '0_0')!;
    expect(task).toMatchObject({
      state: 'running',
      topicPartitions: [{ topic: 'orders', partition: 0 }],
    });
    const sumOf = (what: 'committedOffsets' | 'endOffsets') => {
      const tasks = app.metadataForLocalThreads().flatMap(({ activeTasks }) => activeTasks);
      const offsets = tasks.flatMap((each) => Object.values(each[what]));
      return offsets.reduce((sum, offset) => sum + offset, 0);
    };
    const sent = KEYS.length * 3 + 2;
    await until('all is committed', async () => sumOf('committedOffsets') === sent);
    expect(sumOf('endOffsets')).toBe(sent);
    const [metadata] = app.allMetadata();
    expect(metadata).toMatchObject({ hostInfo: null, isThis: true });
    expect(metadata!.stateStoreNames).toEqual(['counts', 'prices', 'sessions', 'windowed']);
    expect(metadata!.topicPartitions).toContainEqual({ topic: 'orders', partition: 2 });
  });

  it('answer what is asked as well, without a server', async () => {
    expect(await app.ask<string, number>('counts').get('Graz')).toBe(3);
    expect(await app.ask<string, number>('counts').all()).toHaveLength(KEYS.length);
    await expect(async () => await app.ask('never').get('x')).rejects.toThrow('no store never');
  });
});
