import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { ZERO_UUID } from '../../../src/protocol/schema-dsl.ts';
import { WireClient } from '../../support/wire-client.ts';

let broker: EmbeddedBroker;
let client: WireClient;

beforeAll(async () => {
  broker = await startBroker();
  client = await WireClient.open(broker.port);
});

afterAll(async () => {
  client.close();
  await broker.close();
});

const newTopic = (name: string, numPartitions = -1) => ({
  name,
  numPartitions,
  replicationFactor: -1,
  assignments: [],
  configs: [],
});

function create(version: number, topics: object[], validateOnly = false) {
  return client.ask(API.CREATE_TOPICS, version, { topics, timeoutMs: 1000, validateOnly });
}

async function idOf(name: string): Promise<string> {
  const answer = await client.ask(API.METADATA, 12, { topics: [{ name }] });
  return answer.topics[0]!.topicId;
}

describe('CreateTopics', () => {
  test.each([2, 3, 4, 5, 6, 7])(
    'version %i creates a topic that takes records at once',
    async (v) => {
      const name = `created-v${v}`;
      const answer = await create(v, [newTopic(name, 2)]);
      expect(answer.topics).toHaveLength(1);
      expect(answer.topics[0]!.errorCode).toBe(0);
      expect(await client.produce(name, 1, [{ value: Buffer.from('x') }])).toBe(0);
      if (v >= 5) {
        expect(answer.topics[0]!.numPartitions).toBe(2);
        expect(answer.topics[0]!.replicationFactor).toBe(1);
        const configs = new Map(answer.topics[0]!.configs!.map((c) => [c.name, c.value]));
        expect(configs.get('cleanup.policy')).toBe('delete');
      }
      if (v >= 7) expect(answer.topics[0]!.topicId).toBe(await idOf(name));
    },
  );

  test('takes the defaults of the broker for -1', async () => {
    const answer = await create(7, [newTopic('by-default')]);
    expect(answer.topics[0]!.numPartitions).toBeGreaterThan(0);
  });

  test('creates nothing when it only validates', async () => {
    const answer = await create(7, [newTopic('only-validated', 3)], true);
    expect(answer.topics[0]!.errorCode).toBe(0);
    expect(answer.topics[0]!.numPartitions).toBe(3);
    const again = await client.ask(API.METADATA, 12, {
      topics: [{ name: 'only-validated' }],
      allowAutoTopicCreation: false,
    });
    expect(again.topics[0]!.errorCode).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
  });

  test('refuses a topic that exists, and one that is named twice', async () => {
    await create(7, [newTopic('twice')]);
    const again = await create(7, [newTopic('twice')]);
    expect(again.topics[0]!.errorCode).toBe(ERROR.TOPIC_ALREADY_EXISTS);
    expect(again.topics[0]!.errorMessage).toBe("Topic 'twice' already exists.");
    const both = await create(7, [newTopic('both'), newTopic('both')]);
    expect(both.topics.map(({ errorCode }) => errorCode)).toEqual([ERROR.INVALID_REQUEST]);
  });

  test('refuses bad names, counts, replicas and configurations with their own errors', async () => {
    const answer = await create(7, [
      newTopic('a/b'),
      newTopic('no-partitions', 0),
      { ...newTopic('three-replicas'), replicationFactor: 3 },
      { ...newTopic('bad-config'), configs: [{ name: 'retention.ms', value: 'soon' }] },
      newTopic('__cluster_metadata'),
    ]);
    expect(answer.topics.map(({ errorCode }) => errorCode)).toEqual([
      ERROR.INVALID_TOPIC_EXCEPTION,
      ERROR.INVALID_PARTITIONS,
      ERROR.INVALID_REPLICATION_FACTOR,
      ERROR.INVALID_CONFIG,
      ERROR.TOPIC_AUTHORIZATION_FAILED,
    ]);
  });
});

describe('DeleteTopics', () => {
  test.each([1, 3, 4, 5])('version %i deletes by name', async (v) => {
    const name = `deleted-v${v}`;
    await create(7, [newTopic(name)]);
    const answer = await client.ask(API.DELETE_TOPICS, v, { topicNames: [name], timeoutMs: 1000 });
    expect(answer.responses).toMatchObject([{ name, errorCode: 0 }]);
    const again = await client.ask(API.DELETE_TOPICS, v, { topicNames: [name], timeoutMs: 1000 });
    expect(again.responses[0]!.errorCode).toBe(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
  });

  test('version 6 deletes by name or id, and a topic made anew has another id', async () => {
    await create(7, [newTopic('by-id'), newTopic('by-name')]);
    const topicId = await idOf('by-id');
    const topics = [
      { name: null, topicId },
      { name: 'by-name', topicId: ZERO_UUID },
      { name: 'by-name', topicId },
      { name: null, topicId: ZERO_UUID },
    ];
    const answer = await client.ask(API.DELETE_TOPICS, 6, { topics, timeoutMs: 1000 });
    expect(answer.responses[0]).toMatchObject({ name: 'by-id', topicId, errorCode: 0 });
    expect(answer.responses[1]).toMatchObject({ name: 'by-name', errorCode: 0 });
    expect(answer.responses[2]!.errorCode).toBe(ERROR.INVALID_REQUEST);
    expect(answer.responses[3]!.errorCode).toBe(ERROR.INVALID_REQUEST);
    await create(7, [newTopic('by-id')]);
    expect(await idOf('by-id')).not.toBe(topicId);
    const gone = await client.ask(API.DELETE_TOPICS, 6, {
      topics: [{ name: null, topicId }],
      timeoutMs: 1000,
    });
    expect(gone.responses[0]!.errorCode).toBe(ERROR.UNKNOWN_TOPIC_ID);
  });
});

describe('CreatePartitions', () => {
  test('adds partitions that take records when it is answered', async () => {
    await create(7, [newTopic('grows', 1)]);
    const answer = await client.ask(API.CREATE_PARTITIONS, 3, {
      topics: [{ name: 'grows', count: 4, assignments: null }],
      timeoutMs: 1000,
      validateOnly: false,
    });
    expect(answer.results).toMatchObject([{ name: 'grows', errorCode: 0 }]);
    expect(await client.produce('grows', 3, [{ value: Buffer.from('x') }])).toBe(0);
  });

  test('refuses to shrink, an unknown topic and a foreign broker', async () => {
    await create(7, [newTopic('stays', 3), newTopic('stays-too', 3)]);
    const assignments = [{ brokerIds: [77] }];
    const answer = await client.ask(API.CREATE_PARTITIONS, 3, {
      topics: [
        { name: 'stays', count: 2, assignments: null },
        { name: 'unknown', count: 2, assignments: null },
        { name: 'stays-too', count: 4, assignments },
      ],
      timeoutMs: 1000,
      validateOnly: false,
    });
    expect(answer.results.map(({ errorCode }) => errorCode)).toEqual([
      ERROR.INVALID_PARTITIONS,
      ERROR.UNKNOWN_TOPIC_OR_PARTITION,
      ERROR.INVALID_REPLICA_ASSIGNMENT,
    ]);
  });
});

describe('Metadata', () => {
  test('tells what may be done with a topic and the cluster when it is asked', async () => {
    await create(7, [newTopic('open-to-all')]);
    const asked = { topics: [{ name: 'open-to-all' }], includeClusterAuthorizedOperations: true };
    const answer = await client.ask(API.METADATA, 9, {
      ...asked,
      includeTopicAuthorizedOperations: true,
    });
    expect(answer.topics[0]!.topicAuthorizedOperations).toBe(3576);
    expect(answer.clusterAuthorizedOperations).toBe(8096);
    const silent = await client.ask(API.METADATA, 9, { topics: asked.topics });
    expect(silent.topics[0]!.topicAuthorizedOperations).toBe(-2_147_483_648);
  });
});

describe('DescribeTopicPartitions', () => {
  test('pages through all partitions by its cursor', async () => {
    await create(7, [newTopic('page-a', 3), newTopic('page-b', 3)]);
    const topics = [{ name: 'page-b' }, { name: 'page-a' }, { name: 'page-missing' }];
    const seen: string[] = [];
    const errors: number[] = [];
    let cursor: { topicName: string; partitionIndex: number } | null = null;
    for (let page = 0; page < 4; page++) {
      const answer: Awaited<ReturnType<typeof describePage>> = await describePage(topics, cursor);
      for (const topic of answer.topics) {
        errors.push(topic.errorCode);
        for (const { partitionIndex } of topic.partitions) {
          seen.push(`${topic.name}-${partitionIndex}`);
        }
      }
      cursor = answer.nextCursor;
      if (cursor === null) break;
    }
    expect(seen).toEqual(
      [0, 1, 2].flatMap((i) => [`page-a-${i}`]).concat('page-b-0', 'page-b-1', 'page-b-2'),
    );
    expect(errors).toContain(ERROR.UNKNOWN_TOPIC_OR_PARTITION);
  });

  function describePage(
    topics: { name: string }[],
    cursor: { topicName: string; partitionIndex: number } | null,
  ) {
    return client.ask(API.DESCRIBE_TOPIC_PARTITIONS, 0, {
      topics,
      responsePartitionLimit: 2,
      cursor,
    });
  }

  test('refuses a cursor that is not among the topics asked for', async () => {
    const answer = await client.ask(API.DESCRIBE_TOPIC_PARTITIONS, 0, {
      topics: [{ name: 'page-a' }],
      responsePartitionLimit: 2,
      cursor: { topicName: 'page-b', partitionIndex: 0 },
    });
    expect(answer.topics[0]!.errorCode).toBe(ERROR.INVALID_REQUEST);
  });
});
