import { afterEach, expect, test } from 'vitest';
import { API, type ApiKey } from '../../src/protocol/api-keys.ts';
import type { RequestOf } from '../../src/protocol/api-registry.ts';
import { type Draft, encodeRequest } from '../../src/protocol/frames.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { frame, RawPeer } from '../support/raw-peer.ts';
import { underAttack } from './under-attack.ts';

/** Nearly as much as a message may hold: the rest is for the lists around it. */
const MANY = 16_000;
const header = { correlationId: 1, clientId: 'long' };
const numbers = Array.from({ length: MANY }, (_, index) => index);
const names = numbers.map((index) => `t${index}`);

function request<Key extends ApiKey>(key: Key, version: number, body: Draft<RequestOf<Key>>) {
  return () => frame(encodeRequest(key, version, header, body));
}

const requests: [string, () => Buffer][] = [
  [
    'Metadata of topics that are not there',
    request(API.METADATA, 4, {
      topics: names.map((name) => ({ name })),
      allowAutoTopicCreation: false,
    }),
  ],
  [
    'Fetch of partitions that are not there',
    request(API.FETCH, 4, {
      replicaId: -1,
      maxWaitMs: 0,
      minBytes: 0,
      maxBytes: 1000,
      isolationLevel: 0,
      topics: [
        {
          topic: 'x',
          partitions: numbers.map((partition) => {
            return { partition, fetchOffset: 0, partitionMaxBytes: 10 };
          }),
        },
      ],
    }),
  ],
  [
    'CreateTopics, validate only',
    request(API.CREATE_TOPICS, 4, {
      timeoutMs: 1000,
      validateOnly: true,
      topics: names.map((name) => {
        return { name, numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] };
      }),
    }),
  ],
  [
    'DeleteTopics of topics that are not there',
    request(API.DELETE_TOPICS, 4, { topicNames: names, timeoutMs: 1000 }),
  ],
  [
    'FindCoordinator of groups',
    request(API.FIND_COORDINATOR, 4, { keyType: 0, coordinatorKeys: names }),
  ],
  [
    'OffsetFetch of partitions',
    request(API.OFFSET_FETCH, 7, {
      groupId: 'g',
      requireStable: false,
      topics: [{ name: 'x', partitionIndexes: numbers }],
    }),
  ],
];

let broker: BrokerProcess;

afterEach(() => broker.kill());

test.each(requests)('%s: many at once are answered, and others meanwhile', async (name, make) => {
  broker = await BrokerProcess.start();
  const bytes = make();
  const attack = async () => {
    const peer = await RawPeer.open(broker.port);
    await peer.send(bytes);
    await peer.receives(8);
    await peer.receives(4 + peer.received.readInt32BE(0));
    expect(peer.received.readInt32BE(4)).toBe(header.correlationId);
    peer.socket.destroy();
  };
  await underAttack(`${name}, ${MANY} of them`, broker, attack);
});
