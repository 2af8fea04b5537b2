/**
 * What the state directory of an application may meet. Policy: a directory that is not this
 * process's alone is refused; a disk that refuses ends the application; damaged files are rebuilt
 * from the changelogs. In no case are counts lost or counted twice.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EmbeddedBroker } from '#millrace/broker/start-broker';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { Streams } from '#millrace/streams/runtime/streams';
import { until } from '../../support/until.ts';
import { brokerWithTopics } from '../support/broker-with-topics.ts';
import { allUpTo, counted, counting, send, untilCounted } from '../support/counting.ts';

const PROGRAM = join(import.meta.dirname, '..', 'support', 'counting-app.mjs');
const EXACT = { processingGuarantee: 'exactly_once_v2' };
let stateDir = '';

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'millrace-streams-'));
});

afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

function ready(): Promise<EmbeddedBroker> {
  return brokerWithTopics(['input', 'output'], 1);
}

/** An application of the same directory in a process of its own, with what it says of errors. */
function elsewhere(broker: EmbeddedBroker): { child: ChildProcess; said: () => string } {
  const args = [PROGRAM, broker.bootstrapServers, stateDir, 'exactly_once_v2'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  return { child, said: () => said };
}

/** Keeps the last value of each key. */
function keeping(broker: EmbeddedBroker): Streams {
  const { bootstrapServers } = broker;
  const builder = new StreamsBuilder();
  builder.table(topic('input', { key: text, value: text }), { as: 'rows' });
  const options = { bootstrapServers, stateDir, applicationId: 'app', commitIntervalMs: 20 };
  return new Streams(builder, { ...options, processingGuarantee: 'exactly_once_v2' });
}

/** Counts to so many with the directory, and stops cleanly. */
async function countTo(broker: EmbeddedBroker, count: number): Promise<number> {
  const { app } = counting(broker.bootstrapServers, { ...EXACT, stateDir });
  await app.start();
  await untilCounted(broker, count);
  const { restoredRows } = app;
  await app.close();
  return restoredRows;
}

function flipByteOf(file: string, share: number): void {
  const bytes = readFileSync(file);
  bytes[Math.floor(bytes.length * share)]! ^= 0x40;
  writeFileSync(file, bytes);
}

describe('a state directory', () => {
  it('that another one has is refused, and taken once that one has ended', async () => {
    await using broker = await ready();
    const first = counting(broker.bootstrapServers, { ...EXACT, stateDir });
    await using one = await first.app.start();
    const second = counting(broker.bootstrapServers, { ...EXACT, stateDir });
    await expect(second.app.start()).rejects.toMatchObject({ code: 'STATE_LOCKED' });
    await second.app.close();
    await one.close();
    await send(broker, 10);
    await countTo(broker, 1);
  });

  it('that another process has is refused, and taken over once that one was killed', async () => {
    await using broker = await ready();
    await send(broker, 10);
    const { child } = elsewhere(broker);
    await once(child.stdout!, 'data');
    const applicationId = 'counting';
    const refused = counting(broker.bootstrapServers, { ...EXACT, stateDir, applicationId });
    await expect(refused.app.start()).rejects.toThrow(`in use by process ${child.pid} on`);
    await refused.app.close();
    await untilCounted(broker, 1);
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
    const { app } = counting(broker.bootstrapServers, { ...EXACT, stateDir, applicationId });
    await app.start();
    await send(broker, 10);
    await untilCounted(broker, 2);
    await app.close();
    expect(await counted(broker)).toEqual(allUpTo(2));
  });

  it('that two processes take at the same moment is one of theirs', async () => {
    await using broker = await ready();
    await send(broker, 10);
    const both = [elsewhere(broker), elsewhere(broker)];
    const refused = await Promise.race(
      both.map(({ child }) => once(child, 'exit').then(([code]) => ({ code, child }))),
    );
    expect(refused.code).toBe(1);
    const isRefused = ({ child }: { child: ChildProcess }) => child === refused.child;
    expect(both.find(isRefused)!.said()).toMatch(/in use by process \d+ on .*: give each process/);
    const { child } = both.find((each) => !isRefused(each))!;
    await untilCounted(broker, 1);
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect((await ended)[0]).toBe(0);
    expect(await counted(broker)).toEqual(allUpTo(1));
  });

  it('of another application is refused', async () => {
    await using broker = await ready();
    await send(broker, 10);
    await countTo(broker, 1);
    const identity = join(stateDir, 'app', 'millrace-streams.json');
    const foreign = readFileSync(identity, 'utf8').replace('"app"', '"another"');
    writeFileSync(identity, foreign);
    const { app } = counting(broker.bootstrapServers, { ...EXACT, stateDir });
    await expect(app.start()).rejects.toMatchObject({ code: 'STATE_FOREIGN' });
    await app.close();
  });

  it.each([0.3, 0.6, 0.9])(
    'with a flipped byte at %d of its log comes back from log and changelog',
    async (share) => {
      await using broker = await ready();
      for (const count of [1, 2, 3]) {
        await send(broker, 10);
        await countTo(broker, count);
      }
      const task = join(stateDir, 'app', '0_0');
      flipByteOf(join(task, readdirSync(task).find((name) => name.startsWith('log-'))!), share);
      await send(broker, 10);
      expect(await countTo(broker, 4)).toBeGreaterThan(0);
      expect(await counted(broker)).toEqual(allUpTo(4));
    },
  );

  it('with a flipped byte in its snapshot is rebuilt from the changelog', async () => {
    await using broker = await ready();
    const rowOf = (round: number) => `${round}`.padEnd(100_000, 'x');
    const first = await keeping(broker).start();
    for (let round = 1; round <= 12; round++) {
      await send(broker, 10, rowOf(round));
      const last = async () => first.store('rows').get('k9') === rowOf(round);
      await until('the last row is there', last);
    }
    await first.close();
    const task = join(stateDir, 'app', '0_0');
    flipByteOf(join(task, readdirSync(task).find((name) => name.startsWith('snapshot-'))!), 0.5);
    await using app = await keeping(broker).start();
    expect(app.restoredRows).toBeGreaterThanOrEqual(10);
    for (let key = 0; key < 10; key++) {
      expect(app.store('rows').get(`k${key}`)).toBe(rowOf(12));
    }
  });

  it('on a full disk ends the application, which goes on once there is room', async () => {
    await using broker = await ready();
    const args = [PROGRAM, broker.bootstrapServers, stateDir, 'exactly_once_v2'];
    const words = ['-c', 'ulimit -f 24; exec "$@"', 'sh', process.execPath, ...args];
    const child = spawn('/bin/sh', words, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    child.stderr.on('data', (chunk) => {
      said += chunk;
    });
    const ended = once(child, 'exit');
    await once(child.stdout, 'data');
    let sent = 0;
    while (child.exitCode === null && sent < 500) {
      await send(broker, 10);
      sent++;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    const [code] = await ended;
    expect(code).not.toBe(0);
    expect(said).toMatch(/cannot be written: EFBIG/);
    const { app } = counting(broker.bootstrapServers, {
      ...EXACT,
      stateDir,
      applicationId: 'counting',
    });
    await app.start();
    await untilCounted(broker, sent);
    await app.close();
    expect(await counted(broker)).toEqual(allUpTo(sent));
  });
});
