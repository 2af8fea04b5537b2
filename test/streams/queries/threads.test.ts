import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedBroker } from '#millrace/broker/start-broker';
import { Producer } from '#millrace/client/producer/producer';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import type { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { Streams } from '#millrace/streams/runtime/streams';
import { ThreadedStreams } from '#millrace/streams/runtime/threads/threaded-streams';
import { until } from '../../support/until.ts';
import { brokerWithTopics } from '../support/broker-with-topics.ts';

const input = topic('input', { key: text, value: text });
const KEYS = Array.from({ length: 20 }, (_, i) => `k${String(i).padStart(2, '0')}`);
const MODULE = new URL('../support/threaded-topology.mjs', import.meta.url);
const TOKEN = 'sesame';
const SERVER = { applicationServer: '127.0.0.1:0', applicationServerToken: TOKEN };

let broker: EmbeddedBroker;

beforeAll(async () => {
  broker = await brokerWithTopics(['input', 'output'], 4);
  await using producer = new Producer({ bootstrapServers: broker.bootstrapServers });
  for (const key of KEYS) producer.send(input, { key, value: 'x' });
  await producer.flush();
});

afterAll(async () => {
  await broker.close();
});

function optionsOf(applicationId: string, more: object): never {
  const { bootstrapServers } = broker;
  const consumer = { heartbeatIntervalMs: 100 };
  const options = { bootstrapServers, applicationId, commitIntervalMs: 50, consumer, ...more };
  return { groupProtocol: 'classic', statestoreCacheMaxBytes: 0, ...options } as never;
}

function threaded(applicationId: string, more: object = {}): ThreadedStreams {
  const own = { numStreamThreads: 2, ...SERVER, ...more };
  return new ThreadedStreams(MODULE, optionsOf(applicationId, own));
}

/** The same application in one thread. */
async function single(applicationId: string, more: object = {}): Promise<Streams> {
  const { default: counting } = (await import(MODULE.href)) as { default: () => StreamsBuilder };
  return new Streams(counting(), optionsOf(applicationId, { ...SERVER, ...more }));
}

/** Both threads have their half of the tasks, and say so themselves. */
async function untilShared(app: ThreadedStreams): Promise<void> {
  await until('the tasks are shared', async () => {
    const threads = await app.metadataForLocalThreads();
    const counts = threads.map(({ activeTasks }) => activeTasks.length).join();
    const cached = app.threads.map(({ taskNames }) => taskNames.length).join();
    return app.state === 'RUNNING' && counts === '2,2' && cached === counts;
  });
}

async function untilCounted(app: Streams | ThreadedStreams): Promise<void> {
  const counts = app.ask<string, number>('counts', { timeoutMs: 20_000 });
  await until('all are counted', async () => (await counts.all()).length === KEYS.length);
}

describe('a process with threads', () => {
  it('has views of its stores, wherever its threads have them', async () => {
    await using app = threaded('viewed');
    expect(() => app.store('counts')).toThrow('the application is not started');
    await app.start();
    await untilShared(app);
    await untilCounted(app);
    const counts = app.store<string, number>('counts');
    for (const key of KEYS) expect(await counts.get(key)).toBe(1);
    expect(await counts.get('nobody')).toBeNull();
    expect((await counts.range('k03', 'k05')).map(({ key }) => key).toSorted()).toEqual([
      'k03',
      'k04',
      'k05',
    ]);
    expect(await counts.prefix('k1')).toHaveLength(10);
    const parts = [0, 1, 2, 3].map((partition) => app.store('counts', { partitions: [partition] }));
    const rows = await Promise.all(parts.map((part) => part.all()));
    expect(
      rows
        .flat()
        .map(({ key }) => key)
        .toSorted(),
    ).toEqual(KEYS);
    expect(() => app.store('never')).toThrow('it has counts');
    const none = app.store('counts', { partitions: [7] });
    await expect(none.all()).rejects.toMatchObject({ code: 'QUERY_NOT_HERE' });
    const { activeHost, partition } = app.metadataForKey('counts', 'k03');
    expect(activeHost).toEqual(app.server);
    expect(partition).toBeGreaterThanOrEqual(0);
  });

  it('tells of its threads, tasks and lags', async () => {
    await using app = await threaded('told').start();
    await untilShared(app);
    const threads = await app.metadataForLocalThreads();
    expect(threads.map(({ activeTasks }) => activeTasks.length)).toEqual([2, 2]);
    const lags = await app.allLocalStorePartitionLags();
    expect([...lags.get('counts')!.keys()].toSorted()).toEqual([0, 1, 2, 3]);
    const [own, ...others] = app.allMetadata();
    expect(own).toMatchObject({ isThis: true, hostInfo: app.server, stateStoreNames: ['counts'] });
    expect(own!.topicPartitions).toHaveLength(4);
    expect(others).toEqual([]);
  });

  it('serves questions, metrics and figures of all its threads', async () => {
    await using app = await threaded('served').start();
    await untilShared(app);
    await untilCounted(app);
    const base = `http://127.0.0.1:${app.server!.port}`;
    const headers = { authorization: `Bearer ${TOKEN}` };
    const query = { op: 'all', reverse: false };
    const ask = async (partitions: readonly number[] | null) => {
      const body = JSON.stringify({
        store: 'counts',
        partitions,
        maxLag: null,
        position: null,
        query,
      });
      const response = await fetch(`${base}/streams/query`, { method: 'POST', headers, body });
      return ((await response.json()) as { rows: unknown[] }).rows.length;
    };
    expect(await ask(null)).toBe(KEYS.length);
    expect(await ask([0, 1, 2, 3])).toBe(KEYS.length);
    const metrics = await (await fetch(`${base}/metrics`, { headers })).text();
    expect(metrics).toMatch(/thread_id="[^"]*-StreamThread-1"/);
    expect(metrics).toMatch(/thread_id="[^"]*-StreamThread-2"/);
    const figures = (await (await fetch(`${base}/streams/figures`, { headers })).json()) as {
      nodes: { taken: number }[];
      tasks: { name: string }[];
    };
    expect(figures.nodes[0]!.taken).toBeGreaterThan(0);
    expect(figures.tasks.map(({ name }) => name)).toEqual(['0_0', '0_1', '0_2', '0_3']);
    expect((await fetch(`${base}/metrics`)).status).toBe(401);
  });

  it('and another process answer for each other', async () => {
    await using app = await threaded('paired').start();
    await using other = await (await single('paired')).start();
    await until('each has a part', async () => {
      return app.taskNames.length + other.taskNames.length === 4 && other.taskNames.length > 0;
    });
    await untilCounted(app);
    await untilCounted(other);
    for (const key of KEYS) {
      expect(await app.ask<string, number>('counts').get(key)).toBe(1);
      expect(await other.ask<string, number>('counts').get(key)).toBe(1);
    }
    const hosts = KEYS.map((key) => app.metadataForKey('counts', key).activeHost!.port);
    expect(new Set(hosts)).toEqual(new Set([app.server!.port, other.server!.port]));
    const away = KEYS.find((key) => {
      return app.metadataForKey('counts', key).activeHost!.port === other.server!.port;
    })!;
    await expect(app.store('counts').get(away)).rejects.toMatchObject({ code: 'QUERY_NOT_HERE' });
    expect(other.allMetadata().map(({ isThis }) => isThis)).toEqual([true, false]);
  });

  it('tells listeners how stores are restored and how copies follow', async () => {
    const first = await threaded('listened', { numStandbyReplicas: 1 }).start();
    await untilShared(first);
    await untilCounted(first);
    await first.close();
    const calls: string[] = [];
    // A task that moves to the other thread is restored there again.
    const rows = new Map<number, number>();
    await using again = threaded('listened', { numStandbyReplicas: 1 });
    again.onRestore({
      onRestoreStart: ({ topic: name, partition }, store, start, end) => {
        if (start < end) calls.push(`start ${name}-${partition} of ${store}`);
      },
      onRestoreEnd: (at, _store, count) => {
        rows.set(at.partition, count);
        calls.push(`end ${at.topic}-${at.partition}`);
      },
    });
    await again.start();
    const restored = () => [...rows.values()].reduce((sum, count) => sum + count, 0);
    await until('all are restored', async () => restored() === KEYS.length);
    const changelog = 'listened-counts-changelog';
    for (const partition of [0, 1, 2, 3]) {
      expect(calls).toContain(`start ${changelog}-${partition} of counts`);
      expect(calls).toContain(`end ${changelog}-${partition}`);
    }
    const followed = new Set<number>();
    again.onStandbyUpdate({ onUpdateStart: ({ partition }) => followed.add(partition) });
    await using other = await (await single('listened', { numStandbyReplicas: 1 })).start();
    await until('its tasks are followed', async () => {
      const its = other.taskNames.map((name) => Number(name.split('_')[1]));
      return its.length > 0 && its.every((each) => followed.has(each));
    });
  });
});
