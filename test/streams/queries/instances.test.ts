import { describe, expect, it } from 'vitest';
import type { EmbeddedBroker } from '#millrace/broker/start-broker';
import { QueryClient } from '#millrace/streams/queries/query-client';
import type { QueryError } from '#millrace/streams/queries/query-error';
import type { Streams } from '#millrace/streams/runtime/streams';
import { CERTIFICATE } from '../../client/net/certificate.ts';
import { until } from '../../support/until.ts';
import { brokerWithTopics } from '../support/broker-with-topics.ts';
import { queriedApp, sendOrders, sendPrices } from '../support/query-app.ts';

const KEYS = Array.from({ length: 40 }, (_, i) => `k${String(i).padStart(2, '0')}`);
const SERVER = { applicationServer: '127.0.0.1:0', applicationServerToken: 'sesame' };

function instance(broker: EmbeddedBroker, more: object = {}): Streams {
  return queriedApp(broker, {
    ...SERVER,
    groupProtocol: 'classic',
    consumer: { heartbeatIntervalMs: 100 },
    ...more,
  });
}

async function fill(broker: EmbeddedBroker): Promise<void> {
  await sendOrders(
    broker,
    KEYS.map((key) => ({ key, timestamp: 1_000 })),
  );
  await sendPrices(
    broker,
    KEYS.map((key) => ({ key, timestamp: 1_000, value: `price of ${key}` })),
  );
}

/** Both have half of the tasks, and know of each other. */
async function shared(first: Streams, second: Streams): Promise<void> {
  await until('the tasks are shared', async () => {
    const halves = [first, second].every((app) => app.taskNames.length === 3);
    const known = [first, second].every((app) => {
      const [, other] = app.allMetadata();
      return other !== undefined && other.topicPartitions.length === 3;
    });
    return halves && known && first.state === 'RUNNING' && second.state === 'RUNNING';
  });
}

describe('two instances of an application', () => {
  it('answer for each other', async () => {
    await using broker = await brokerWithTopics(['orders', 'prices'], 3);
    await fill(broker);
    await using first = await instance(broker).start();
    await using second = await instance(broker).start();
    await shared(first, second);
    const counts = second.ask<string, number>('counts');
    await until('all are counted', async () => {
      const entries = await counts.all();
      return entries.length === KEYS.length;
    });
    for (const key of KEYS) expect(await counts.get(key)).toBe(1);
    expect(await counts.get('nobody')).toBeNull();
    expect((await counts.range('k10', 'k19')).map(({ key }) => key).toSorted()).toEqual(
      KEYS.slice(10, 20),
    );
    expect(await counts.prefix('k0')).toHaveLength(10);
    expect(await second.ask<string, number>('windowed').fetch('k01')).toEqual([
      { windowStart: 0, value: 1, timestamp: 1_000 },
    ]);
    const windows = await first.ask<string, number>('windowed').fetchAll();
    expect(windows).toHaveLength(KEYS.length);
    expect(windows[0]!.key.window).toEqual({ start: 0, end: 10_000 });
    const sessions = await first.ask<string, number>('sessions').fetchAll();
    expect(sessions.map(({ key }) => key.key).toSorted()).toEqual(KEYS);
    const prices = first.ask<string, string>('prices');
    for (const key of KEYS.slice(0, 5)) {
      expect(await prices.versions(key)).toEqual([
        { value: `price of ${key}`, timestamp: 1_000, validTo: undefined },
      ]);
    }
  });

  it('name the one that has a key which is not here', async () => {
    await using broker = await brokerWithTopics(['orders', 'prices'], 3);
    await fill(broker);
    await using first = await instance(broker).start();
    await using second = await instance(broker).start();
    await shared(first, second);
    const { server } = second;
    const places = ['counts', 'prices'].flatMap((store) => KEYS.map((key) => ({ store, key })));
    const elsewhere = places.find(({ store, key }) => {
      return first.metadataForKey(store, key).activeHost?.port === server!.port;
    })!;
    let failure: QueryError | undefined;
    try {
      first.store(elsewhere.store).get(elsewhere.key);
    } catch (thrown) {
      failure = thrown as QueryError;
    }
    expect(failure).toMatchObject({ code: 'QUERY_NOT_HERE', host: server });
    expect(failure!.message).toContain(`127.0.0.1:${server!.port} has it`);
  });

  it('answer from a standby that is not too far behind', async () => {
    await using broker = await brokerWithTopics(['orders', 'prices'], 3);
    await fill(broker);
    const copies = { numStandbyReplicas: 1 };
    await using first = await instance(broker, copies).start();
    await using second = await instance(broker, copies).start();
    await shared(first, second);
    const nearby = first.store<string, number>('counts', { maxLag: 0 });
    await until('the copies have all', async () => {
      return [...nearby.all()].length === KEYS.length;
    });
    expect(KEYS.map((key) => nearby.get(key))).toEqual(KEYS.map(() => 1));
    const { standbyHosts, activeHost } = first.metadataForKey('counts', KEYS[0]!);
    expect([...standbyHosts, activeHost].map((host) => host!.port).toSorted()).toEqual(
      [first, second].map(({ server }) => server!.port).toSorted(),
    );
    const [thread] = first.metadataForLocalThreads();
    expect(thread!.standbyTasks.map(({ state }) => state)).toContain('standby');
  });

  it('find each other in a group of the streams protocol as well', async () => {
    await using broker = await brokerWithTopics(['orders', 'prices'], 3);
    await fill(broker);
    const groupProtocol = 'streams';
    await using first = await instance(broker, { groupProtocol }).start();
    await using second = await instance(broker, { groupProtocol }).start();
    await shared(first, second);
    const counts = second.ask<string, number>('counts');
    await until('all are counted', async () => (await counts.all()).length === KEYS.length);
    for (const key of KEYS.slice(0, 10)) expect(await counts.get(key)).toBe(1);
  });

  it('find a key again that has moved', async () => {
    await using broker = await brokerWithTopics(['orders', 'prices'], 3);
    await fill(broker);
    await using first = await instance(broker).start();
    const second = await instance(broker).start();
    await shared(first, second);
    const counts = first.ask<string, number>('counts', { timeoutMs: 20_000 });
    await until('all are counted', async () => (await counts.all()).length === KEYS.length);
    const closing = second.close();
    const answers = await Promise.all(KEYS.map((key) => counts.get(key)));
    await closing;
    expect(answers).toEqual(KEYS.map(() => 1));
  });

  it('ask each other by https where they have certificates', async () => {
    await using broker = await brokerWithTopics(['orders', 'prices'], 3);
    await fill(broker);
    const { key, cert } = CERTIFICATE;
    const applicationServerSsl = { key, cert, ca: cert };
    await using first = await instance(broker, { applicationServerSsl }).start();
    await using second = await instance(broker, { applicationServerSsl }).start();
    await shared(first, second);
    const counts = second.ask<string, number>('counts');
    await until('all are counted', async () => (await counts.all()).length === KEYS.length);
    const { port } = first.server!;
    await expect(fetch(`http://127.0.0.1:${port}/metrics`)).rejects.toThrow();
    const stranger = new QueryClient('sesame', {});
    const question = { store: 'counts', partitions: null, maxLag: null, position: null };
    const query = { op: 'all', reverse: false };
    const asked = stranger.ask({ host: '127.0.0.1', port }, { ...question, query });
    await expect(asked).rejects.toThrow(/self[- ]signed certificate/);
  });
});
