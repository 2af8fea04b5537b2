import { describe, expect, it } from 'vitest';
import type { EmbeddedBroker } from '#millrace/broker/start-broker';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { QueryError } from '#millrace/streams/queries/query-error';
import { Streams } from '#millrace/streams/runtime/streams';
import type { TaskMetadata } from '#millrace/streams/runtime/thread-metadata';
import { int64 } from '#millrace/streams/serde/numbers';
import type { KeyValueStore } from '#millrace/streams/topology/key-value-store';
import { until } from '../../support/until.ts';
import { brokerWithTopics } from '../support/broker-with-topics.ts';
import { send } from '../support/counting.ts';

const input = topic('input', { key: text, value: text });
const output = topic('output', { key: text, value: int64 });
type Counts = KeyValueStore<string, number>;

function counting(broker: EmbeddedBroker, more: object = {}): Streams {
  const builder = new StreamsBuilder();
  builder.stream(input).groupByKey().count({ as: 'counts' }).toStream().to(output);
  return new Streams(builder, {
    bootstrapServers: broker.bootstrapServers,
    applicationId: 'app',
    groupProtocol: 'classic',
    commitIntervalMs: 50,
    statestoreCacheMaxBytes: 0,
    numStandbyReplicas: 1,
    consumer: { heartbeatIntervalMs: 100 },
    ...more,
  });
}

function copiesIn(app: Streams): readonly TaskMetadata[] {
  return app.metadataForLocalThreads()[0]!.standbyTasks;
}

async function lagOf(app: Streams): Promise<number | undefined> {
  const lags = await app.allLocalStorePartitionLags();
  return lags.get('counts')?.get(0)?.offsetLag;
}

/** What a copy has of the first key; undefined where none is here, or its lag is not known yet. */
function copied(app: Streams): number | null | undefined {
  try {
    return app.customStore<Counts>('counts', { maxLag: Number.POSITIVE_INFINITY }).get('k0');
  } catch (thrown) {
    if (thrown instanceof QueryError) return undefined;
    throw thrown;
  }
}

function counted(app: Streams): number | null {
  return app.customStore<Counts>('counts').get('k0');
}

/** Of all keys in the partitions that run here. */
function countsIn(app: Streams): number {
  let sum = 0;
  for (const name of app.taskNames) {
    const store = app.customStore<Counts>('counts', { partitions: [Number(name.slice(2))] });
    for (const { value } of store.all()) sum += value;
  }
  return sum;
}

describe.each(['at_least_once', 'exactly_once_v2'] as const)(
  'copies of a task, %s',
  (processingGuarantee) => {
    it('can be read, and take over with what they have', async () => {
      await using broker = await brokerWithTopics(['input', 'output'], 1);
      const first = await counting(broker, { processingGuarantee }).start();
      await send(broker, 500);
      await using second = await counting(broker, { processingGuarantee }).start();
      await until('the copy has all', async () => copied(second) === 50);
      expect(second.taskNames).toEqual([]);
      expect(copiesIn(second)).toMatchObject([{ taskId: '0_0', state: 'standby' }]);
      await until('it lacks nothing', async () => (await lagOf(second)) === 0);
      const restored = second.restoredRows;
      expect(restored).toBe(500);
      await first.close();
      await until('it runs', async () => second.taskNames.length === 1);
      await until('it has restored', async () => second.state === 'RUNNING');
      expect(second.restoredRows).toBe(restored);
      expect(copiesIn(second)).toEqual([]);
      await send(broker, 10);
      await until('it counts on', async () => counted(second) === 51);
    });
  },
);

describe('an application in a classic group', () => {
  it('moves a task with much state once its copy has caught up', async () => {
    await using broker = await brokerWithTopics(['input', 'output'], 2);
    const more = { numStandbyReplicas: 0, acceptableRecoveryLag: 5 };
    await using first = await counting(broker, more).start();
    await send(broker, 1_000);
    await until('all are counted', async () => countsIn(first) === 1_000);
    await using second = await counting(broker, more).start();
    expect(first.taskNames).toHaveLength(2);
    await until('it has moved', async () => second.taskNames.length === 1);
    await until('both run', async () => first.state === 'RUNNING' && second.state === 'RUNNING');
    expect(first.taskNames).toHaveLength(1);
    expect(copiesIn(second)).toEqual([]);
  });

  it('ends where another instance asks for it', async () => {
    await using broker = await brokerWithTopics(['input', 'output'], 2);
    await using first = await counting(broker).start();
    await using second = await counting(broker).start();
    await until('both have one', async () => second.taskNames.length === 1);
    second.shutdownApplication();
    await Promise.all([first.ended(), second.ended()]);
    for (const app of [first, second]) expect(String(app.failure)).toContain('asked all instances');
  });

  it('refuses settings that cannot be', () => {
    const make = (more: object) => () => counting({ bootstrapServers: 'h:1' } as never, more);
    expect(make({ groupProtocol: 'share' })).toThrow("option 'groupProtocol'");
    expect(make({ 'num.standby.replicas': -1 })).toThrow();
  });
});
