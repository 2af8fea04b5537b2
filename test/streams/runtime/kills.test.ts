import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { EmbeddedBroker } from '#millrace/broker/start-broker';
import { Consumer } from '#millrace/client/consumer/consumer';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { int64 } from '#millrace/streams/serde/numbers';
import { brokerWithTopics } from '../support/broker-with-topics.ts';
import { send } from '../support/counting.ts';

const PROGRAM = join(import.meta.dirname, '..', 'support', 'counting-app.mjs');
const SESSION_MS = 45_000;
const output = topic('output', { key: text, value: int64 });
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

interface Started {
  readonly child: ChildProcess;
  readonly tookMs: number;
  readonly restored: number;
}

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'millrace-streams-'));
  folders.push(made);
  return made;
}

async function start(broker: EmbeddedBroker, state: string, guarantee: string): Promise<Started> {
  const args = [PROGRAM, broker.bootstrapServers, state, guarantee];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout!, 'data');
  return { child, ...JSON.parse(String(line)) };
}

async function end(child: ChildProcess, signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** What was written last of each key once so many records are there, and how many there are. */
async function counts(broker: EmbeddedBroker, until: number): Promise<number[]> {
  const { bootstrapServers } = broker;
  await using consumer = new Consumer<string, number>({
    bootstrapServers,
    isolationLevel: 'read_committed',
    autoOffsetReset: 'earliest',
  });
  consumer.assign([{ topic: 'output', partition: 0 }], [output]);
  const all: number[] = [];
  const last = new Map<string, number>();
  for await (const { key, value } of consumer) {
    last.set(key, value);
    all.push(value);
    if (last.size === 10 && [...last.values()].every((count) => count === until)) break;
  }
  return all;
}

describe.each(['at_least_once', 'exactly_once_v2'])(
  'kill -9 of an application, %s',
  (guarantee) => {
    it('goes on at once from the state on disk', async () => {
      await using broker = await brokerWithTopics(['input', 'output'], 1);
      const state = folder();
      const first = await start(broker, state, guarantee);
      await send(broker, 1_000);
      await counts(broker, 100);
      await send(broker, 10);
      await counts(broker, 101);
      await end(first.child, 'SIGKILL');
      await send(broker, 1_000);
      const second = await start(broker, state, guarantee);
      expect(second.tookMs).toBeLessThan(SESSION_MS / 2);
      const all = await counts(broker, 201);
      if (guarantee === 'exactly_once_v2') {
        expect(all).toHaveLength(2_010);
        // The kill may come between the end of the last transaction and the local log.
        expect(second.restored).toBeLessThanOrEqual(10);
      }
      await end(second.child, 'SIGTERM');
      const third = await start(broker, state, guarantee);
      expect(third.restored).toBe(0);
      await end(third.child, 'SIGTERM');
    });

    it('comes back from the changelog where the state is gone', async () => {
      await using broker = await brokerWithTopics(['input', 'output'], 1);
      const first = await start(broker, folder(), guarantee);
      await send(broker, 1_000);
      await counts(broker, 100);
      await end(first.child, 'SIGTERM');
      const second = await start(broker, folder(), guarantee);
      expect(second.restored).toBe(1_000);
      await send(broker, 1_000);
      await counts(broker, 200);
      await end(second.child, 'SIGTERM');
    });
  },
);
