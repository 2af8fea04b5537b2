import { afterEach, expect, test } from 'vitest';
import { portableReason } from '../../src/log/native.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { encodeRequest } from '../../src/protocol/frames.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { frame, RawPeer } from '../support/raw-peer.ts';
import { createTopic } from '../support/topics.ts';
import { WireClient } from '../support/wire-client.ts';
import { sleep, underAttack } from './under-attack.ts';

let broker: BrokerProcess;

afterEach(async () => {
  await broker.kill();
});

const TOPIC = 'much';
const header = { correlationId: 1, clientId: 'slow' };
const METADATA = frame(
  encodeRequest(API.METADATA, 4, header, { topics: null, allowAutoTopicCreation: false }),
);
const FETCH = frame(
  encodeRequest(API.FETCH, 4, header, {
    replicaId: -1,
    maxWaitMs: 0,
    minBytes: 1,
    maxBytes: 50_000_000,
    isolationLevel: 0,
    topics: [
      {
        topic: TOPIC,
        partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 50_000_000 }],
      },
    ],
  }),
);

async function fill(megabytes: number): Promise<void> {
  const client = await WireClient.open(broker.port);
  await createTopic(client, TOPIC);
  for (let i = 0; i < megabytes * 2; i++) {
    await client.produce(TOPIC, 0, [{ key: null, value: Buffer.alloc(500_000), timestamp: 1 }]);
  }
  client.close();
}

test('peers that fetch and never read are paused, then cut', async ({ skip }) => {
  skip(portableReason !== '', 'only maps keep answers out of the memory of the process');
  broker = await BrokerProcess.start({
    config: { 'millrace.connection.unread.timeout.ms': 1500 },
  });
  await fill(30);
  await underAttack(
    '30 peers that pipeline 200 fetches of 30 MB and never read',
    broker,
    async () => {
      const peers = await Promise.all(Array.from({ length: 30 }, () => RawPeer.open(broker.port)));
      for (const peer of peers) {
        peer.forget();
        peer.socket.pause();
        peer.socket.write(Buffer.concat(new Array(200).fill(FETCH)));
      }
      await sleep(4500);
      for (const peer of peers) peer.socket.resume();
      await Promise.all(peers.map((peer) => peer.closedWithin(10_000)));
      for (const peer of peers) peer.destroy();
    },
  );
  expect(broker.log).toMatch(/does not read: under \d+ bytes in 1500 ms/);
}, 60_000);

test('a peer that reads slowly but steadily is served to the end', async () => {
  broker = await BrokerProcess.start({
    config: { 'millrace.connection.unread.timeout.ms': 1500 },
  });
  await fill(12);
  const peer = await RawPeer.open(broker.port);
  peer.forget();
  // Without the addon an answer has 4 MB at most.
  await peer.send(portableReason === '' ? FETCH : Buffer.concat([FETCH, FETCH, FETCH]));
  // The answer takes four times the time-out to read.
  const endMs = performance.now() + 6000;
  while (performance.now() < endMs) {
    peer.socket.pause();
    await sleep(100);
    peer.socket.resume();
    await sleep(1);
    if (peer.receivedBytes > 10_000_000) break;
  }
  peer.socket.resume();
  await peer.receives(12_000_000);
  expect(broker.log).not.toMatch(/does not read/);
  peer.destroy();
}, 30_000);

test('10,000 pipelined requests are answered in order, and others between them', async () => {
  broker = await BrokerProcess.start();
  const answerBytes = await lengthOfOneAnswer();
  await underAttack('10,000 pipelined Metadata requests', broker, async () => {
    const peer = await RawPeer.open(broker.port);
    peer.forget();
    await peer.send(Buffer.concat(new Array(10_000).fill(METADATA)));
    await peer.receives(10_000 * answerBytes, 30_000);
    peer.destroy();
  });
  await underAttack('10 peers with 10,000 pipelined requests who never read', broker, async () => {
    const peers = await Promise.all(Array.from({ length: 10 }, () => RawPeer.open(broker.port)));
    for (const peer of peers) {
      peer.socket.pause();
      peer.socket.write(Buffer.concat(new Array(10_000).fill(METADATA)));
    }
    await sleep(1500);
    for (const peer of peers) peer.destroy();
  });
}, 60_000);

async function lengthOfOneAnswer(): Promise<number> {
  // The healthy client's topic is in every answer: it must be there before they are measured.
  const client = await WireClient.open(broker.port);
  await client.ask(API.CREATE_TOPICS, 5, {
    topics: [
      { name: 'healthy', numPartitions: 1, replicationFactor: 1, assignments: [], configs: [] },
    ],
    timeoutMs: 10_000,
  });
  client.close();
  const peer = await RawPeer.open(broker.port);
  await peer.send(METADATA);
  await peer.receives(4);
  const length = 4 + peer.received.readInt32BE(0);
  peer.destroy();
  return length;
}

test('large frames beyond the memory budget are taken one after the other', async () => {
  broker = await BrokerProcess.start({
    config: { 'queued.max.request.bytes': 4_000_000, 'socket.request.max.bytes': 20_000_000 },
  });
  // A produce request for nobody: 12 MB that are read, understood and refused.
  const big = frame(
    encodeRequest(API.PRODUCE, 3, header, {
      transactionalId: null,
      acks: 1,
      timeoutMs: 1000,
      topicData: [
        { name: 'nobody', partitionData: [{ index: 0, records: Buffer.alloc(12_000_000) }] },
      ],
    }),
  );
  const attack = async () => {
    const peers = await Promise.all(Array.from({ length: 8 }, () => RawPeer.open(broker.port)));
    await Promise.all(
      peers.map(async (peer) => {
        peer.socket.write(big);
        await peer.receives(8, 20_000);
        peer.destroy();
      }),
    );
  };
  // Large buffers wait for the collector, which an idle process does not run.
  const slack = { megabytes: 110, descriptors: 4 };
  const figures = await underAttack('8 frames of 12 MB, budget 4 MB', broker, attack, slack);
  expect(figures.peakMb - figures.beforeMb).toBeLessThan(150);
}, 60_000);
