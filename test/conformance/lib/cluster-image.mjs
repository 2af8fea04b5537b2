/** What a node says of the metadata of its cluster, in a form in which two nodes can be compared. */

import { Connection } from '#millrace/client/net/connection';
import { controllerSettings } from '#millrace/cluster/quorum/controller-settings';
import { API } from '#millrace/protocol/api-keys';

const PARTITIONS_AT_ONCE = 2_000;
const EQUAL_LIMIT_MS = 15_000;
const LOOK_MS = 100;
const TOPIC_RESOURCE = 2;

function connect(port) {
  const times = { requestTimeoutMs: 10_000, connectTimeoutMs: 10_000 };
  return Connection.open(
    { host: '127.0.0.1', port },
    controllerSettings(0, times, () => {}),
  );
}

const by = (key) => (one, other) => (one[key] < other[key] ? -1 : one[key] > other[key] ? 1 : 0);

/** Everything that the node at this port tells of its image. */
export async function imageAt(port) {
  const connection = await connect(port);
  try {
    return await askAll(connection);
  } finally {
    connection.close();
  }
}

async function askAll(connection) {
  const metadata = await connection.ask(API.METADATA, {
    topics: null,
    allowAutoTopicCreation: false,
    includeClusterAuthorizedOperations: false,
    includeTopicAuthorizedOperations: false,
  });
  const topics = metadata.topics.sort(by('name'));
  for (const { partitions } of topics) partitions.sort(by('partitionIndex'));
  return {
    clusterId: metadata.clusterId,
    brokers: metadata.brokers.sort(by('nodeId')),
    topics,
    described: await describeTopics(connection),
    cluster: await describeCluster(connection),
    features: await featuresOf(connection),
    configs: await configsOf(connection, topics),
    quotas: await quotasOf(connection),
    users: await usersOf(connection),
    acls: await aclsOf(connection),
  };
}

async function describeTopics(connection) {
  const described = new Map();
  let cursor = null;
  do {
    const answer = await connection.ask(API.DESCRIBE_TOPIC_PARTITIONS, {
      topics: [],
      responsePartitionLimit: PARTITIONS_AT_ONCE,
      cursor,
    });
    for (const topic of answer.topics) {
      const partitions = described.get(topic.name)?.partitions ?? [];
      partitions.push(...topic.partitions);
      described.set(topic.name, { ...topic, partitions });
    }
    cursor = answer.nextCursor;
  } while (cursor !== null);
  return [...described.values()].sort(by('name'));
}

async function describeCluster(connection) {
  const { brokers, clusterId } = await connection.ask(API.DESCRIBE_CLUSTER, {
    includeClusterAuthorizedOperations: false,
    endpointType: 1,
    includeFencedBrokers: true,
  });
  return { clusterId, brokers: brokers.sort(by('brokerId')) };
}

async function featuresOf(connection) {
  const answer = await connection.ask(API.API_VERSIONS, {
    clientSoftwareName: 'millrace',
    clientSoftwareVersion: '1',
  });
  return answer.finalizedFeatures.sort(by('name'));
}

/** What is set on each topic, without what brokers add. */
async function configsOf(connection, topics) {
  if (topics.length === 0) return [];
  const resources = topics.map(({ name }) => {
    return { resourceType: TOPIC_RESOURCE, resourceName: name, configurationKeys: null };
  });
  const { results } = await connection.ask(API.DESCRIBE_CONFIGS, {
    resources,
    includeSynonyms: false,
    includeDocumentation: false,
  });
  return results.sort(by('resourceName')).map(({ resourceName, configs }) => {
    const set = configs.filter(({ configSource }) => configSource === 1);
    return [resourceName, set.map(({ name, value }) => `${name}=${value}`).sort()];
  });
}

async function quotasOf(connection) {
  const asked = { components: [], strict: false };
  const { entries } = await connection.ask(API.DESCRIBE_CLIENT_QUOTAS, asked);
  return (entries ?? [])
    .map(({ entity, values }) => {
      return JSON.stringify({
        entity: entity.sort(by('entityType')),
        values: values.sort(by('key')),
      });
    })
    .sort();
}

async function usersOf(connection) {
  const { results } = await connection.ask(API.DESCRIBE_USER_SCRAM_CREDENTIALS, { users: null });
  return results.sort(by('user')).map(({ user, credentialInfos }) => [user, credentialInfos]);
}

async function aclsOf(connection) {
  const any = { resourceTypeFilter: 1, resourceNameFilter: null, patternTypeFilter: 1 };
  const { resources } = await connection.ask(API.DESCRIBE_ACLS, {
    ...any,
    principalFilter: null,
    hostFilter: null,
    operation: 1,
    permissionType: 1,
  });
  return resources
    .flatMap(({ acls, ...resource }) => acls.map((acl) => JSON.stringify({ ...resource, ...acl })))
    .sort();
}

/** Resolves once both nodes say the same; throws with the first difference where they never do. */
export async function untilEqual(port, otherPort) {
  const deadline = Date.now() + EQUAL_LIMIT_MS;
  for (;;) {
    const [one, other] = await Promise.all([imageAt(port), imageAt(otherPort)]);
    const different = Object.keys(one).filter((key) => text(one[key]) !== text(other[key]));
    if (different.length === 0) return one;
    if (Date.now() > deadline) {
      const [key] = different;
      throw new Error(`${key} differ: ${firstDifference(text(one[key]), text(other[key]))}`);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

/** With the keys of objects in order: the two decode the same messages in different versions. */
function text(value) {
  return JSON.stringify(value, (_key, each) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

function firstDifference(one, other) {
  let at = 0;
  while (one[at] === other[at]) at += 1;
  const from = Math.max(0, at - 150);
  return `${one.slice(from, at + 150)}\n    against ${other.slice(from, at + 150)}`;
}
