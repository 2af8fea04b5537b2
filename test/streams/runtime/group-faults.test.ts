import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startBroker } from '#millrace/broker/start-broker';
import { Admin } from '#millrace/client/admin/admin';
import { allRequired, required } from '#millrace/client/admin/outcome';
import { Consumer } from '#millrace/client/consumer/consumer';
import { Producer } from '#millrace/client/producer/producer';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { Streams } from '#millrace/streams/runtime/streams';
import { int64 } from '#millrace/streams/serde/numbers';
import { until } from '../../support/until.ts';

const PROGRAM = join(import.meta.dirname, '..', 'support', 'counting-app.mjs');
const input = topic('input', { key: text, value: text });
const output = topic('output', { key: text, value: int64 });
const CASES = [
  { groupProtocol: 'classic', guarantee: 'at_least_once' },
  { groupProtocol: 'classic', guarantee: 'exactly_once_v2' },
  { groupProtocol: 'streams', guarantee: 'at_least_once' },
  { groupProtocol: 'streams', guarantee: 'exactly_once_v2' },
] as const;
const SESSION_MS = 1_500;
const KEYS = 10;
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'millrace-streams-'));
  folders.push(made);
  return made;
}

async function ready(partitions: number): Promise<EmbeddedBroker> {
  const broker = await startBroker({
    config: {
      'group.min.session.timeout.ms': '100',
      'group.initial.rebalance.delay.ms': '0',
      'group.streams.initial.rebalance.delay.ms': '0',
      'group.streams.min.heartbeat.interval.ms': '100',
      'group.streams.heartbeat.interval.ms': '200',
      'group.streams.min.session.timeout.ms': '1000',
      'group.streams.session.timeout.ms': `${SESSION_MS}`,
    },
  });
  await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
  const names = [input.name, output.name];
  allRequired(await admin.topics.create(names.map((name) => ({ name, partitions }))));
  return broker;
}

/** `each` of every key. */
async function send(broker: EmbeddedBroker, each: number): Promise<void> {
  await using producer = new Producer({ bootstrapServers: broker.bootstrapServers });
  for (let i = 0; i < each * KEYS; i++) producer.send(input, { key: `k${i % KEYS}`, value: 'v' });
  await producer.flush();
}

/** All counts that were written, once each key has got so far. */
async function counts(broker: EmbeddedBroker, partitions: number, end: number): Promise<number[]> {
  await using consumer = new Consumer<string, number>({
    bootstrapServers: broker.bootstrapServers,
    isolationLevel: 'read_committed',
    autoOffsetReset: 'earliest',
  });
  const { name } = output;
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition }));
  consumer.assign(all, [output]);
  const seen: number[] = [];
  const last = new Map<string, number>();
  for await (const { key, value } of consumer) {
    last.set(key, Math.max(value, last.get(key) ?? 0));
    seen.push(value);
    if (last.size === KEYS && [...last.values()].every((count) => count >= end)) break;
  }
  return seen;
}

async function start(broker: EmbeddedBroker, guarantee: string, more: object) {
  const args = [PROGRAM, broker.bootstrapServers, folder(), guarantee, JSON.stringify(more)];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout!, 'data');
  return child;
}

async function stop(child: ChildProcess): Promise<number | null> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const [code] = await ended;
  return code;
}

async function members(broker: EmbeddedBroker, isClassic: boolean): Promise<number> {
  await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
  const { groups } = admin;
  const asked = isClassic
    ? groups.describeClassic(['counting'])
    : groups.describeStreams(['counting']);
  const group = required<{ state: string; members: readonly unknown[] }>(
    (await asked).get('counting')!,
  );
  return group.state === 'Stable' ? group.members.length : 0;
}

describe.each(CASES)('in a $groupProtocol group, $guarantee', ({ groupProtocol, guarantee }) => {
  it('who was stopped writes nothing of what others have written meanwhile', async () => {
    await using broker = await ready(1);
    // In a group of the streams protocol the broker alone knows how long a session is.
    const isClassic = groupProtocol === 'classic';
    const session = isClassic ? { sessionTimeoutMs: SESSION_MS } : {};
    const more = { groupProtocol, consumer: { ...session, heartbeatIntervalMs: 200 } };
    const first = await start(broker, guarantee, more);
    await send(broker, 100);
    await counts(broker, 1, 100);
    first.kill('SIGSTOP');
    // The fetch that is under way is answered with these: they wait in the socket of the process.
    await send(broker, 1);
    const second = await start(broker, guarantee, more);
    await counts(broker, 1, 101);
    first.kill('SIGCONT');
    await until('it is a member again', async () => {
      return (await members(broker, isClassic)) === 2;
    });
    await send(broker, 1);
    const all = await counts(broker, 1, 102);
    expect(all).toHaveLength(102 * KEYS);
    expect(await stop(first)).toBe(0);
    expect(await stop(second)).toBe(0);
  });

  it('who comes and goes all the time loses nothing', async () => {
    await using broker = await ready(4);
    const make = () => {
      const builder = new StreamsBuilder();
      builder.stream(input).groupByKey().count({ as: 'counts' }).toStream().to(output);
      return new Streams(builder, {
        bootstrapServers: broker.bootstrapServers,
        applicationId: 'counting',
        processingGuarantee: guarantee,
        groupProtocol,
        commitIntervalMs: 50,
        statestoreCacheMaxBytes: 0,
        consumer: { heartbeatIntervalMs: 100 },
      });
    };
    await using stays = await make().start();
    for (let round = 0; round < 6; round++) {
      const comes = make();
      const started = comes.start();
      await send(broker, 10);
      // Every other one goes before it has its tasks.
      if (round % 2 === 0) await started;
      await comes.close();
      await started;
      expect(comes.failure).toBeNull();
    }
    const all = await counts(broker, 4, 60);
    if (guarantee === 'exactly_once_v2') expect(all).toHaveLength(60 * KEYS);
    expect(stays.failure).toBeNull();
    await until('it has all tasks', async () => stays.taskNames.length === 4);
  });
});
