import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { Admin } from '../../../src/client/admin/admin.ts';
import type { CommittedOffset } from '../../../src/client/admin/group-offset-admin.ts';
import { required } from '../../../src/client/admin/outcome.ts';
import { CLIENT_DEFAULTS } from '../../../src/client/config/client-options.ts';
import { isKafkaError } from '../../../src/client/errors/kafka-error.ts';
import { ClusterLink } from '../../../src/client/metadata/cluster-link.ts';
import { LANE } from '../../../src/client/net/lane.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { encodeVersioned } from '../../../src/protocol/message-bytes.ts';
import {
  CONSUMER_PROTOCOL_ASSIGNMENT,
  CONSUMER_PROTOCOL_SUBSCRIPTION,
} from '../../../src/protocol/schema/consumer-protocol.ts';
import { type CliOutcome, runCli } from '../run-cli.ts';

let broker: EmbeddedBroker;
let admin: Admin;
let link: ClusterLink;

beforeAll(async () => {
  broker = await startBroker();
  admin = new Admin({ bootstrapServers: broker.bootstrapServers });
  const settings = { ...CLIENT_DEFAULTS, bootstrapServers: broker.bootstrapServers };
  link = new ClusterLink(settings, { allowAutoTopicCreation: false });
  await broker.createTopic('t', { partitions: 2 });
  const servers = broker.bootstrapServers;
  await runCli(['produce', 't', '--partition', '0'], { servers, input: '1\n2\n3\n4\n5\n' });
  await runCli(['produce', 't', '--partition', '1'], { servers, input: '1\n2\n' });
});

afterAll(async () => {
  await admin.close();
  link.close();
  await broker.close();
});

function cli(...words: string[]): Promise<CliOutcome> {
  return runCli(['groups', ...words], { servers: broker.bootstrapServers });
}

function rowsOf(text: string): string[][] {
  const lines = text.trimEnd().split('\n').slice(1);
  return lines.map((line) => line.split(/\s+/));
}

async function commit(group: string, offsets: CommittedOffset[]): Promise<void> {
  for (const { outcome } of await admin.groupOffsets.alter(group, offsets)) required(outcome);
}

async function committedBy(group: string): Promise<CommittedOffset[]> {
  return required((await admin.groupOffsets.list([group])).get(group));
}

async function coordinatorOf(group: string) {
  await link.metadata.refresh();
  return link.network.connect(await link.groups.find(group), LANE.GROUP);
}

/** Joins with one member of the classic protocol that owns some partitions of t. */
async function joinClassic(group: string, partitions: number[]): Promise<string> {
  const metadata = encodeVersioned(CONSUMER_PROTOCOL_SUBSCRIPTION, 1, {
    topics: ['t'],
    userData: null,
    ownedPartitions: [],
  });
  const assignment = encodeVersioned(CONSUMER_PROTOCOL_ASSIGNMENT, 1, {
    assignedPartitions: [{ topic: 't', partitions }],
    userData: null,
  });
  const connection = await coordinatorOf(group);
  const join = (memberId: string) =>
    connection.ask(API.JOIN_GROUP, {
      groupId: group,
      sessionTimeoutMs: 30_000,
      rebalanceTimeoutMs: 30_000,
      memberId,
      groupInstanceId: null,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata }],
      reason: null,
    });
  const first = await join('');
  expect(first.errorCode).toBe(ERROR.MEMBER_ID_REQUIRED);
  const { memberId, generationId } = await join(first.memberId);
  await connection.ask(API.SYNC_GROUP, {
    groupId: group,
    generationId,
    memberId,
    groupInstanceId: null,
    protocolType: 'consumer',
    protocolName: 'range',
    assignments: [{ memberId, assignment }],
  });
  return memberId;
}

async function joinConsumer(group: string, memberId: string): Promise<void> {
  const connection = await coordinatorOf(group);
  const answer = await connection.ask(API.CONSUMER_GROUP_HEARTBEAT, {
    groupId: group,
    memberId,
    memberEpoch: 0,
    instanceId: null,
    rackId: null,
    rebalanceTimeoutMs: 30_000,
    subscribedTopicNames: ['t'],
    subscribedTopicRegex: null,
    serverAssignor: null,
    topicPartitions: [],
  });
  expect(answer.errorCode).toBe(ERROR.NONE);
}

describe('millrace groups reset-offsets', () => {
  const group = 'reset';

  beforeEach(() =>
    commit(group, [
      { topic: 't', partition: 0, offset: 3 },
      { topic: 't', partition: 1, offset: 1 },
    ]),
  );

  it('only shows what it would do unless it is told to do it', async () => {
    const shown = await cli('reset-offsets', group, '--topic', 't', '--to-earliest');
    expect(shown.code).toBe(0);
    expect(shown.errors).toBe('dry run: nothing has been changed; --execute does it\n');
    expect(rowsOf(shown.out)).toEqual([
      [group, 't', '0', '3', '0', '-'],
      [group, 't', '1', '1', '0', '-'],
    ]);
    const committed = await committedBy(group);
    expect(committed.map(({ offset }) => offset)).toEqual([3, 1]);
  });

  it.each([
    { words: ['--all-topics', '--to-earliest'], expected: [0, 0] },
    { words: ['--topic', 't:1', '--to-latest'], expected: [3, 2] },
    { words: ['--topic', 't', '--to-offset', '4'], expected: [4, 2] },
    { words: ['--all-topics', '--shift-by', '-2'], expected: [1, 0] },
    { words: ['--all-topics', '--to-datetime', '2100-01-01T00:00:00Z'], expected: [5, 2] },
    { words: ['--all-topics', '--by-duration', 'P1D'], expected: [0, 0] },
  ])('moves the offsets with $words', async ({ words, expected }) => {
    const done = await cli('reset-offsets', group, ...words, '--execute', '-o', 'json');
    expect([done.code, done.errors]).toEqual([0, '']);
    expect(JSON.parse(done.out)).toMatchObject({ group, executed: true });
    const committed = await committedBy(group);
    expect(committed.map(({ offset }) => offset)).toEqual(expected);
  });

  it('makes a group that is not there', async () => {
    await cli('reset-offsets', '--group', 'fresh', '--topic', 't:1', '--to-latest', '--execute');
    const committed = await committedBy('fresh');
    expect(committed).toMatchObject([{ topic: 't', partition: 1, offset: 2 }]);
  });

  it.each([
    [['--to-latest'], 'expected either --topic or --all-topics'],
    [['--topic', 't:7', '--to-latest'], 'topic t has 2 partitions, there is no 7'],
  ])('refuses %j', async (words, message) => {
    const outcome = await cli('reset-offsets', group, ...words);
    expect(outcome.code).toBe(2);
    expect(outcome.errors).toContain(message);
  });

  it('leaves a group with members alone', async () => {
    await joinClassic('busy', [0, 1]);
    const outcome = await cli('reset-offsets', 'busy', '--topic', 't', '--to-latest', '--execute');
    expect(outcome).toMatchObject({ code: 1, out: '' });
    expect(outcome.errors).toContain('it is Stable with 1 members');
  });
});

describe('millrace groups', () => {
  it('shows lag and owners of a classic group', async () => {
    const memberId = await joinClassic('classic', [0]);
    const described = await cli('describe', 'classic');
    const host = '/127.0.0.1';
    expect(rowsOf(described.out)).toEqual([
      ['classic', 't', '0', '-', '5', '-', memberId, host, 'millrace'],
    ]);
    const members = await cli('describe', 'classic', '--members', '-o', 'json');
    expect(JSON.parse(members.out)).toMatchObject([
      { group: 'classic', memberId, assignment: [{ topic: 't', partitions: [0] }] },
    ]);
  });

  it('shows a group of the consumer protocol', async () => {
    const memberId = 'AAAAAAAAAAAAAAAAAAAAAQ';
    await joinConsumer('modern', memberId);
    const state = await cli('describe', 'modern', '--state', '-o', 'json');
    expect(JSON.parse(state.out)).toMatchObject([
      { groupId: 'modern', type: 'consumer', members: 1, coordinator: { port: broker.port } },
    ]);
    const members = await cli('describe', '--group', 'modern', '--members');
    expect(members.out).toContain(memberId);
    expect(members.out).toContain('t(0,1)');
    const listed = await cli('list', '--type', 'consumer', '-o', 'json');
    expect(JSON.parse(listed.out)).toMatchObject([{ groupId: 'modern', type: 'consumer' }]);
  });

  it('shows the lag of a group without members, and of a topic that is gone', async () => {
    await broker.createTopic('gone', { partitions: 1 });
    await commit('idle', [
      { topic: 't', partition: 0, offset: 3 },
      { topic: 'gone', partition: 0, offset: 0 },
    ]);
    const shown = await cli('describe', 'idle', '-o', 'json');
    expect(shown.errors).toBe('group idle has no members\n');
    expect(JSON.parse(shown.out)).toMatchObject([
      { topic: 'gone', currentOffset: 0, logEndOffset: 0, lag: 0, memberId: null },
      { topic: 't', currentOffset: 3, logEndOffset: 5, lag: 2 },
    ]);
  });

  it('forgets offsets and deletes groups', async () => {
    await commit('old', [
      { topic: 't', partition: 0, offset: 1 },
      { topic: 't', partition: 1, offset: 1 },
    ]);
    expect((await cli('delete-offsets', 'old', '--topic', 't:0')).code).toBe(0);
    expect(await committedBy('old')).toMatchObject([{ partition: 1, offset: 1 }]);
    const outcome = await cli('delete', 'old', 'never');
    expect(outcome.out).toBe('deleted old\n');
    expect(outcome.errors).toContain('group never: ');
    expect(outcome.code).toBe(1);
    const found = (await admin.groups.describe(['old'])).get('old');
    expect(isKafkaError(found, 'GROUP_ID_NOT_FOUND')).toBe(true);
  });

  it('lists by state and type, and knows what these may be', async () => {
    await commit('listed', [{ topic: 't', partition: 0, offset: 1 }]);
    const listed = await cli('list', '--state', 'stable,EMPTY', '--type', 'classic');
    expect(listed.out).toMatch(/^listed +classic +- +Empty$/m);
    for (const wrong of [
      ['--state', 'idle'],
      ['--type', 'classic,modern'],
    ]) {
      const outcome = await cli('list', ...wrong);
      expect(outcome).toMatchObject({ code: 2, out: '' });
      expect(outcome.errors).toMatch(/ (idle|modern): expected one of .*(Empty|Consumer)/);
    }
  });

  it('shows the groups that are there beside one that is not', async () => {
    await commit('there', [{ topic: 't', partition: 0, offset: 1 }]);
    const outcome = await cli('describe', 'nobody', 'there');
    expect(outcome.code).toBe(1);
    expect(rowsOf(outcome.out)).toMatchObject([['there', 't', '0', '1', '5', '4', '-', '-', '-']]);
    expect(outcome.errors).toContain('group nobody: ');
  });

  it('names a group that is not there', async () => {
    const outcome = await cli('describe', 'nobody');
    expect(outcome).toMatchObject({ code: 1, out: '' });
    expect(outcome.errors).toMatch(/^millrace: group nobody: .*\(GROUP_ID_NOT_FOUND\)\n$/);
  });
});
