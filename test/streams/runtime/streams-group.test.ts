import { describe, expect, it } from 'vitest';
import type { EmbeddedBroker } from '#millrace/broker/start-broker';
import { Admin } from '#millrace/client/admin/admin';
import { allRequired, required } from '#millrace/client/admin/outcome';
import { Consumer } from '#millrace/client/consumer/consumer';
import { Producer } from '#millrace/client/producer/producer';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { partitionName } from '#millrace/client/topic-partition';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { Streams } from '#millrace/streams/runtime/streams';
import { int64 } from '#millrace/streams/serde/numbers';
import { until } from '../../support/until.ts';
import { brokerWithTopics } from '../support/broker-with-topics.ts';

/** A running Apache Kafka of 4.2 or later; without one each test has a broker of ours. */
const KAFKA = process.env.MILLRACE_TEST_KAFKA ?? '';
const PARTITIONS = 2;
const LONG_MS = 90_000;

/** An application with topics and a group of its own. */
class Application implements AsyncDisposable {
  readonly bootstrapServers: string;
  readonly #broker: EmbeddedBroker | null;
  readonly id = `streams-${Date.now().toString(36)}-${Math.random().toString(36).slice(2)}`;
  readonly input = topic(`${this.id}-input`, { key: text, value: text });
  readonly output = topic(`${this.id}-output`, { key: text, value: int64 });

  constructor(broker: EmbeddedBroker | null) {
    this.#broker = broker;
    this.bootstrapServers = broker?.bootstrapServers ?? KAFKA;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#broker?.close();
  }

  async createTopics(): Promise<void> {
    await using admin = this.admin();
    const names = [this.input.name, this.output.name];
    allRequired(await admin.topics.create(names.map((name) => ({ name, partitions: PARTITIONS }))));
  }

  instance(more: object = {}, isOther = false): Streams {
    const builder = new StreamsBuilder();
    const keyed = builder.stream(this.input).selectKey((value) => value!.slice(0, 2));
    const counts = keyed.groupByKey({ key: text, value: text, as: 'by-head' });
    const table = counts.count({ as: isOther ? 'others' : 'counts' });
    table.toStream().to(this.output);
    return new Streams(builder, {
      bootstrapServers: this.bootstrapServers,
      applicationId: this.id,
      groupProtocol: 'streams',
      commitIntervalMs: 50,
      statestoreCacheMaxBytes: 0,
      ...more,
    });
  }

  async send(count: number): Promise<void> {
    await using producer = new Producer({ bootstrapServers: this.bootstrapServers });
    for (let i = 0; i < count; i++) producer.send(this.input, { key: null, value: `k${i % 10}` });
    await producer.flush();
  }

  /** The highest count of each key, once all ten have got so far. */
  async counted(count: number): Promise<Set<number>> {
    await using consumer = new Consumer<string, number>({
      bootstrapServers: this.bootstrapServers,
      isolationLevel: 'read_committed',
      autoOffsetReset: 'earliest',
    });
    const { name } = this.output;
    const all = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: name, partition }));
    consumer.assign(all, [this.output]);
    const last = new Map<string, number>();
    for await (const { key, value } of consumer) {
      last.set(key, Math.max(value, last.get(key) ?? 0));
      if (last.size === 10 && [...last.values()].every((each) => each >= count)) break;
    }
    return new Set(last.values());
  }

  admin(): Admin {
    return new Admin({ bootstrapServers: this.bootstrapServers });
  }

  async described() {
    await using admin = this.admin();
    return required((await admin.groups.describeStreams([this.id])).get(this.id));
  }
}

async function ready(): Promise<Application> {
  const broker = KAFKA === '' ? await brokerWithTopics([], 1) : null;
  const application = new Application(broker);
  await application.createTopics();
  return application;
}

describe.each(['at_least_once', 'exactly_once_v2'] as const)(
  'a streams group with %s',
  (processingGuarantee) => {
    it('shares its tasks among instances, and gives them back', { timeout: LONG_MS }, async () => {
      await using application = await ready();
      await using first = await application.instance({ processingGuarantee }).start();
      expect(first.taskNames).toEqual(['0_0', '0_1', '1_0', '1_1']);
      await application.send(500);
      expect(await application.counted(50)).toEqual(new Set([50]));
      const second = await application.instance({ processingGuarantee }).start();
      await until('both have half', async () => {
        return first.taskNames.length === 2 && second.taskNames.length === 2;
      });
      const { members } = await application.described();
      expect(members.map(({ isClassic }) => isClassic)).toEqual([false, false]);
      await application.send(500);
      expect(await application.counted(100)).toEqual(new Set([100]));
      await second.close();
      await until('the first has all', async () => first.taskNames.length === 4);
      await application.send(500);
      expect(await application.counted(150)).toEqual(new Set([150]));
      expect(first.failure).toBeNull();
    });
  },
);

describe('a streams group', () => {
  it('keeps copies where its settings say so', { timeout: LONG_MS }, async () => {
    await using application = await ready();
    await using admin = application.admin();
    const resource = { type: 'group', name: application.id } as const;
    const changes = [{ name: 'streams.num.standby.replicas', value: '1' }];
    required((await admin.configs.alter([{ resource, changes }])).get(resource));
    const first = await application.instance().start();
    await using second = await application.instance().start();
    await application.send(500);
    await application.counted(50);
    await until('it has a copy', async () => {
      const [thread] = second.metadataForLocalThreads();
      return thread!.standbyTasks.some(({ taskId }) => taskId.startsWith('1_'));
    });
    await first.close();
    await until('it has all', async () => second.taskNames.length === 4);
    await application.send(500);
    expect(await application.counted(100)).toEqual(new Set([100]));
  });

  it('refuses an instance with another topology', { timeout: LONG_MS }, async () => {
    await using application = await ready();
    await using _first = await application.instance().start();
    await using other = application.instance({}, true);
    await expect(other.start()).rejects.toThrow('Topology updates are not supported yet');
  });

  it('ends as a whole where one asks for it', { timeout: LONG_MS }, async () => {
    await using application = await ready();
    await using first = await application.instance().start();
    await using second = await application.instance().start();
    second.shutdownApplication();
    await Promise.all([first.ended(), second.ended()]);
    for (const { failure } of [first, second]) {
      expect(String(failure)).toContain('requested a shutdown for the entire application');
    }
  });

  it('ends as a whole where the handler of an error says so', { timeout: LONG_MS }, async () => {
    await using application = await ready();
    const more = { uncaughtExceptionHandler: () => 'shutdown-application' };
    await using first = await application.instance(more).start();
    await using second = await application.instance(more).start();
    await until('both have tasks', async () => second.taskNames.length === 2);
    const { bootstrapServers, input } = application;
    await using producer = new Producer({ bootstrapServers });
    await producer.send(input, { key: null, value: null });
    await Promise.all([first.ended(), second.ended()]);
    const failures = [first, second].map(({ failure }) => String(failure));
    expect(failures.filter((text) => text.includes('requested a shutdown'))).toHaveLength(1);
  });

  it('says where the tasks of all instances are', { timeout: LONG_MS }, async () => {
    await using application = await ready();
    await using first = await application.instance({ applicationServer: '127.0.0.1:0' }).start();
    await using second = await application.instance({ applicationServer: '127.0.0.1:0' }).start();
    await until('both know both', async () => {
      return [first, second].every((app) => {
        const instances = app.allMetadata();
        const read = instances.flatMap(({ topicPartitions }) => topicPartitions.map(partitionName));
        return instances.length === 2 && new Set(read).size === 4 && read.length === 4;
      });
    });
    const { port } = first.server!;
    const told = second.allMetadata().find(({ hostInfo }) => hostInfo?.port === port)!;
    const own = first.allMetadata().find(({ isThis }) => isThis)!;
    const names = told.topicPartitions.map(partitionName).toSorted();
    expect(names).toEqual(own.topicPartitions.map(partitionName).toSorted());
    expect(names).toHaveLength(first.taskNames.length);
    await application.send(500);
    await application.counted(50);
    for (const app of [first, second]) {
      const asked = Array.from({ length: 10 }, (_, i) => app.ask('counts').get(`k${i}`));
      expect(new Set(await Promise.all(asked))).toEqual(new Set([50]));
    }
  });

  it('ends an application whose source topic is gone', { timeout: LONG_MS }, async () => {
    await using application = await ready();
    await using app = await application.instance().start();
    await using admin = application.admin();
    allRequired(await admin.topics.delete([application.input.name]));
    await app.ended();
    expect(String(app.failure)).toContain('source topics do not exist');
  });

  it('has no static members', async () => {
    await using application = await ready();
    const app = application.instance({ consumer: { groupInstanceId: 'static' } });
    await expect(app.start()).rejects.toThrow('Static membership is not yet supported');
    await app.close();
  });
});
