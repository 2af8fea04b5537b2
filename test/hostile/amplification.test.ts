import { afterAll, beforeAll, expect, test } from 'vitest';
import { API } from '../../src/protocol/api-keys.ts';
import { encodeRequest } from '../../src/protocol/frames.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { frame, RawPeer } from '../support/raw-peer.ts';
import { createTopic } from '../support/topics.ts';
import { WireClient } from '../support/wire-client.ts';
import { underAttack } from './under-attack.ts';

const REPEATS = 16_000;
const WIDE_TOPIC = 'wide';
const ANSWER_BYTES_MAX = 4_000_000;

let broker: BrokerProcess;

beforeAll(async () => {
  broker = await BrokerProcess.start();
  const client = await WireClient.open(broker.port);
  await createTopic(client, WIDE_TOPIC, {}, 200);
  await client.produce(WIDE_TOPIC, 0, [{ key: null, value: Buffer.alloc(1), timestamp: 5 }]);
  client.close();
});

afterAll(async () => {
  await broker.kill();
});

function repeated<T>(one: T): T[] {
  return new Array<T>(REPEATS).fill(one);
}

const header = { correlationId: 1, clientId: 'loud' };
const byName = { topicId: 'AAAAAAAAAAAAAAAAAAAAAA', name: WIDE_TOPIC };

const requests: [string, () => Buffer][] = [
  [
    'Metadata of one wide topic',
    () =>
      encodeRequest(API.METADATA, 12, header, {
        topics: repeated(byName),
        allowAutoTopicCreation: false,
      }),
  ],
  [
    'DescribeConfigs of one topic',
    () =>
      encodeRequest(API.DESCRIBE_CONFIGS, 4, header, {
        resources: repeated({
          resourceType: 2,
          resourceName: WIDE_TOPIC,
          configurationKeys: null,
        }),
        includeSynonyms: true,
        includeDocumentation: true,
      }),
  ],
  [
    'DescribeProducers of one partition',
    () =>
      encodeRequest(API.DESCRIBE_PRODUCERS, 0, header, {
        topics: repeated({ name: WIDE_TOPIC, partitionIndexes: [0] }),
      }),
  ],
  [
    'ListOffsets by time of one partition',
    () =>
      encodeRequest(API.LIST_OFFSETS, 5, header, {
        replicaId: -1,
        isolationLevel: 0,
        topics: repeated({
          name: WIDE_TOPIC,
          partitions: [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp: 3 }],
        }).slice(0, REPEATS / 2),
      }),
  ],
  [
    'OffsetForLeaderEpoch of one partition',
    () =>
      encodeRequest(API.OFFSET_FOR_LEADER_EPOCH, 4, header, {
        replicaId: -1,
        topics: repeated({
          topic: WIDE_TOPIC,
          partitions: [{ partition: 0, currentLeaderEpoch: -1, leaderEpoch: 0 }],
        }).slice(0, REPEATS / 2),
      }),
  ],
  [
    'DeleteRecords of one partition',
    () =>
      encodeRequest(API.DELETE_RECORDS, 2, header, {
        topics: repeated({
          name: WIDE_TOPIC,
          partitions: [{ partitionIndex: 0, offset: 0 }],
        }).slice(0, REPEATS / 2),
        timeoutMs: 1000,
      }),
  ],
  [
    'DescribeGroups of one group',
    () =>
      encodeRequest(API.DESCRIBE_GROUPS, 5, header, {
        groups: repeated('nobody'),
        includeAuthorizedOperations: false,
      }),
  ],
  [
    'OffsetFetch of all offsets of one group',
    () =>
      encodeRequest(API.OFFSET_FETCH, 8, header, {
        groups: repeated({ groupId: 'nobody', topics: null }),
        requireStable: false,
      }),
  ],
  [
    'DescribeTopicPartitions of one wide topic',
    () =>
      encodeRequest(API.DESCRIBE_TOPIC_PARTITIONS, 0, header, {
        topics: repeated({ name: WIDE_TOPIC }),
        responsePartitionLimit: 2 ** 31 - 1,
        cursor: null,
      }),
  ],
  [
    'DescribeLogDirs of one partition',
    () =>
      encodeRequest(API.DESCRIBE_LOG_DIRS, 4, header, {
        topics: repeated({ topic: WIDE_TOPIC, partitions: [0] }),
      }),
  ],
];

test.each(requests)('%s, %#: said 16,000 times costs little', async (name, encode) => {
  const bytes = frame(encode());
  await underAttack(`${name}, said ${REPEATS} times`, broker, async () => {
    const peer = await RawPeer.open(broker.port);
    await peer.send(bytes);
    await Promise.race([peer.receives(4), peer.closed]);
    if (peer.receivedBytes >= 4) {
      const answerBytes = peer.received.readInt32BE(0);
      expect(answerBytes).toBeLessThan(ANSWER_BYTES_MAX);
      await peer.receives(4 + answerBytes);
    }
    peer.destroy();
  });
});
