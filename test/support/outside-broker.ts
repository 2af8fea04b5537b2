import { getCurrentTest } from 'vitest/suite';
import { Admin, allRequired, isKafkaError, type KafkaError } from '../../src/client/index.ts';
import { until } from './until.ts';

interface TopicOptions {
  readonly partitions?: number;
  readonly config?: Readonly<Record<string, string>>;
}

interface BrokerOptions {
  readonly config?: Readonly<Record<string, string | number>>;
}

/** What is so at a broker that the conformance run starts, or makes no difference to it. */
const GIVEN: readonly string[] = [
  'auto.create.topics.enable',
  'group.consumer.heartbeat.interval.ms',
  'group.consumer.min.heartbeat.interval.ms',
  'group.initial.rebalance.delay.ms',
  'group.min.session.timeout.ms',
];

/**
 * A broker that runs already, in the place of an embedded one: `startBroker` empties it. Its name
 * is given by MILLRACE_TEST_KAFKA.
 */
export class EmbeddedBroker implements AsyncDisposable {
  readonly bootstrapServers: string = process.env.MILLRACE_TEST_KAFKA ?? '';
  readonly #admin = new Admin({ bootstrapServers: this.bootstrapServers });

  get port(): number {
    return Number(this.bootstrapServers.split(':').at(-1));
  }

  /** A broker that is no millrace has no gateway. */
  get httpUrl(): string {
    return leaveOut('there is no gateway at this broker');
  }

  /** Topics and groups of the test before are taken away. */
  async empty(): Promise<void> {
    await until('all groups are gone', async () => {
      const groups = await this.#admin.groups.list();
      const outcomes = await this.#admin.groups.delete(groups.map(({ groupId }) => groupId));
      for (const [group, outcome] of outcomes) {
        if (!isPassing(outcome)) throw outcome;
        if (isKafkaError(outcome, 'NON_EMPTY_GROUP')) await this.#removeMembers(group);
      }
      return groups.length === 0;
    });
    await until('all topics are gone', async () => {
      const topics = (await this.#admin.topics.list()).filter(({ isInternal }) => !isInternal);
      if (topics.length > 0) await this.#admin.topics.delete(topics.map(({ name }) => name));
      return topics.length === 0;
    });
  }

  /** Static members stay behind, and those of a test that failed. */
  async #removeMembers(group: string): Promise<void> {
    try {
      await this.#admin.groups.removeMembers(group);
    } catch (thrown) {
      // They may leave, or their group end, meanwhile; share groups end with their sessions.
      if (!isKafkaError(thrown)) throw thrown;
    }
  }

  /** Resolves when each partition has its leader. */
  async createTopic(name: string, { partitions = 1, config = {} }: TopicOptions = {}) {
    const topic = { name, partitions, replicationFactor: 1, configs: config };
    allRequired(await this.#admin.topics.create([topic]));
    await until(`topic ${name} has its leaders`, async () => {
      const described = (await this.#admin.topics.describe([name])).get(name);
      if (described === undefined || described instanceof Error) return false;
      return described.partitions.every(({ leader }) => leader >= 0);
    });
  }

  close(): Promise<void> {
    return this.#admin.close();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/** Leaves out the test where it wants a broker with other settings. */
export async function startBroker({ config = {} }: BrokerOptions = {}): Promise<EmbeddedBroker> {
  const wanted = Object.keys(config).filter((name) => !GIVEN.includes(name));
  if (wanted.length > 0) leaveOut(`it wants a broker with ${wanted.join(', ')}`);
  const broker = new EmbeddedBroker();
  await broker.empty();
  return broker;
}

function leaveOut(why: string): never {
  const test = getCurrentTest();
  if (test?.type !== 'test') throw new Error(why);
  test.context.skip(why);
  throw new Error(why);
}

/** A group whose members leave can be deleted a moment later. */
function isPassing(outcome: KafkaError | null): boolean {
  return outcome === null || isKafkaError(outcome, 'NON_EMPTY_GROUP', 'GROUP_ID_NOT_FOUND');
}
