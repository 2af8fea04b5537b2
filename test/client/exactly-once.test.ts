import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { allRequired } from '../../src/client/admin/outcome.ts';
import { Admin, Consumer, Producer, text, topic } from '../../src/client/index.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { randomFrom } from '../support/random-from.ts';

const COPIER = fileURLToPath(new URL('copier.mjs', import.meta.url));
/** A running Apache Kafka, such as `127.0.0.1:9092`. Without one its test is left out. */
const KAFKA = process.env.MILLRACE_TEST_KAFKA ?? '';
const PARTITIONS = 3;
const ROUNDS = 6;
const PER_ROUND = 150;

interface Place {
  readonly bootstrapServers: string;
  readonly input: string;
  readonly output: string;
  readonly groupId: string;
  readonly consumer: object;
}

async function makeTopics({ bootstrapServers, input, output }: Place): Promise<void> {
  await using admin = new Admin({ bootstrapServers });
  const topics = [input, output].map((name) => ({
    name,
    partitions: PARTITIONS,
    replicationFactor: 1,
  }));
  allRequired(await admin.topics.create(topics));
}

/** A process that copies in transactions, at work. */
async function startCopier(place: Place): Promise<ChildProcess> {
  const options = { ...place, transactionalId: place.groupId };
  const child = spawn(process.execPath, [COPIER, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  return child;
}

async function killHard(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL');
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
}

/** Sends the records of a round, in order within each partition. */
async function sendRound(producer: Producer, name: string, round: number): Promise<void> {
  const words = topic(name, { value: text });
  const sent = Array.from({ length: PER_ROUND }, (_, i) => {
    return producer.send(words, { value: `${round * PER_ROUND + i}`, partition: i % PARTITIONS });
  });
  await Promise.all(sent);
}

/** The committed records of each partition until all have come, and what may come after them. */
async function readAll({ bootstrapServers, output }: Place, count: number): Promise<number[][]> {
  await using reader = new Consumer({
    bootstrapServers,
    autoOffsetReset: 'earliest',
    isolationLevel: 'read_committed',
  });
  const found: number[][] = Array.from({ length: PARTITIONS }, () => []);
  reader.assign(found.map((_, partition) => ({ topic: output, partition })));
  const ending = AbortSignal.timeout(60_000);
  let seen = 0;
  const settled = new AbortController();
  for await (const batch of reader.batches({ signal: AbortSignal.any([ending, settled.signal]) })) {
    for (const value of batch.texts()) found[batch.partition]!.push(Number(value));
    seen += batch.length;
    if (seen >= count) setTimeout(() => settled.abort(), 300);
  }
  return found;
}

function expected(rounds: number): number[][] {
  return Array.from({ length: PARTITIONS }, (_, partition) => {
    const all = Array.from({ length: rounds * PER_ROUND }, (_value, i) => i);
    return all.filter((i) => (i % PER_ROUND) % PARTITIONS === partition);
  });
}

/** The same sequence of pauses for the same seed. */
function pausesFrom(seed: number): () => number {
  const random = randomFrom(seed);
  return () => 100 + random() * 400;
}

describe.each(['classic', 'consumer'] as const)('transact under kills, a %s group', (protocol) => {
  it('copies each record once, in order, whatever dies', async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'millrace-exactly-once-'));
    const config = {
      'group.min.session.timeout.ms': 500,
      'group.consumer.min.session.timeout.ms': 500,
      'group.consumer.session.timeout.ms': 1_000,
      'group.consumer.min.heartbeat.interval.ms': 100,
      'group.consumer.heartbeat.interval.ms': 200,
    };
    let broker = await BrokerProcess.start({ dataDir, config });
    const { port } = broker;
    const place: Place = {
      bootstrapServers: `127.0.0.1:${port}`,
      input: 'input',
      output: 'output',
      groupId: 'copiers',
      consumer: { groupProtocol: protocol, sessionTimeoutMs: 1_000, heartbeatIntervalMs: 200 },
    };
    await makeTopics(place);
    const { bootstrapServers } = place;
    await using producer = new Producer({ bootstrapServers, onError: () => undefined });
    const nextPause = pausesFrom(protocol === 'classic' ? 7 : 11);
    let copier = await startCopier(place);
    for (let round = 0; round < ROUNDS; round++) {
      const sending = sendRound(producer, place.input, round);
      await sleep(nextPause());
      if (round % 2 === 0) {
        await killHard(copier);
        copier = await startCopier(place);
      } else {
        await broker.kill();
        const listeners = `PLAINTEXT://127.0.0.1:${port}`;
        broker = await BrokerProcess.start({ dataDir, config: { ...config, listeners } });
      }
      await sending;
    }
    const found = await readAll(place, ROUNDS * PER_ROUND);
    expect(copier.exitCode).toBeNull();
    await killHard(copier);
    expect(found).toEqual(expected(ROUNDS));
    await producer.close();
    await broker.kill();
    await rm(dataDir, { recursive: true, force: true });
  }, 120_000);
});

describe.skipIf(KAFKA === '')('transact under kills, on Apache Kafka', () => {
  it('copies each record once, in order, whoever dies', async () => {
    const groupId = `copiers-${Date.now().toString(36)}`;
    const place: Place = {
      bootstrapServers: KAFKA,
      input: `${groupId}-in`,
      output: `${groupId}-out`,
      groupId,
      consumer: { sessionTimeoutMs: 6_000 },
    };
    await makeTopics(place);
    await using producer = new Producer({ bootstrapServers: KAFKA });
    const nextPause = pausesFrom(13);
    let copier = await startCopier(place);
    const rounds = 3;
    for (let round = 0; round < rounds; round++) {
      const sending = sendRound(producer, place.input, round);
      await sleep(1_000 + nextPause());
      await killHard(copier);
      copier = await startCopier(place);
      await sending;
    }
    const found = await readAll(place, rounds * PER_ROUND);
    await killHard(copier);
    expect(found).toEqual(expected(rounds));
  }, 120_000);
});
