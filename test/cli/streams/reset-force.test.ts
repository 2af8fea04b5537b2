import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Admin } from 'millrace/client';
import { afterEach, expect, it } from 'vitest';
import { brokerWithTopics } from '../../streams/support/broker-with-topics.ts';
import { until } from '../../support/until.ts';
import { runCli } from '../run-cli.ts';

const PROGRAM = join(import.meta.dirname, '..', '..', 'streams', 'support', 'counting-app.mjs');
const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

/** Runs the application until it is there, and kills it. */
async function leaveDeadMember(bootstrapServers: string, groupProtocol: string): Promise<void> {
  const state = mkdtempSync(join(tmpdir(), 'millrace-streams-'));
  folders.push(state);
  const args = [PROGRAM, bootstrapServers, state, 'at_least_once'];
  const child = spawn(process.execPath, [...args, JSON.stringify({ groupProtocol })], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout!, 'data');
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}

it.each(['classic', 'streams'])(
  'removes the dead members of a %s group with --force, and not without',
  async (protocol) => {
    await using broker = await brokerWithTopics(['input', 'output'], 1);
    const { bootstrapServers: servers } = broker;
    await leaveDeadMember(servers, protocol);
    const words = ['streams', 'reset', 'counting', '--input-topics', 'input'];
    const refused = await runCli(words, { servers });
    expect(refused.code).toBe(1);
    expect(refused.errors).toContain('application counting is still active with 1 members');
    const forced = await runCli([...words, '--force'], { servers });
    expect(forced.errors).toContain('local state is not touched');
    expect(forced.code).toBe(0);
    await using admin = new Admin({ bootstrapServers: servers });
    await until('the group is empty', async () => {
      const group = (await admin.groups.list()).find(({ groupId }) => groupId === 'counting');
      return group?.state === 'Empty';
    });
    const topics = (await admin.topics.list()).map(({ name }) => name);
    expect(topics.toSorted()).toEqual(['__consumer_offsets', 'input', 'output']);
  },
);
