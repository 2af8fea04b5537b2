import { describe, expect, it } from 'vitest';
import { startBroker } from '#millrace/broker/start-broker';
import { Consumer, type ConsumerOptions, Producer, text, topic } from '../../src/client/index.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { encodeResponseFrame } from '../../src/protocol/frames.ts';
import { apiVersions, FakeBroker } from './fake-broker.ts';

const AT = { topic: 'orders', partition: 0 };
const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';
const SERVED = {
  [API.METADATA]: 12,
  [API.FIND_COORDINATOR]: 4,
  [API.FETCH]: 13,
  [API.JOIN_GROUP]: 9,
  [API.CONSUMER_GROUP_HEARTBEAT]: 1,
};

/** Tells where everything is, and nothing else: what it is asked is looked at. */
async function silentBroker(): Promise<FakeBroker> {
  const broker = await FakeBroker.start((request) => {
    const { apiKey, version, correlationId: id } = request;
    const node = { nodeId: 1, host: '127.0.0.1', port: broker.port };
    if (apiKey === API.API_VERSIONS) return apiVersions(request, SERVED);
    if (apiKey === API.METADATA) {
      const replicas = { replicaNodes: [1], isrNodes: [1], offlineReplicas: [] };
      const at = { errorCode: 0, partitionIndex: 0, leaderId: 1, leaderEpoch: 0 };
      const partitions = [{ ...at, ...replicas }];
      const name = { errorCode: 0, name: 'orders', topicId: TOPIC_ID, isInternal: false };
      const topics = [{ ...name, partitions }];
      const brokers = [{ ...node, rack: null }];
      const body = { brokers, clusterId: 'fake', controllerId: 1, topics };
      return encodeResponseFrame(API.METADATA, version, id, body);
    }
    if (apiKey !== API.FIND_COORDINATOR) return null;
    const coordinators = [{ key: 'g', ...node, errorCode: 0, errorMessage: null }];
    return encodeResponseFrame(API.FIND_COORDINATOR, version, id, { coordinators });
  });
  return broker;
}

/** The first request of this kind that a consumer with these options sends. */
async function firstRequest(apiKey: number, options: Partial<ConsumerOptions>): Promise<unknown> {
  await using broker = await silentBroker();
  const bootstrapServers = `127.0.0.1:${broker.port}`;
  const consumer = new Consumer({ bootstrapServers, enableMetricsPush: false, ...options });
  if (options.groupId === undefined) {
    consumer.assign([AT]);
    consumer.seek(AT, 5);
  } else {
    consumer.subscribe(['orders']);
  }
  const asked = () => broker.requests.find((each) => each.apiKey === apiKey)?.body;
  await expect.poll(asked).toBeDefined();
  await consumer.close({ timeoutMs: 0 });
  return asked();
}

describe('the settings of a consumer', () => {
  it('of fetches are in its fetches', async () => {
    const options = {
      fetchMinBytes: 7,
      fetchMaxBytes: 12_345,
      fetchMaxWaitMs: 77,
      maxPartitionFetchBytes: 555,
      isolationLevel: 'read_committed',
      clientRack: 'here',
    } as const;
    expect(await firstRequest(API.FETCH, options)).toMatchObject({
      minBytes: 7,
      maxBytes: 12_345,
      maxWaitMs: 77,
      isolationLevel: 1,
      rackId: 'here',
      topics: [{ partitions: [{ fetchOffset: 5, partitionMaxBytes: 555 }] }],
    });
  });

  it('of a classic group are what it joins with', async () => {
    const options = {
      groupId: 'g',
      groupInstanceId: 'one',
      sessionTimeoutMs: 4_321,
      maxPollIntervalMs: 54_321,
    };
    expect(await firstRequest(API.JOIN_GROUP, options)).toMatchObject({
      groupId: 'g',
      groupInstanceId: 'one',
      sessionTimeoutMs: 4_321,
      rebalanceTimeoutMs: 54_321,
    });
  });

  it('of a group of KIP-848 are in its first heartbeat', async () => {
    const options = {
      groupId: 'g',
      groupProtocol: 'consumer',
      groupInstanceId: 'one',
      groupRemoteAssignor: 'range',
      maxPollIntervalMs: 54_321,
      clientRack: 'here',
    } as const;
    expect(await firstRequest(API.CONSUMER_GROUP_HEARTBEAT, options)).toMatchObject({
      groupId: 'g',
      instanceId: 'one',
      rackId: 'here',
      rebalanceTimeoutMs: 54_321,
      serverAssignor: 'range',
      memberEpoch: 0,
    });
  });

  it.each([true, false])('say whether topics may be made: %s', async (allowAutoCreateTopics) => {
    const asked = await firstRequest(API.METADATA, { allowAutoCreateTopics });
    expect(asked).toMatchObject({ allowAutoTopicCreation: allowAutoCreateTopics });
  });
});

describe('the settings of a producer', () => {
  it('close connections that nobody uses, and the next record opens one', async () => {
    await using broker = await startBroker();
    const { bootstrapServers } = broker;
    await broker.createTopic('words');
    await using producer = new Producer({ bootstrapServers, connectionsMaxIdleMs: 50 });
    const words = topic('words', { value: text });
    await producer.send(words, { value: 'one' });
    const open = () => producer.metrics.snapshot().client['connection-count'];
    expect(open()).toBeGreaterThan(0);
    await expect.poll(open).toBe(0);
    expect((await producer.send(words, { value: 'two' })).offset).toBe(1);
  });

  it.each([
    [true, (partitions: number) => partitions > 1],
    [false, (partitions: number) => partitions === 1],
  ])('spread keys or keep each in its partition: %s', async (partitionerIgnoreKeys, isRight) => {
    await using broker = await startBroker();
    const { bootstrapServers } = broker;
    await broker.createTopic('words', { partitions: 8 });
    const options = { partitionerIgnoreKeys, batchSize: 100, lingerMs: 0 };
    await using producer = new Producer({ bootstrapServers, ...options });
    const words = topic('words', { key: text, value: text });
    const value = 'x'.repeat(60);
    const sent = Array.from({ length: 200 }, () => producer.send(words, { key: 'same', value }));
    const partitions = new Set((await Promise.all(sent)).map(({ partition }) => partition));
    expect(partitions.size).toSatisfy(isRight);
  });
});
