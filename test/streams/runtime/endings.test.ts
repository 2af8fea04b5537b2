import { describe, expect, it } from 'vitest';
import type { EmbeddedBroker } from '#millrace/broker/start-broker';
import { Admin } from '#millrace/client/admin/admin';
import { allRequired, required } from '#millrace/client/admin/outcome';
import { Consumer } from '#millrace/client/consumer/consumer';
import { Producer } from '#millrace/client/producer/producer';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { Streams } from '#millrace/streams/runtime/streams';
import { int32 } from '#millrace/streams/serde/numbers';
import { resumingHandlers } from '#millrace/streams/tasks/default-handlers';
import { until } from '../../support/until.ts';
import { brokerWithTopics } from '../support/broker-with-topics.ts';

const input = topic('input', { key: text, value: text });
const output = topic('output', { key: text, value: text });

function ready(): Promise<EmbeddedBroker> {
  return brokerWithTopics(['input', 'output', 'dead'], 1);
}

async function send(broker: EmbeddedBroker, values: readonly string[]): Promise<void> {
  await using producer = new Producer({ bootstrapServers: broker.bootstrapServers });
  for (const value of values) producer.send(input, { key: value, value });
  await producer.flush();
}

/** What was committed of the input, and what a reader of committed records finds in a topic. */
async function progress(broker: EmbeddedBroker, name = 'output') {
  await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
  const listed = required((await admin.groupOffsets.list(['app'])).get('app'));
  const [end] = await admin.records.offsets([{ topic: name, partition: 0, at: 'latest' }]);
  const committed = listed.find((each) => each.topic === 'input')?.offset ?? -1;
  return { committed, written: required(end!.outcome).offset };
}

/** What a reader of committed records finds in a topic. */
async function values(broker: EmbeddedBroker, name: string, count: number) {
  await using consumer = new Consumer<string, string>({
    bootstrapServers: broker.bootstrapServers,
    isolationLevel: 'read_committed',
    autoOffsetReset: 'earliest',
  });
  consumer.assign([{ topic: name, partition: 0 }], [topic(name, { key: text, value: text })]);
  const found: (string | null)[] = [];
  for await (const { value } of consumer) {
    found.push(value);
    if (found.length === count) break;
  }
  return found;
}

function enriching(
  broker: EmbeddedBroker,
  call: (value: string | null) => Promise<string>,
  more: object = {},
): Streams {
  const builder = new StreamsBuilder();
  builder.stream(input).mapValuesAsync(call, { concurrency: 5_000 }).to(output);
  const { bootstrapServers } = broker;
  const times = { commitIntervalMs: 60_000, consumer: { heartbeatIntervalMs: 100 } };
  return new Streams(builder, { bootstrapServers, applicationId: 'app', ...times, ...more });
}

describe('the end of an application', () => {
  it('waits for thousands of calls, and commits what came of them', async () => {
    await using broker = await ready();
    const resolvers: (() => void)[] = [];
    const call = (value: string | null) =>
      new Promise<string>((resolve) => resolvers.push(() => resolve(`${value}!`)));
    const app = await enriching(broker, call).start();
    await send(
      broker,
      Array.from({ length: 3_000 }, (_, i) => `${i}`),
    );
    await until('all are called', async () => resolvers.length === 3_000);
    const closed = app.close();
    for (const resolve of resolvers) resolve();
    await closed;
    expect(app.failure).toBeNull();
    expect(await progress(broker)).toEqual({ committed: 3_000, written: 3_000 });
  });

  it('does not wait for ever for a promise, whose record comes again', async () => {
    await using broker = await ready();
    let calls = 0;
    const never = () => {
      calls++;
      return new Promise<string>(() => undefined);
    };
    const app = await enriching(broker, never).start();
    await send(broker, ['a']);
    await until('it is called', async () => calls === 1);
    await app.close({ timeoutMs: 200 });
    expect((await progress(broker)).written).toBe(0);
    const again = await enriching(broker, async (value) => `${value}!`).start();
    await until('it was written', async () => (await progress(broker)).written === 1);
    await again.close();
    expect(await progress(broker)).toEqual({ committed: 1, written: 1 });
  });

  it('is the error of a record that cannot be read, unless a handler goes on', async () => {
    await using broker = await ready();
    const { bootstrapServers } = broker;
    const wrong = topic('input', { key: text, value: int32 });
    const make = (more: object) => {
      const builder = new StreamsBuilder();
      builder.stream(wrong).to(topic('output', { key: text, value: int32 }));
      const options = { bootstrapServers, applicationId: 'app', commitIntervalMs: 20, ...more };
      return new Streams(builder, options);
    };
    await send(broker, ['no number']);
    const failing = await make({}).start();
    await failing.ended();
    expect(String(failing.failure)).toContain('record 0 of input-0 cannot be read');
    await failing.close();
    const going = await make({ errorHandlers: resumingHandlers('dead') }).start();
    const commits = async () => (await progress(broker)).committed === 1;
    await until('it was passed by', commits);
    await going.close();
    expect((await progress(broker, 'dead')).written).toBe(1);
    expect([...going.droppedRecords.values()]).toEqual([1]);
  });

  it.each(['at_least_once', 'exactly_once_v2'])(
    'is the error of a record that no broker takes, %s',
    async (processingGuarantee) => {
      await using broker = await ready();
      await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
      const configs = { 'max.message.bytes': '1000' };
      allRequired(await admin.topics.create([{ name: 'small', partitions: 1, configs }]));
      const builder = new StreamsBuilder();
      builder.stream(input).to(topic('small', { key: text, value: text }));
      const { bootstrapServers } = broker;
      const more = { commitIntervalMs: 20, processingGuarantee };
      const app = new Streams(builder, {
        bootstrapServers,
        applicationId: 'app',
        ...more,
      } as never);
      await app.start();
      await send(broker, ['x'.repeat(5_000)]);
      await app.ended();
      expect(app.failure).toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
      await app.close();
    },
  );

  it.each(['at_least_once', 'exactly_once_v2'] as const)(
    'does not come of a refused record where a handler goes on, %s',
    async (processingGuarantee) => {
      await using broker = await ready();
      const { bootstrapServers } = broker;
      await using admin = new Admin({ bootstrapServers });
      const configs = { 'max.message.bytes': '1000' };
      allRequired(await admin.topics.create([{ name: 'small', partitions: 1, configs }]));
      const builder = new StreamsBuilder();
      builder.stream(input).to(topic('small', { key: text, value: text }));
      const app = await new Streams(builder, {
        bootstrapServers,
        applicationId: 'app',
        commitIntervalMs: 20,
        processingGuarantee,
        errorHandlers: resumingHandlers('dead'),
      }).start();
      await send(broker, ['a', 'x'.repeat(5_000), 'b']);
      await until('all is committed', async () => (await progress(broker)).committed === 3);
      await app.close();
      expect(app.failure).toBeNull();
      expect([...app.droppedRecords]).toEqual([['KSTREAM-SINK-0000000001: error', 1]]);
      expect(await values(broker, 'small', 2)).toEqual(['a', 'b']);
      const [letter] = await values(broker, 'dead', 1);
      expect(letter).toHaveLength(5_000);
    },
  );

  it('is that of all instances, or of none, as the handler of what is uncaught says', async () => {
    await using broker = await brokerWithTopics(['input', 'output', 'dead'], 2);
    const { bootstrapServers } = broker;
    let failures = 0;
    const make = (seen: () => void, more: object) => {
      const builder = new StreamsBuilder();
      builder.stream(input).peek(seen).to(output);
      const times = { commitIntervalMs: 20, consumer: { heartbeatIntervalMs: 100 } };
      return new Streams(builder, { bootstrapServers, applicationId: 'app', ...times, ...more });
    };
    const fail = () => {
      throw new Error('poison came');
    };
    const other = await make(() => undefined, {}).start();
    const app = await make(fail, {
      uncaughtExceptionHandler: () => (++failures < 3 ? 'replace-thread' : 'shutdown-application'),
    }).start();
    await until('each has a task', async () => {
      return app.taskNames.length === 1 && other.taskNames.length === 1;
    });
    await using producer = new Producer({ bootstrapServers });
    // While the failed one is replaced, the other one may take its partition, and the record.
    await until('the application ends', async () => {
      await Promise.all(
        [0, 1].map((each) => producer.send(input, { value: 'a', partition: each })),
      );
      return app.failure !== null;
    });
    await app.ended();
    await other.ended();
    expect(failures).toBe(3);
    expect(String(app.failure)).toContain('poison came');
    expect(String(other.failure)).toMatch(
      /all instances of the application|the entire application/,
    );
    await Promise.all([app.close(), other.close()]);
  });
});
