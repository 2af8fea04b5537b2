import { connect, type Socket } from 'node:net';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { API } from '../../src/protocol/api-keys.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { until } from '../support/until.ts';
import { WireClient } from '../support/wire-client.ts';

const BROKER = 4;
const SET = 0;
const DELETE = 1;
/** More than any disk has. */
const NEVER_FREE = String(2 ** 52);

let broker: EmbeddedBroker;
let client: WireClient;

beforeAll(async () => {
  const logger = { info() {}, warn() {}, error() {} };
  broker = await startBroker({ config: { 'log.retention.check.interval.ms': 100 }, logger });
  client = await WireClient.open(broker.port);
});

afterAll(async () => {
  client.close();
  await broker.close();
});

/** Null takes the setting back. */
async function alter(settings: Record<string, string | null>): Promise<void> {
  const configs = Object.entries(settings).map(([name, value]) => {
    return { name, configOperation: value === null ? DELETE : SET, value };
  });
  const resources = [{ resourceType: BROKER, resourceName: '', configs }];
  const answer = await client.ask(API.INCREMENTAL_ALTER_CONFIGS, 1, {
    resources,
    validateOnly: false,
  });
  expect(answer.responses[0]!.errorMessage).toBe(null);
}

/** How many of so many connections are served. */
async function served(count: number): Promise<number> {
  const sockets: Socket[] = [];
  const isServed = () => {
    return new Promise<boolean>((resolve) => {
      const socket = connect(broker.port, '127.0.0.1');
      sockets.push(socket);
      socket.on('error', () => resolve(false));
      socket.on('close', () => resolve(false));
      // Metadata, version 0, of all topics.
      socket.write(Buffer.from('0000000e0003000000000001ffff00000000', 'hex'));
      socket.on('data', () => resolve(true));
    });
  };
  const answers = await Promise.all(Array.from({ length: count }, isServed));
  const gone = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
  for (const socket of sockets) if (!socket.destroyed) socket.end();
  await Promise.all(gone.filter((_, i) => answers[i]));
  return answers.filter((answer) => answer).length;
}

test('who may connect changes while the broker runs; one connection is in already', async () => {
  await alter({ 'max.connections.per.ip': '3' });
  expect(await served(5)).toBe(2);
  await alter({ 'max.connections.per.ip.overrides': '127.0.0.1:4' });
  expect(await served(5)).toBe(3);
  await alter({ 'max.connections.per.ip': null, 'max.connections.per.ip.overrides': null });
  await alter({ 'max.connections': '2' });
  expect(await served(5)).toBe(1);
  await alter({ 'max.connections': null });
  expect(await served(5)).toBe(5);
});

test('producers are forgotten after the time that holds now', async () => {
  await broker.createTopic('topic');
  const records = buildBatch([{ value: Buffer.from('x'), timestamp: Date.now() }], {
    producerId: 77,
    producerEpoch: 0,
    baseSequence: 0,
  });
  await client.ask(API.PRODUCE, 9, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 1000,
    topicData: [{ name: 'topic', partitionData: [{ index: 0, records }] }],
  });
  const producers = async () => {
    const topics = [{ name: 'topic', partitionIndexes: [0] }];
    const answer = await client.ask(API.DESCRIBE_PRODUCERS, 0, { topics });
    return answer.topics[0]!.partitions[0]!.activeProducers.length;
  };
  await new Promise((resolve) => setTimeout(resolve, 300));
  expect(await producers()).toBe(1);
  await alter({ 'producer.id.expiration.ms': '1' });
  await until('the producer expires', async () => (await producers()) === 0);
});

test('the room that a disk must have left changes while the broker runs', async () => {
  await broker.createTopic('room');
  const isTaken = async () => {
    return (await client.produce('room', 0, [{ value: Buffer.from('x') }])) >= 0;
  };
  const takes = (wanted: boolean) => {
    const isSo = async () => (await isTaken().catch(() => false)) === wanted;
    return until(wanted ? 'records are taken' : 'records are refused', isSo);
  };
  await takes(true);
  await alter({ 'log.dir.min.free.bytes': NEVER_FREE });
  await takes(false);
  await alter({ 'log.dir.min.free.bytes': '0' });
  await takes(true);
});
