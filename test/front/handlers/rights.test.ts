import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { WireClient } from '../../support/wire-client.ts';

/**
 * What each right is needed for stands in the table of `front/rights`. Here everything named
 * `secret…` is denied to everybody. Nothing is said of the rest, which is allowed.
 */
const CONFIG = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'allow.everyone.if.no.acl.found': 'true',
  'millrace.http.listener': 'none',
};
const [TOPIC, GROUP, CLUSTER, TRANSACTIONAL_ID] = [2, 3, 4, 5];
const [LITERAL, PREFIXED, MATCH_ANY] = [3, 4, 1];
const [DENY, ALLOW, ALL, READ, CREATE, DELETE, DESCRIBE] = [2, 3, 2, 3, 5, 6, 8];

let broker: EmbeddedBroker;
let client: WireClient;
let secretId = '';

function denial(resourceType: number, resourceName: string, operation = ALL) {
  const resourcePatternType = resourceType === CLUSTER ? LITERAL : PREFIXED;
  const who = { principal: 'User:*', host: '*', operation, permissionType: DENY };
  return { resourceType, resourceName, resourcePatternType, ...who };
}

async function deny(...creations: ReturnType<typeof denial>[]) {
  const { results } = await client.ask(API.CREATE_ACLS, 3, { creations });
  expect(results.map(({ errorCode }) => errorCode)).toEqual(creations.map(() => 0));
}

beforeAll(async () => {
  broker = await startBroker({ config: CONFIG });
  client = await WireClient.open(broker.port);
  await broker.createTopic('free', { partitions: 1 });
  await broker.createTopic('secret', { partitions: 1 });
  const { topics } = await client.ask(API.METADATA, 12, {
    topics: [{ topicId: 'AAAAAAAAAAAAAAAAAAAAAA', name: 'secret' }],
  });
  secretId = topics[0]!.topicId;
  await deny(...[TOPIC, GROUP, TRANSACTIONAL_ID].map((type) => denial(type, 'secret')));
  // Who may make and delete all topics of the cluster needs no right on one.
  const onCluster = [CREATE, DELETE].map((each) => denial(CLUSTER, 'kafka-cluster', each));
  await deny(...onCluster, { ...denial(CLUSTER, 'kafka-cluster'), permissionType: ALLOW });
});

afterAll(async () => {
  client.close();
  await broker.close();
});

const commit = { partitionIndex: 0, committedOffset: 1, committedMetadata: '' };

describe('rights on topics', () => {
  test('hide them where all are asked for', async () => {
    const { topics } = await client.ask(API.METADATA, 9, { topics: null });
    expect(topics.map(({ name }) => name)).not.toContain('secret');
    expect(topics.map(({ name }) => name)).toContain('free');
    const all = { topics: [], responsePartitionLimit: 100, cursor: null };
    const pages = await client.ask(API.DESCRIBE_TOPIC_PARTITIONS, 0, all);
    expect(pages.topics.map(({ name }) => name)).not.toContain('secret');
  });

  test('tell no name to whom asks by an id', async () => {
    const topics = [{ topicId: secretId, name: null }];
    const answer = await client.ask(API.METADATA, 12, { topics });
    expect(answer.topics[0]).toMatchObject({
      errorCode: ERROR.TOPIC_AUTHORIZATION_FAILED,
      name: null,
    });
  });

  test('refuse one topic of several and serve the others', async () => {
    const topics = ['free', 'secret'].map((name) => ({ name, partitions: [commit] }));
    const request = { groupId: 'mixed', generationIdOrMemberEpoch: -1, memberId: '', topics };
    const answer = await client.ask(API.OFFSET_COMMIT, 8, request);
    const codes = answer.topics.map(({ name, partitions }) => [name, partitions[0]!.errorCode]);
    expect(new Map(codes as [string, number][])).toEqual(
      new Map([
        ['free', 0],
        ['secret', ERROR.TOPIC_AUTHORIZATION_FAILED],
      ]),
    );
    const asked = topics.map(({ name }) => ({ name, partitionIndexes: [0] }));
    const fetched = await client.ask(API.OFFSET_FETCH, 8, {
      groups: [{ groupId: 'mixed', topics: asked }],
    });
    const offsets = fetched.groups[0]!.topics.map(({ name, partitions }) => {
      return [name, partitions[0]!.committedOffset, partitions[0]!.errorCode];
    });
    expect(offsets.sort()).toEqual([
      ['free', 1, 0],
      ['secret', -1, ERROR.TOPIC_AUTHORIZATION_FAILED],
    ]);
  });

  test('are told as the operations that are allowed', async () => {
    const request = { topics: [{ name: 'free' }], includeTopicAuthorizedOperations: true };
    await deny(denial(TOPIC, 'free-but', READ));
    await broker.createTopic('free-but', { partitions: 1 });
    const { topics } = await client.ask(API.METADATA, 9, {
      ...request,
      topics: [{ name: 'free' }, { name: 'free-but' }],
    });
    const operations = topics.map((topic) => topic.topicAuthorizedOperations);
    expect(operations[0]! & (1 << READ)).not.toBe(0);
    expect(operations[1]! & (1 << READ)).toBe(0);
  });
});

describe('the rules themselves', () => {
  const filter = {
    resourceTypeFilter: GROUP,
    resourceNameFilter: null,
    patternTypeFilter: MATCH_ANY,
    principalFilter: null,
    hostFilter: null,
    operation: 1,
    permissionType: 1,
  };

  test('are described, once however often they are made, and deleted', async () => {
    await deny(denial(GROUP, 'rules', DESCRIBE), denial(GROUP, 'rules', DESCRIBE));
    await deny(denial(GROUP, 'rules', DESCRIBE));
    const named = { ...filter, resourceNameFilter: 'rules' };
    const described = await client.ask(API.DESCRIBE_ACLS, 3, named);
    expect(described.resources).toEqual([
      {
        resourceType: GROUP,
        resourceName: 'rules',
        patternType: PREFIXED,
        acls: [{ principal: 'User:*', host: '*', operation: DESCRIBE, permissionType: DENY }],
      },
    ]);
    const { filterResults } = await client.ask(API.DELETE_ACLS, 3, { filters: [named] });
    expect(filterResults[0]!.matchingAcls).toHaveLength(1);
    expect((await client.ask(API.DESCRIBE_ACLS, 3, named)).resources).toEqual([]);
  });

  test.each([
    ['an unknown resource', { resourceType: 99 }],
    ['an empty name', { resourceName: '' }],
    ['a principal without a type', { principal: 'alice' }],
    ['another name of the cluster', { resourceType: CLUSTER }],
    ['a pattern that only filters have', { resourcePatternType: 2 }],
    ['any operation', { operation: 1 }],
  ])('are refused with %s', async (_, over) => {
    const creations = [{ ...denial(GROUP, 'wrong'), ...over }];
    const { results } = await client.ask(API.CREATE_ACLS, 3, { creations });
    expect(results[0]!.errorCode).toBe(ERROR.INVALID_REQUEST);
  });
});

/** The last, because nothing can be altered after it. */
describe('rights on the cluster', () => {
  beforeAll(() => deny(denial(CLUSTER, 'kafka-cluster')));

  test('show the groups that may be described, where the cluster may not', async () => {
    await client.ask(API.OFFSET_COMMIT, 8, {
      groupId: 'seen',
      generationIdOrMemberEpoch: -1,
      memberId: '',
      topics: [{ name: 'free', partitions: [commit] }],
    });
    const { groups } = await client.ask(API.LIST_GROUPS, 4, { statesFilter: [] });
    expect(groups.map(({ groupId }) => groupId)).toContain('seen');
  });

  test('leave no operation to see', async () => {
    const asked = { topics: [], includeClusterAuthorizedOperations: true };
    expect((await client.ask(API.METADATA, 9, asked)).clusterAuthorizedOperations).toBe(0);
  });
});

test('without an authorizer nobody keeps rules', async () => {
  const open = await startBroker();
  const other = await WireClient.open(open.port);
  const { results } = await other.ask(API.CREATE_ACLS, 3, { creations: [denial(GROUP, 'x')] });
  expect(results[0]!.errorCode).toBe(ERROR.SECURITY_DISABLED);
  other.close();
  await open.close();
});
