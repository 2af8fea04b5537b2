import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { Admin, allRequired, Consumer, Producer, text, topic } from '../../src/client/index.ts';
import { BrokerProcess } from '../support/broker-process.ts';

const PARTITIONS = 3;
const KILLS = 4;
const NUMBERS = topic('numbers', { value: text });
const CONFIG = {
  'group.min.session.timeout.ms': 500,
  'group.consumer.min.session.timeout.ms': 500,
  'group.consumer.session.timeout.ms': 1_000,
  'group.consumer.min.heartbeat.interval.ms': 100,
  'group.consumer.heartbeat.interval.ms': 200,
};
const GROUP = { sessionTimeoutMs: 1_000, heartbeatIntervalMs: 200, autoCommitIntervalMs: 100 };
const READS = { autoOffsetReset: 'earliest', onError: () => undefined } as const;
const AT = Array.from({ length: PARTITIONS }, (_, partition) => ({ topic: 'numbers', partition }));

/** Counts up in each partition until it is told to stop; answers how many each one has. */
async function countUp(producer: Producer, ending: AbortSignal): Promise<number[]> {
  const counts = AT.map(() => 0);
  while (!ending.aborted) {
    const sent = Array.from({ length: 60 }, (_, i) => {
      const partition = i % PARTITIONS;
      return producer.send(NUMBERS, { value: `${counts[partition]!++}`, partition });
    });
    await Promise.all(sent);
    await sleep(5);
  }
  return counts;
}

/** What each partition gave, in the order in which it came. */
async function read(consumer: Consumer, seen: number[][], signal: AbortSignal): Promise<void> {
  for await (const batch of consumer.batches({ signal })) {
    for (const value of batch.texts()) seen[batch.partition]!.push(Number(value));
  }
}

const numbersTo = (count: number) => Array.from({ length: count }, (_, i) => i);

describe.each(['classic', 'consumer'] as const)('a broker that is killed again and again', (of) => {
  it(`is outlived by its clients: nothing lost, nothing twice, in order (${of} group)`, async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'millrace-killed-'));
    let broker = await BrokerProcess.start({ dataDir, config: CONFIG });
    const listeners = `PLAINTEXT://127.0.0.1:${broker.port}`;
    const bootstrapServers = `127.0.0.1:${broker.port}`;
    await using admin = new Admin({ bootstrapServers });
    allRequired(await admin.topics.create([{ name: 'numbers', partitions: PARTITIONS }]));

    const [ending, settled] = [new AbortController(), new AbortController()];
    await using producer = new Producer({ bootstrapServers, lingerMs: 1 });
    const counting = countUp(producer, ending.signal);
    await using reader = new Consumer({ bootstrapServers, ...READS });
    reader.assign(AT);
    const group = { groupId: 'g', groupProtocol: of, ...GROUP };
    await using member = new Consumer({ bootstrapServers, ...READS, ...group });
    member.subscribe(['numbers']);
    const [alone, shared]: number[][][] = [AT.map(() => []), AT.map(() => [])];
    const reading = [read(reader, alone!, settled.signal), read(member, shared!, settled.signal)];

    for (let kill = 0; kill < KILLS; kill++) {
      await sleep(300 + 150 * kill);
      // A call of an administrator that is on its way goes on too.
      const listed = admin.topics.list();
      await broker.kill();
      broker = await BrokerProcess.start({ dataDir, config: { ...CONFIG, listeners } });
      expect((await listed).map(({ name }) => name)).toContain('numbers');
    }
    await sleep(500);
    ending.abort();
    const counts = await counting;
    await expect
      .poll(() => alone!.map(({ length }) => length), { timeout: 20_000 })
      .toEqual(counts);
    const last = () => shared!.map((values) => values.at(-1));
    await expect.poll(last, { timeout: 20_000 }).toEqual(counts.map((count) => count - 1));
    settled.abort();
    await Promise.all(reading);

    expect(Math.min(...counts)).toBeGreaterThan(100);
    expect(alone).toEqual(counts.map(numbersTo));
    // A member that joins anew begins where it has committed: some come again, none is passed over.
    for (const [partition, values] of shared!.entries()) {
      let next = 0;
      for (const value of values) {
        expect(value).toBeLessThanOrEqual(next);
        next = Math.max(next, value + 1);
      }
      expect(new Set(values).size).toBe(counts[partition]);
    }
    const ends = await reader.endOffsets(AT);
    expect(ends.map(({ offset }) => offset)).toEqual(counts);
    await Promise.all([producer.close(), reader.close(), member.close()]);
    await broker.kill();
    await rm(dataDir, { recursive: true, force: true });
  }, 120_000);
});
