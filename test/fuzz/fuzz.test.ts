/**
 * 30 seconds of it here, beside other test files, with a seed that is printed; for longer, or for
 * the same again: `npm run fuzz -- --minutes 10 --seed N`.
 */
import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { API } from '../../src/protocol/api-keys.ts';
import { encodeRequest } from '../../src/protocol/frames.ts';
import { HealthyClient } from '../hostile/healthy-client.ts';
import { settled } from '../hostile/under-attack.ts';
import { seededRandom } from '../protocol/random-message.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { frame, RawPeer } from '../support/raw-peer.ts';
import { FrameSource, RAW_TOPIC, TARGET_TOPIC } from './frame-source.ts';

const SEED = Number(process.env.MILLRACE_FUZZ_SEED ?? Date.now() % 2 ** 31);
const BUDGET_MS = Number(process.env.MILLRACE_FUZZ_MS ?? 30_000);
const PEERS = 8;
/** A hung broker shows here; a parked request of an honest kind may take its own time. */
const CLOSE_MS_MAX = 30_000;
const ANSWER_MS = 50;
const MEMORY_MB_MAX = 250;

let broker: BrokerProcess;

beforeAll(async () => {
  process.stdout.write(`fuzz: seed ${SEED}, ${BUDGET_MS} ms\n`);
  broker = await BrokerProcess.start({
    config: {
      // Any random name would become a topic, and any random count partitions.
      'auto.create.topics.enable': 'false',
      'millrace.max.partitions': 500,
      'offsets.topic.num.partitions': 2,
      // With a thread of its own for the worker, or within the front's.
      'num.io.threads': SEED % 2,
    },
  });
});

afterAll(async () => {
  await broker.kill();
  await rm(broker.dataDir, { recursive: true, force: true });
});

/** Sends, then says goodbye: whatever was sent is answered or refused, and the socket closes. */
async function exchange(bytes: Buffer, waitsForAnswer: boolean): Promise<void> {
  const peer = await RawPeer.open(broker.port);
  peer.forget();
  await peer.send(bytes);
  if (waitsForAnswer) {
    const answer = peer.receives(4, ANSWER_MS).catch(() => 'none yet');
    await Promise.race([answer, peer.closed]);
  }
  peer.socket.end();
  await peer.closedWithin(CLOSE_MS_MAX).catch((thrown) => {
    throw new Error(`${thrown.message}: ${bytes.subarray(0, 200).toString('hex')}`);
  });
  peer.destroy();
}

test(
  'no request of any shape hurts the broker or the client beside it',
  async () => {
    const healthy = await HealthyClient.start(broker.port);
    const beforeMb = broker.anonymousMb;
    const source = new FrameSource(seededRandom(SEED));
    const endMs = performance.now() + BUDGET_MS;
    let cases = 0;
    let peakMb = 0;
    await exchange(
      frame(
        encodeRequest(
          API.CREATE_TOPICS,
          5,
          { correlationId: 1, clientId: 'fuzz' },
          {
            topics: [
              {
                name: TARGET_TOPIC,
                numPartitions: 1,
                replicationFactor: 1,
                assignments: [],
                configs: [{ name: 'compression.type', value: 'gzip' }],
              },
              {
                name: RAW_TOPIC,
                numPartitions: 1,
                replicationFactor: 1,
                assignments: [],
                configs: [],
              },
            ],
            timeoutMs: 5000,
          },
        ),
      ),
      true,
    );
    const worker = async (): Promise<void> => {
      while (performance.now() < endMs && broker.isAlive) {
        const frames = Array.from({ length: 1 + (cases % 3) }, () => source.take());
        cases += frames.length;
        await exchange(Buffer.concat(frames), cases % 2 === 0);
        if (cases % 50 === 0) peakMb = Math.max(peakMb, broker.anonymousMb);
      }
    };
    await Promise.all(Array.from({ length: PEERS }, worker));
    expect(broker.isAlive, `seed ${SEED}\n${broker.log.slice(-2000)}`).toBe(true);
    await healthy.stop();
    const figures = healthy.take();
    await settled(async () => (await broker.metric('millrace_connections')) === 0);
    process.stdout.write(
      `fuzz: ${cases} cases, memory ${beforeMb.toFixed(0)}, peak ${peakMb.toFixed(0)} MB, ` +
        `healthy p99 ${figures.p99.toFixed(1)} ms over ${figures.count}\n`,
    );
    expect(peakMb, `seed ${SEED}`).toBeLessThan(beforeMb + MEMORY_MB_MAX);
    const defects = broker.lines.filter((line) => /failed: \w*Error|cannot be encoded/.test(line));
    expect(defects, `seed ${SEED}`).toEqual([]);
    for (const line of broker.lines) expect(line).toMatch(/^\d{4}-\d\d-\d\dT|^ {4}at /);
  },
  BUDGET_MS + 60_000,
);

test('what it wrote meanwhile is read by the next start', async () => {
  const how = await stopAndStartAgain();
  expect(how).toBe(0);
});

async function stopAndStartAgain(): Promise<string | number | null> {
  const { dataDir } = broker;
  broker.signal('SIGTERM');
  const how = await broker.ended;
  broker = await BrokerProcess.start({ dataDir });
  const healthy = await HealthyClient.start(broker.port);
  await healthy.stop();
  return how;
}
