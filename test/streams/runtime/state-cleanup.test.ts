import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { ThreadedStreams } from '#millrace/streams/runtime/threads/threaded-streams';
import { until } from '../../support/until.ts';
import { brokerWithTopics } from '../support/broker-with-topics.ts';
import { counting, send } from '../support/counting.ts';

const MODULE = new URL('../support/threaded-topology.mjs', import.meta.url);

let stateDir = '';

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'millrace-streams-'));
});

afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

const tasksOnDisk = () => {
  return readdirSync(join(stateDir, 'app')).filter((name) => /^\d+_\d+$/.test(name));
};

it('removes the state of tasks that have moved to another instance, after the delay', async () => {
  await using broker = await brokerWithTopics(['input', 'output'], 2);
  const more = { stateDir, 'state.cleanup.delay.ms': 500 };
  const { app: first } = counting(broker.bootstrapServers, more);
  await first.start();
  await send(broker, 20);
  await until('both tasks have state', async () => tasksOnDisk().length === 2);
  const { app: second } = counting(broker.bootstrapServers);
  await second.start();
  await until('one has moved', async () => second.taskNames.length === 1);
  await until('its state is gone', async () => {
    return tasksOnDisk().join() === first.taskNames.join() && first.taskNames.length === 1;
  });
  await second.close();
  await until('it has come back', async () => first.taskNames.length === 2);
  await until('with its rows', async () => {
    return first.state === 'RUNNING' && [...first.store('counts').all()].length === 10;
  });
  await first.close();
  // What is old at a start goes at once.
  const again = counting(broker.bootstrapServers, {
    stateDir,
    'state.cleanup.dir.max.age.ms': 0,
    groupProtocol: 'classic',
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  await again.app.start();
  expect(again.app.restoredRows).toBe(20);
  await again.app.close();
  const refused = () => counting(broker.bootstrapServers, { 'state.cleanup.delay.ms': -1 });
  expect(refused).toThrow("option 'stateCleanupDelayMs'");
});

it('removes what none of the threads of a process has', async () => {
  await using broker = await brokerWithTopics(['input', 'output'], 4);
  const options = {
    bootstrapServers: broker.bootstrapServers,
    applicationId: 'app',
    groupProtocol: 'classic',
    commitIntervalMs: 20,
    consumer: { heartbeatIntervalMs: 100 },
  };
  const threads = { ...options, stateDir, stateCleanupDelayMs: 500, numStreamThreads: 2 };
  await using app = await new ThreadedStreams(MODULE, threads as never).start();
  await send(broker, 40);
  await until('all tasks have state', async () => tasksOnDisk().length === 4);
  const { app: other } = counting(broker.bootstrapServers);
  await other.start();
  await until('some have moved', async () => other.taskNames.length > 0);
  await until('their state is gone, and no other', async () => {
    return app.taskNames.length < 4 && tasksOnDisk().toSorted().join() === app.taskNames.join();
  });
  await other.close();
});
