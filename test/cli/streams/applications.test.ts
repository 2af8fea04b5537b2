import { type EmbeddedBroker, startBroker } from 'millrace';
import { Admin, Producer, text, topic } from 'millrace/client';
import { Streams, StreamsBuilder } from 'millrace/streams';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../../support/until.ts';
import { type CliOutcome, runCli } from '../run-cli.ts';

const orders = topic('orders', { key: text, value: text });

let broker: EmbeddedBroker;
let admin: Admin;

beforeAll(async () => {
  broker = await startBroker();
  admin = new Admin({ bootstrapServers: broker.bootstrapServers });
  await broker.createTopic('orders', { partitions: 2 });
  await using producer = new Producer({ bootstrapServers: broker.bootstrapServers });
  for (let i = 0; i < 10; i++) producer.send(orders, { key: `k${i}`, value: 'v' });
  await producer.flush();
});

afterAll(async () => {
  await admin.close();
  await broker.close();
});

function cli(...words: string[]): Promise<CliOutcome> {
  return runCli(['streams', ...words], { servers: broker.bootstrapServers });
}

function rowsOf(outcome: CliOutcome): string[][] {
  const lines = outcome.out.trimEnd().split('\n').slice(1);
  return lines.map((line) => line.split(/\s+/));
}

function counting(applicationId: string): Streams {
  const builder = new StreamsBuilder();
  builder.stream(orders).groupByKey().count({ as: 'counts' });
  const { bootstrapServers } = broker;
  return new Streams(builder, { bootstrapServers, applicationId, commitIntervalMs: 50 });
}

/** Runs it until it has committed all. */
async function runToTheEnd(applicationId: string): Promise<void> {
  await using _app = await counting(applicationId).start();
  await until('all is committed', async () => (await offsetsOf(applicationId)) === 10);
}

/** The sum of what is committed. */
async function offsetsOf(group: string): Promise<number> {
  const listed = (await admin.groupOffsets.list([group])).get(group);
  if (listed === undefined || listed instanceof Error) return 0;
  return listed.reduce((sum, { offset }) => sum + Math.max(offset, 0), 0);
}

async function topicNames(): Promise<string[]> {
  return (await admin.topics.list()).map(({ name }) => name);
}

describe('millrace streams groups', () => {
  it('lists and describes an application that runs, and one that has ended', async () => {
    await runToTheEnd('ended');
    await using _app = await counting('running').start();
    await until('it has committed', async () => (await offsetsOf('running')) === 10);
    const listed = rowsOf(await cli('groups', 'list'));
    expect(listed.map(([group, , state]) => [group, state])).toEqual([
      ['ended', 'Empty'],
      ['running', 'Stable'],
    ]);
    expect(rowsOf(await cli('groups', 'list', '--state', 'empty'))).toHaveLength(1);
    const offsets = rowsOf(await cli('groups', 'describe', 'running', '--offsets'));
    expect(offsets.map(([, name, partition, , , lag]) => [name, partition, lag])).toEqual([
      ['orders', '0', '0'],
      ['orders', '1', '0'],
    ]);
    const members = await cli('groups', 'describe', 'running', '--members', '-o', 'json');
    expect(JSON.parse(members.out)).toMatchObject([{ group: 'running' }]);
    expect(members.out).toMatch(/"active": "(orders\(0,1\)|0_0,0_1)"/);
    const states = await cli('groups', 'describe', '--all-groups', '--state');
    expect(rowsOf(states).map(([group]) => group)).toEqual(['ended', 'running']);
    const ended = await cli('groups', 'describe', 'ended', 'never');
    expect(ended.code).toBe(1);
    expect(ended.errors).toContain('group ended has no members');
    expect(ended.errors).toContain('there is no group never');
  });

  it('deletes a group with its internal topics', async () => {
    await runToTheEnd('doomed');
    const deleted = await cli('groups', 'delete', 'doomed', '--delete-all-internal-topics');
    expect(deleted).toMatchObject({ code: 0, out: 'deleted 1 internal topics and doomed\n' });
    expect(await topicNames()).not.toContain('doomed-counts-changelog');
    expect((await cli('groups', 'delete', 'doomed')).code).toBe(1);
  });

  it.each([
    [['groups', 'describe', 'x', '--members', '--state'], 'exclude one another'],
    [['groups', 'describe'], 'which group?'],
    [['groups', 'list', '--state', 'idle'], 'expected one of'],
    [['groups'], 'streams groups: expected one of list, describe, delete'],
    [['groups', 'lst'], "did you mean 'streams groups list'?"],
    [['reset', 'x', '--to-latest', '--to-earliest'], 'expected at most one of'],
  ])('refuses %j', async (words, message) => {
    const outcome = await cli(...words);
    expect(outcome.code).toBe(2);
    expect(outcome.errors).toContain(message);
  });

  it('explains itself', async () => {
    const { out } = await cli('groups', '--help');
    expect(out).toContain('streams groups describe NAME…');
    const help = await runCli(['help', 'streams', 'groups', 'delete']);
    expect(help.out).toContain('--delete-all-internal-topics');
    expect((await runCli(['help', 'streams'])).out).toContain('streams reset APPLICATION-ID');
  });
});

describe('millrace streams reset', () => {
  it('shows what it would do, and does it', async () => {
    await runToTheEnd('reset');
    const words = ['reset', 'reset', '--input-topics', 'orders'];
    const dry = await cli(...words, '--dry-run');
    expect(dry.code).toBe(0);
    expect(dry.out).toContain('would delete reset-counts-changelog');
    expect(dry.errors).toBe('dry run: nothing has been changed\n');
    expect(await offsetsOf('reset')).toBe(10);
    const done = await cli(...words, '-o', 'json');
    expect(done.code).toBe(0);
    expect(done.errors).toContain('local state is not touched');
    const { offsets, deletedTopics, executed } = JSON.parse(done.out);
    expect([deletedTopics, executed]).toEqual([['reset-counts-changelog'], true]);
    expect(offsets).toMatchObject([
      { topic: 'orders', partition: 0, newOffset: 0 },
      { topic: 'orders', partition: 1, newOffset: 0 },
    ]);
    expect(await offsetsOf('reset')).toBe(0);
    expect(await topicNames()).not.toContain('reset-counts-changelog');
  });

  it('moves inputs to where it is told, and names topics that are not there', async () => {
    await runToTheEnd('moved');
    const words = ['reset', '--application-id', 'moved', '--input-topics', 'orders,never'];
    const moved = await cli(...words, '--to-offset', '2');
    expect(moved.code).toBe(1);
    expect(moved.errors).toContain('there is no topic never');
    expect(await offsetsOf('moved')).toBe(4);
  });

  it('leaves an application alone that runs', async () => {
    await using _app = await counting('busy').start();
    const refused = await cli('reset', 'busy', '--input-topics', 'orders');
    expect(refused).toMatchObject({ code: 1, out: '' });
    expect(refused.errors).toContain('application busy is still active with 1 members');
    expect(await topicNames()).toContain('busy-counts-changelog');
  });

  it('deletes no topic that is not internal', async () => {
    const refused = await cli('reset', 'x', '--internal-topics', 'orders');
    expect(refused.code).toBe(2);
    expect(refused.errors).toContain('orders is no internal topic of x');
  });
});
