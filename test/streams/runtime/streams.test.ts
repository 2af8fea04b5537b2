import { describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startBroker } from '#millrace/broker/start-broker';
import { Admin } from '#millrace/client/admin/admin';
import { allRequired } from '#millrace/client/admin/outcome';
import { Consumer } from '#millrace/client/consumer/consumer';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { Streams } from '#millrace/streams/runtime/streams';
import type { StreamsState } from '#millrace/streams/runtime/streams-state';
import type { ProcessorContext } from '#millrace/streams/topology/processor';
import type { StreamRecord } from '#millrace/streams/topology/stream-record';
import { Topology } from '#millrace/streams/topology/topology';
import { until } from '../../support/until.ts';
import { brokerWithTopics } from '../support/broker-with-topics.ts';
import { send } from '../support/counting.ts';
import { type MapStore, mapStore } from '../support/map-store.ts';

const input = topic('input', { key: text, value: text });
const output = topic('output', { key: text, value: text });
const between = topic('between', { key: text, value: text });
const GUARANTEES = ['at_least_once', 'exactly_once_v2'] as const;

type Text = string | null;

/** Counts the records of each key, and fails at `bad`. */
function counting() {
  let context: ProcessorContext<Text, Text>;
  return {
    init: (given: ProcessorContext<Text, Text>) => {
      context = given;
    },
    process: ({ key, value }: StreamRecord<Text, Text>) => {
      if (value === 'bad') throw new Error('cannot bear it');
      const store = context.store<MapStore>('counts');
      const count = Number(store.get(key!) ?? 0) + 1;
      store.put(key!, `${count}`);
      context.forward({ key, value: `${count}` });
    },
  };
}

function topology(): Topology {
  return new Topology()
    .addSource('source', input)
    .addSink('to-between', between, { parents: ['source'] })
    .addSource('from-between', between)
    .addProcessor('count', counting, { parents: ['from-between'] })
    .addStateStore(mapStore('counts'), 'count')
    .addSink('sink', output, { parents: ['count'] });
}

function ready(): Promise<EmbeddedBroker> {
  return brokerWithTopics(['input', 'output', 'between'], 2);
}

function application(broker: EmbeddedBroker, more: object = {}): Streams {
  const { bootstrapServers } = broker;
  const times = { commitIntervalMs: 50, consumer: { heartbeatIntervalMs: 100 } };
  return new Streams(topology(), { bootstrapServers, applicationId: 'app', ...times, ...more });
}

/** The highest count of each key, and how many records there are. */
async function counted(broker: EmbeddedBroker, records: number) {
  const { bootstrapServers } = broker;
  const isolationLevel = 'read_committed';
  await using consumer = new Consumer<string, string>({
    bootstrapServers,
    isolationLevel,
    autoOffsetReset: 'earliest',
  });
  consumer.assign(
    [0, 1].map((partition) => ({ topic: 'output', partition })),
    [output],
  );
  const last = new Map<string, number>();
  let seen = 0;
  for await (const { key, value } of consumer) {
    last.set(key!, Math.max(Number(value), last.get(key!) ?? 0));
    if (++seen === records) break;
  }
  return last;
}

function allOf(count: number): Map<string, number> {
  return new Map(Array.from({ length: 10 }, (_, i) => [`k${i}`, count]));
}

function sorted(map: Map<string, number>): Map<string, number> {
  return new Map([...map].toSorted());
}

describe.each(GUARANTEES)('an application with %s', (processingGuarantee) => {
  it('reads, repartitions, counts and writes', async () => {
    await using broker = await ready();
    await using app = await application(broker, { processingGuarantee }).start();
    expect(app.state).toBe('RUNNING');
    expect(app.taskNames).toEqual(['0_0', '0_1', '1_0', '1_1']);
    await send(broker, 1_000);
    expect(sorted(await counted(broker, 1_000))).toEqual(allOf(100));
  });

  it('goes on after a close with the state that it had', async () => {
    await using broker = await ready();
    await send(broker, 500);
    const first = await application(broker, { processingGuarantee }).start();
    await counted(broker, 500);
    await first.close();
    expect(first.state).toBe('NOT_RUNNING');
    await send(broker, 500);
    await using second = await application(broker, { processingGuarantee }).start();
    expect(sorted(await counted(broker, 1_000))).toEqual(allOf(100));
    expect(second.failure).toBeNull();
  });

  it('shares its tasks with a second instance, and takes them back', async () => {
    await using broker = await ready();
    await using first = await application(broker, { processingGuarantee }).start();
    const second = await application(broker, { processingGuarantee }).start();
    await until('both have half', async () => {
      return first.taskNames.length === 2 && second.taskNames.length === 2;
    });
    await send(broker, 500);
    expect(sorted(await counted(broker, 500))).toEqual(allOf(50));
    await second.close();
    await until('the first has all', async () => first.taskNames.length === 4);
    await send(broker, 500);
    expect(sorted(await counted(broker, 1_000))).toEqual(allOf(100));
  });

  it('ends with the error of a processor, and says so', async () => {
    await using broker = await ready();
    const states: StreamsState[] = [];
    const app = application(broker, { processingGuarantee });
    app.onState((now) => states.push(now));
    await app.start();
    await send(broker, 1, 'bad');
    await app.ended();
    expect(String(app.failure)).toContain('processor=count');
    await app.close();
    expect(states.at(-1)).toBe('ERROR');
    expect(states.slice(0, 2)).toEqual(['REBALANCING', 'RUNNING']);
  });
});

describe('an application', () => {
  it('names the source topics that do not exist', async () => {
    await using broker = await startBroker();
    await using app = application(broker);
    await expect(app.start()).rejects.toThrow('source topics do not exist: between, input');
  });

  it('makes changelogs as Kafka Streams does', async () => {
    await using broker = await ready();
    await using _app = await application(broker).start();
    await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
    const name = 'app-counts-changelog';
    const [described] = allRequired(await admin.topics.describe([name]));
    expect(described!.partitions).toHaveLength(2);
    const [config] = allRequired(await admin.configs.describe([{ type: 'topic', name }]));
    const values = new Map(config!.map((entry) => [entry.name, entry.value]));
    expect(values.get('cleanup.policy')).toBe('compact');
    expect(values.get('message.timestamp.type')).toBe('CreateTime');
  });

  it('takes nothing while it is paused', async () => {
    await using broker = await ready();
    await using app = await application(broker).start();
    app.pause();
    await send(broker, 10);
    await using consumer = new Consumer({ bootstrapServers: broker.bootstrapServers });
    const ends = () =>
      consumer.endOffsets([0, 1].map((partition) => ({ topic: 'output', partition })));
    expect((await ends()).map(({ offset }) => offset)).toEqual([0, 0]);
    app.resume();
    expect(sorted(await counted(broker, 10))).toEqual(allOf(1));
  });

  it('restores nothing while it is paused', async () => {
    await using broker = await ready();
    const first = await application(broker).start();
    await send(broker, 10);
    await counted(broker, 10);
    await first.close();
    await using app = application(broker);
    app.pause();
    const started = app.start();
    const paused = () => {
      const [values] = Object.values(app.metrics.snapshot().threads);
      return (values as Record<string, number> | undefined)?.['active-paused-tasks'] ?? 0;
    };
    await until('tasks are paused', async () => paused() > 0);
    expect(app.restoredRows).toBe(0);
    app.resume();
    await started;
    expect([app.restoredRows, paused()]).toEqual([10, 0]);
  });

  it('refuses options that it does not know', () => {
    const build = () => new Streams(topology(), { applicationId: 'a', 'linger.ms': 1 } as never);
    expect(build).toThrow("there is no option 'linger.ms'");
  });
});
