import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EmbeddedBroker } from '#millrace/broker/start-broker';
import { Producer } from '#millrace/client/producer/producer';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { Streams } from '#millrace/streams/runtime/streams';
import { ThreadedStreams } from '#millrace/streams/runtime/threads/threaded-streams';
import { until } from '../../support/until.ts';
import { brokerWithTopics } from '../support/broker-with-topics.ts';

const input = topic('input', { key: text, value: text });
const KEYS = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const MODULE = new URL('../support/threaded-topology.mjs', import.meta.url);

let broker: EmbeddedBroker;
let folder: string;

beforeAll(async () => {
  broker = await brokerWithTopics(['input', 'output'], 4);
  folder = await mkdtemp(join(tmpdir(), 'millrace-threads-'));
});

afterAll(async () => {
  await broker.close();
  await rm(folder, { recursive: true, force: true });
});

async function send(value: string, keys: readonly string[] = KEYS, to = broker): Promise<void> {
  await using producer = new Producer({ bootstrapServers: to.bootstrapServers });
  for (const key of keys) producer.send(input, { key, value });
  await producer.flush();
}

function application(applicationId: string, more: object = {}): ThreadedStreams {
  const { bootstrapServers } = broker;
  const times = { commitIntervalMs: 50, consumer: { heartbeatIntervalMs: 100 } };
  const options = { bootstrapServers, applicationId, stateDir: folder, ...times };
  return new ThreadedStreams(MODULE, { ...options, numStreamThreads: 2, ...more });
}

/** What all tasks say of the keys' counts. */
async function counts(app: ThreadedStreams): Promise<Record<string, number>> {
  const answers = await app.callStores('counts', 'all');
  const rows = answers.flatMap(({ result }) => result as { key: string; value: number }[]);
  return Object.fromEntries(rows.map(({ key, value }) => [key, value]));
}

const ofEach = (count: number) => Object.fromEntries(KEYS.map((key) => [key, count]));

async function untilCounted(app: ThreadedStreams, count: number): Promise<void> {
  const wanted = JSON.stringify(ofEach(count));
  await until(`all keys have ${count}`, async () => {
    const found = Object.entries(await counts(app)).toSorted();
    return JSON.stringify(Object.fromEntries(found)) === wanted;
  });
}

const tasksOfEach = (app: ThreadedStreams) => app.threads.map(({ taskNames }) => taskNames.length);

describe('threads of an application', () => {
  it('share its tasks and its state directory, and can be asked for their stores', async () => {
    const app = await application('sharing').start();
    await until('both have tasks', async () => tasksOfEach(app).join() === '2,2');
    await send('x');
    await untilCounted(app, 1);
    await expect(app.callStores('counts', 'put', ['a', 1])).rejects.toThrow('no question: put');
    const [answer] = await app.callStores('counts', 'get', ['a']);
    expect(answer?.partition).toBe(0);
    await app.close();
    expect(app.state).toBe('NOT_RUNNING');
    const again = await application('sharing', { numStreamThreads: 1 }).start();
    await send('x');
    await untilCounted(again, 2);
    expect(again.restoredRows).toBe(0);
    await again.close();
  });

  it('tell their metrics together, each under its name', async () => {
    await using app = await application('measured').start();
    await until('both have tasks', async () => tasksOfEach(app).join() === '2,2');
    await send('x');
    const processed = async () => {
      const metrics = await app.metrics();
      const totals = metrics.filter(({ group, name }) => {
        return group === 'stream-task-metrics' && name === 'process-total';
      });
      return totals.reduce((sum, { value }) => sum + value, 0);
    };
    await until('all are counted', async () => (await processed()) >= KEYS.length);
    const metrics = await app.metrics();
    const threads = new Set(metrics.map(({ tags }) => tags['thread-id']?.split('-').at(-1)));
    expect([...threads].filter((each) => each !== undefined).toSorted()).toEqual(['1', '2']);
    const alive = metrics.filter(({ name }) => name === 'alive-stream-threads');
    expect(alive.map(({ value }) => value)).toEqual([2]);
    const heads = metrics.map(({ group, name, tags }) => JSON.stringify([group, name, tags]));
    expect(new Set(heads).size).toBe(heads.length);
  });

  it('come and go while it runs', async () => {
    await using app = await application('moving', { numStreamThreads: 1 }).start();
    await until('it has all tasks', async () => tasksOfEach(app).join() === '4');
    expect(app.addThread()).toBe(2);
    await until('the second has its part', async () => tasksOfEach(app).join() === '2,2');
    await send('x');
    expect(await app.removeThread()).toBe(true);
    await until('the first has all again', async () => tasksOfEach(app).join() === '4');
    await untilCounted(app, Object.values(await counts(app))[0]!);
    expect(await app.removeThread(7)).toBe(false);
  });

  it("are replaced where the handler says so, else their error is the application's", async () => {
    const errors: string[] = [];
    const uncaughtExceptionHandler = (error: unknown) => {
      errors.push(String(error));
      return errors.length < 3 ? 'replace-thread' : 'shutdown-client';
    };
    const app = await application('failing', { uncaughtExceptionHandler }).start();
    await send('poison', ['a']);
    await app.ended();
    expect(errors).toHaveLength(3);
    expect(errors[0]).toContain('poison came');
    expect(String(app.failure)).toContain('poison came');
    expect(app.state).toBe('ERROR');
    await app.close();
  });

  it('end all instances of the application where the handler says so', async () => {
    // What the other tests read must not be poisoned.
    await using own = await brokerWithTopics(['input', 'output'], 4);
    const one = { bootstrapServers: own.bootstrapServers, numStreamThreads: 1 };
    const uncaughtExceptionHandler = () => Promise.resolve('shutdown-application');
    await using first = application('ended', { ...one, uncaughtExceptionHandler });
    const others = { uncaughtExceptionHandler: () => 'replace-thread', stateDir: null };
    await using second = application('ended', { ...one, ...others });
    await Promise.all([first.start(), second.start()]);
    await until('both have tasks', async () => {
      return [first, second].every(({ taskNames }) => taskNames.length === 2);
    });
    const poisoned = first.taskNames.map((name) => Number(name.split('_')[1]));
    await using producer = new Producer({ bootstrapServers: own.bootstrapServers });
    producer.send(input, { key: 'a', value: 'poison', partition: poisoned[0]! });
    await producer.flush();
    await Promise.all([first.ended(), second.ended()]);
    expect(String(first.failure)).toContain('poison came');
    expect(String(second.failure)).toMatch(/asked all instances|requested a shutdown/);
  });

  it('are told of where they are blocked, and tell when they go on', async () => {
    const told: string[] = [];
    const onError = ({ message }: Error) => told.push(message);
    await using own = await brokerWithTopics(['input', 'output'], 4);
    const { bootstrapServers } = own;
    await using app = application('blocked', { bootstrapServers, onError, taskTimeoutMs: 1_500 });
    await app.start();
    await send('block', ['a'], own);
    const silent = /^for \d\.\d s, thread \d with tasks [\d_,]+ was not heard of/;
    await until('it was not heard of', async () => told.some((each) => silent.test(each)));
    await until('it tells why', async () => told.some((each) => each.includes('kept its thread')));
  });

  it('must be able to have the options, and find a topology', async () => {
    const handlers = { errorHandlers: { processing: () => ({ result: 'fail' }) } };
    expect(() => application('wrong', handlers)).toThrow(/option 'errorHandlers' cannot go to/);
    const builder = new StreamsBuilder();
    builder.stream(input).to(topic('output', { key: text, value: text }));
    const options = { bootstrapServers: '127.0.0.1:1', applicationId: 'x', numStreamThreads: 2 };
    expect(() => new Streams(builder, options)).toThrow(/give ThreadedStreams the topology/);
    const { bootstrapServers } = broker;
    const empty = new ThreadedStreams(new URL('data:text/javascript,export const a = 1'), {
      bootstrapServers,
      applicationId: 'none',
    });
    await expect(empty.start()).rejects.toThrow('has no default export');
  });
});
