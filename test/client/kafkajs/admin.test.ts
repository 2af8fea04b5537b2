import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ConfigResourceTypes,
  Kafka,
  KafkaJSAggregateError,
  KafkaJSDeleteTopicRecordsError,
  logLevel,
} from '../../../src/client/kafkajs/index.ts';
import { FacadeServers, SERVERS } from './facade-servers.ts';

describe.each(SERVERS)("the façade's admin on %s", (kind) => {
  let servers: FacadeServers;
  let admin: ReturnType<Kafka['admin']>;

  beforeAll(async () => {
    servers = await FacadeServers.open(kind);
    admin = servers.kafka.admin();
    await admin.connect();
  });

  afterAll(async () => {
    await admin.disconnect();
    await servers.close();
  });

  function records(count: number, partition = 0) {
    return Array.from({ length: count }, (_, i) => ({ value: `value ${i}`, partition }));
  }

  async function configOf(topic: string, name: string) {
    const type = ConfigResourceTypes.TOPIC;
    const resources = [{ type, name: topic, configNames: [name] }];
    const described = await admin.describeConfigs({ resources });
    return described.resources[0]!.configEntries[0]!.configValue;
  }

  it('alters configs, or only says whether it could', async () => {
    const topic = await servers.topic();
    const configEntries = [{ name: 'retention.ms', value: '12345' }];
    const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }];
    const answer = {
      resources: [{ errorCode: 0, errorMessage: null, resourceName: topic, resourceType: 2 }],
    };
    const before = await configOf(topic, 'retention.ms');
    expect(await admin.alterConfigs({ resources, validateOnly: true })).toMatchObject(answer);
    expect(await configOf(topic, 'retention.ms')).toBe(before);
    expect(await admin.alterConfigs({ resources })).toMatchObject(answer);
    await expect.poll(() => configOf(topic, 'retention.ms')).toBe('12345');
    const wrong = [{ name: 'retention.ms', value: 'soon' }];
    await expect(
      admin.alterConfigs({ resources: [{ ...resources[0]!, configEntries: wrong }] }),
    ).rejects.toMatchObject({ type: 'INVALID_CONFIG' });
  });

  it('deletes records before an offset, or all of them', async () => {
    const topic = await servers.topic(2);
    await servers.send(topic, [...records(5), ...records(3, 1)]);
    const partitions = [
      { partition: 0, offset: '2' },
      { partition: 1, offset: '-1' },
    ];
    await admin.deleteTopicRecords({ topic, partitions });
    expect(await admin.fetchTopicOffsets(topic)).toEqual([
      { partition: 0, offset: '5', high: '5', low: '2' },
      { partition: 1, offset: '3', high: '3', low: '3' },
    ]);
    const beyond = admin.deleteTopicRecords({ topic, partitions: [{ partition: 0, offset: '9' }] });
    const thrown = await beyond.catch((error: Error) => error.cause ?? error);
    expect(thrown).toBeInstanceOf(KafkaJSDeleteTopicRecordsError);
    expect(thrown).toMatchObject({
      partitions: [{ partition: 0, offset: '9', error: { type: 'OFFSET_OUT_OF_RANGE' } }],
    });
  });

  it('resets the offsets of a group to the ends, which resolve to numbers', async () => {
    const topic = await servers.topic();
    await servers.send(topic, records(4));
    const groupId = servers.unique('group');
    const offsets = async (resolveOffsets: boolean) => {
      const [found] = await admin.fetchOffsets({ groupId, topics: [topic], resolveOffsets });
      return found!.partitions.map(({ offset }) => offset);
    };
    await admin.resetOffsets({ groupId, topic, earliest: true });
    expect(await offsets(false)).toEqual(['-2']);
    expect(await offsets(true)).toEqual(['0']);
    await admin.resetOffsets({ groupId, topic });
    expect(await offsets(true)).toEqual(['4']);
    expect(await offsets(false)).toEqual(['4']);
  });

  it('finds offsets by a time, also where it is text as in messages', async () => {
    const topic = await servers.topic();
    await servers.send(topic, records(3));
    const zero = '0' as unknown as number;
    expect(await admin.fetchTopicOffsetsByTimestamp(topic, zero)).toEqual([
      { partition: 0, offset: '0' },
    ]);
    const later = Date.now() + 60_000;
    expect(await admin.fetchTopicOffsetsByTimestamp(topic, later)).toEqual([
      { partition: 0, offset: '3' },
    ]);
  });

  it('reassigns partitions, and lists what is under way', async () => {
    const topic = await servers.topic();
    const { brokers } = await admin.describeCluster();
    const replicas = [brokers[0]!.nodeId];
    const partitionAssignment = [{ partition: 0, replicas }];
    await admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] });
    const topics = [{ topic, partitions: [0] }];
    expect(await admin.listPartitionReassignments({ topics })).toEqual({ topics: [] });
    expect(await admin.listPartitionReassignments()).toEqual({ topics: [] });
    const absent = { topic: servers.unique('absent'), partitionAssignment };
    const altered = admin.alterPartitionReassignments({ topics: [absent] });
    const thrown = await altered.catch((error: unknown) => error);
    expect(thrown).toBeInstanceOf(KafkaJSAggregateError);
    expect(thrown).toMatchObject({
      errors: [{ type: 'UNKNOWN_TOPIC_OR_PARTITION', topic: absent.topic, partition: 0 }],
    });
  });

  it("says KafkaJS's words for an error code", async () => {
    const topics = [servers.unique('absent')];
    const retry = { retries: 0 };
    const impatient = servers.kafka.admin({ retry });
    await expect(impatient.fetchTopicMetadata({ topics })).rejects.toThrow(
      /^This server does not host this topic-partition$/,
    );
    await impatient.disconnect();
  });
});

it('tells of a request that nobody answered', async () => {
  const sockets: Socket[] = [];
  const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const brokers = [`127.0.0.1:${(server.address() as AddressInfo).port}`];
  const retry = { retries: 0 };
  const kafka = new Kafka({ brokers, requestTimeout: 50, retry, logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const late: object[] = [];
  admin.on(admin.events.REQUEST_TIMEOUT, ({ payload }) => late.push(payload));
  await expect(admin.connect()).rejects.toThrow();
  const request = { broker: brokers[0], apiName: 'ApiVersions', clientId: 'kafkajs' };
  await expect.poll(() => late).toMatchObject([request]);
  await admin.disconnect();
  for (const socket of sockets) socket.destroy();
  server.close();
});
