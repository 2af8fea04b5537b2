/** What a load needs to be set up before it runs: topics, producer ids, coordinators. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlClient } from './control-client.ts';
import { checkError } from './load-error.ts';
import type { ResponseReader } from './response-reader.ts';

const TOPIC_ALREADY_EXISTS = 36;
const EARLIEST = -2;
const LATEST = -1;
const GROUP_KEY = 0;
const TRANSACTION_KEY = 1;
/** Errors of a broker that has just begun: coordinator loading or not there, no leader yet. */
export const PASSING = new Set([3, 5, 6, 14, 15, 16]);
const PATIENCE_MS = 60_000;
const PAUSE_MS = 20;

export interface TopicSpec {
  readonly name: string;
  readonly partitions: number;
  /** How many brokers have each partition; 1 where nothing is said. */
  readonly replicas?: number;
  readonly configs: Readonly<Record<string, string>>;
}

/** Resolves once the topic's partitions answer, all of which this broker leads. */
export async function createTopic(client: ControlClient, topic: TopicSpec): Promise<void> {
  await makeTopic(client, topic);
  await untilServed(client, topic);
}

/** Resolves once the topic is there. Who leads its partitions may not be known yet. */
export async function makeTopic(client: ControlClient, topic: TopicSpec): Promise<void> {
  const reader = await client.request('createTopics', (writer) => {
    writer.int32(1).string(topic.name).int32(topic.partitions);
    writer.int16(topic.replicas ?? 1).int32(0);
    writer.array(Object.entries(topic.configs), ([name, value]) => {
      writer.string(name).string(value);
    });
    writer.int32(PATIENCE_MS).int8(0);
  });
  reader.int32();
  reader.array(() => {
    const name = reader.string();
    const error = reader.int16();
    const message = reader.string();
    if (error !== TOPIC_ALREADY_EXISTS) checkError(error, `CreateTopics ${name} ${message}`);
  });
}

export async function deleteTopic(client: ControlClient, name: string): Promise<void> {
  const reader = await client.request('deleteTopics', (writer) => {
    writer.int32(1).string(name).int32(PATIENCE_MS);
  });
  reader.int32();
  reader.array(() => {
    reader.string();
    checkError(reader.int16(), `DeleteTopics ${name}`);
  });
}

/** Until every partition has a leader that answers. */
async function untilServed(client: ControlClient, topic: TopicSpec): Promise<void> {
  await untilTaken(`topic ${topic.name}`, () => listOffsetsError(client, topic));
}

/** Asks again while the error is one that passes. */
async function untilTaken(what: string, ask: () => Promise<number>): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    const error = await ask();
    if (error === 0) return;
    if (!PASSING.has(error) || Date.now() > deadline) checkError(error, what);
    await sleep(PAUSE_MS);
  }
}

/** Of one partition, markers included. */
export async function endOffsetOf(
  client: ControlClient,
  topic: string,
  partition: number,
): Promise<number> {
  const reader = await client.request('listOffsets', (writer) => {
    writer.int32(-1).int8(0).int32(1).string(topic).int32(1);
    writer.int32(partition).int32(-1).int64(LATEST);
  });
  reader.int32();
  let offset = -1;
  const error = errorWithin(reader, () => {
    reader.int64();
    offset = reader.int64();
    reader.int32();
  });
  checkError(error, `ListOffsets ${topic}`);
  return offset;
}

async function listOffsetsError(client: ControlClient, topic: TopicSpec): Promise<number> {
  const reader = await client.request('listOffsets', (writer) => {
    writer.int32(-1).int8(0).int32(1).string(topic.name).int32(topic.partitions);
    for (let partition = 0; partition < topic.partitions; partition++) {
      writer.int32(partition).int32(-1).int64(EARLIEST);
    }
  });
  reader.int32();
  return errorWithin(reader, () => {
    reader.int64();
    reader.int64();
    reader.int32();
  });
}

/** The last error among the partitions of all topics; `skipRest` reads what follows each error. */
function errorWithin(reader: ResponseReader, skipRest: () => void): number {
  let error = 0;
  reader.array(() => {
    reader.string();
    reader.array(() => {
      reader.int32();
      error = reader.int16() || error;
      skipRest();
    });
  });
  return error;
}

export interface ProducerIdentity {
  readonly id: number;
  readonly epoch: number;
}

/** `transactionalId`: null for a producer that is idempotent only. */
export async function initProducerId(
  client: ControlClient,
  transactionalId: string | null = null,
  timeoutMs = PATIENCE_MS,
): Promise<ProducerIdentity> {
  let identity: ProducerIdentity = { id: -1, epoch: -1 };
  await untilTaken('InitProducerId', async () => {
    if (transactionalId !== null) {
      const error = await findError(client, transactionalId, TRANSACTION_KEY);
      if (error !== 0) return error;
    }
    const reader = await client.request('initProducerId', (writer) => {
      if (transactionalId === null) writer.nullString();
      else writer.string(transactionalId);
      writer.int32(timeoutMs);
    });
    reader.int32();
    const error = reader.int16();
    if (error === 0) identity = { id: reader.int64(), epoch: reader.int16() };
    return error;
  });
  return identity;
}

/** Until the group's coordinator is found and takes a commit. */
export async function openCoordinator(
  client: ControlClient,
  group: string,
  topic: string,
): Promise<void> {
  await untilTaken(`coordinator of ${group}`, async () => {
    return (await findError(client, group, GROUP_KEY)) || commitError(client, group, topic);
  });
}

async function findError(client: ControlClient, key: string, keyType: number): Promise<number> {
  const reader = await client.request('findCoordinator', (writer) => {
    writer.string(key).int8(keyType);
  });
  reader.int32();
  return reader.int16();
}

async function commitError(client: ControlClient, group: string, topic: string): Promise<number> {
  const reader = await client.request('offsetCommit', (writer) => {
    writer.string(group).int32(-1).string('').nullString();
    writer.int32(1).string(topic).int32(1).int32(0).int64(0).int32(-1).nullString();
  });
  reader.int32();
  return errorWithin(reader, () => {});
}
