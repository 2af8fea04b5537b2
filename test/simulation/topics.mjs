/** Topics as clients make them. A place is one partition of one topic id, with what was sent there. */
import { API, ERROR, ZERO_UUID } from '../../dist/protocol/index.js';
import { buildBatch } from '../../dist/records/batch-builder.js';

const CREATE_VERSION = 7;
const METADATA_VERSION = 12;
const PRODUCE_VERSION = 12;
const ACKS_ALL = -1;

/** Makes a topic, with a client that asks until it is there. */
export async function makeTopic(client, name, partitions, mayBeGone) {
  const { random, history } = client;
  const segmentBytes = String(random.pick([1500, 6000, 100_000]));
  const configs = [{ name: 'internal.segment.bytes', value: segmentBytes }];
  const draft = { name, numPartitions: partitions, replicationFactor: 1, assignments: [], configs };
  for (;;) {
    const body = { topics: [draft], timeoutMs: 10_000, validateOnly: false };
    const answer = await client.ask(API.CREATE_TOPICS, CREATE_VERSION, body);
    const { errorCode } = answer.topics[0];
    if (errorCode === ERROR.NONE || errorCode === ERROR.TOPIC_ALREADY_EXISTS) break;
    history.count(`create ${errorCode}`);
    await client.pause();
  }
  const id = await idOf(client, name);
  history.note(`made ${name} ${id}`);
  const topic = { name, id, isDeleted: false, mayBeGone, places: [] };
  for (let partition = 0; partition < partitions; partition++) {
    // By name it would be taken by the next topic of the name as well.
    const isById = mayBeGone || random.chance(0.5);
    const place = { topic, topicId: id, partition, name: `${name}-${partition}` };
    topic.places.push({ ...place, sent: new Set(), isById });
  }
  return topic;
}

/** Appends this many records at least, which no loss of power takes away. */
export async function fill(client, { topic, partition }, count) {
  const records = Array.from({ length: count }, () => ({ key: null, value: null }));
  const partitionData = [{ index: partition, records: buildBatch(records, {}) }];
  const topicData = [{ name: topic.name, topicId: topic.id, partitionData }];
  const body = { transactionalId: null, acks: ACKS_ALL, timeoutMs: 30_000, topicData };
  for (;;) {
    const answer = await client.ask(API.PRODUCE, PRODUCE_VERSION, body);
    if (answer.responses[0].partitionResponses[0].errorCode === ERROR.NONE) return;
    await client.pause();
  }
}

async function idOf(client, name) {
  for (;;) {
    const answer = await client.ask(API.METADATA, METADATA_VERSION, {
      topics: [{ topicId: ZERO_UUID, name }],
      allowAutoTopicCreation: false,
      includeTopicAuthorizedOperations: false,
    });
    const [topic] = answer.topics;
    if (topic.errorCode === ERROR.NONE) return topic.topicId;
    await client.pause();
  }
}
