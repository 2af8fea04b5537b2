import { ERROR } from '../base/kafka-errors.ts';
import type { BrokerConfig } from './config/broker-config.ts';
import { errorOfTopicConfig } from './config/validate-topic-config.ts';
import type { MetadataImage, TopicMetadata } from './image.ts';
import type { MetadataRecord } from './records.ts';
import { type Refusal, refusal } from './refusal.ts';
import { collisionForm, errorOfTopicName } from './topic-name.ts';

/** What planning needs besides the image. */
export interface TopicPlanContext {
  readonly config: BrokerConfig;
  readonly newTopicId: () => string;
}

export interface ManualAssignment {
  readonly partition: number;
  readonly replicas: readonly number[];
}

export interface NewTopic {
  readonly name: string;
  /** -1 takes num.partitions. */
  readonly partitions: number;
  /** -1 takes default.replication.factor. */
  readonly replicationFactor: number;
  readonly assignments?: readonly ManualAssignment[];
  readonly configs?: readonly { readonly name: string; readonly value: string | null }[];
}

/** A topic as a valid request makes it. */
export interface CreatedTopic {
  readonly id: string;
  readonly partitions: number;
  readonly replicationFactor: number;
  readonly configs: ReadonlyMap<string, string>;
}

export interface TopicPlan<Result> {
  readonly refused: Refusal | null;
  readonly result: Result | null;
  readonly records: readonly MetadataRecord[];
  /** How many partitions it makes or removes. */
  readonly partitionChanges: number;
}

/** One request adds this many partitions at most, as in Kafka. */
const PARTITIONS_PER_REQUEST_MAX = 10_000;

const refuse = <Result>(errorCode: number, message: string): TopicPlan<Result> =>
  refused(refusal(errorCode, message));

const refused = <Result>(why: Refusal): TopicPlan<Result> => ({
  refused: why,
  result: null,
  records: [],
  partitionChanges: 0,
});

export function planCreateTopic(
  image: MetadataImage,
  topic: NewTopic,
  context: TopicPlanContext,
): TopicPlan<CreatedTopic> {
  const { INVALID_TOPIC_EXCEPTION, TOPIC_ALREADY_EXISTS, INVALID_CONFIG } = ERROR;
  const { name } = topic;
  const nameError = errorOfTopicName(name);
  if (nameError !== null) return refuse(INVALID_TOPIC_EXCEPTION, nameError);
  if (image.topicsByName.has(name)) {
    return refuse(TOPIC_ALREADY_EXISTS, `Topic '${name}' already exists.`);
  }
  const other = image.namesByCollisionForm.get(collisionForm(name));
  if (other !== undefined) {
    const message = `Topic '${name}' collides with existing topic: ${other}`;
    return refuse(INVALID_TOPIC_EXCEPTION, message);
  }
  const sizes = sizesOf(image, topic, context.config);
  if ('errorCode' in sizes) return refused(sizes);
  const full = errorOfCount(image, sizes.partitions, context.config);
  if (full !== null) return refused(full);
  const configs = new Map<string, string>();
  for (const { name: configName, value } of topic.configs ?? []) {
    if (value === null) {
      return refuse(INVALID_CONFIG, `Null value not supported for topic configs: ${configName}`);
    }
    configs.set(configName, value);
  }
  const configError = errorOfTopicConfig(configs, context.config);
  if (configError !== null) return refuse(INVALID_CONFIG, configError);
  const { partitions } = sizes;
  const id = context.newTopicId();
  return {
    refused: null,
    result: { id, partitions, replicationFactor: 1, configs },
    partitionChanges: partitions,
    records: [
      { type: 'topic', name, id, partitions, replicas: [image.nodeId], configs: [...configs] },
    ],
  };
}

/** How many partitions the topic gets, each with one replica, or why it is refused. */
function sizesOf(
  image: MetadataImage,
  topic: NewTopic,
  config: BrokerConfig,
): { readonly partitions: number } | Refusal {
  const { INVALID_PARTITIONS, INVALID_REPLICATION_FACTOR, INVALID_REQUEST } = ERROR;
  const assignments = topic.assignments ?? [];
  if (assignments.length > 0) {
    const manual = 'A manual partition assignment was specified, but';
    if (topic.replicationFactor !== -1) {
      return refusal(INVALID_REQUEST, `${manual} replication factor was not set to -1.`);
    }
    if (topic.partitions !== -1) {
      return refusal(INVALID_REQUEST, `${manual} numPartitions was not set to -1.`);
    }
    const wrong = errorOfAssignments(image, assignments);
    return wrong ?? { partitions: assignments.length };
  }
  if (topic.replicationFactor < -1 || topic.replicationFactor === 0) {
    const message = 'Replication factor must be larger than 0, or -1 to use the default value.';
    return refusal(INVALID_REPLICATION_FACTOR, message);
  }
  if (topic.partitions < -1 || topic.partitions === 0) {
    const message = 'Number of partitions was set to an invalid non-positive value.';
    return refusal(INVALID_PARTITIONS, message);
  }
  const asked = topic.replicationFactor;
  const replicationFactor = asked === -1 ? config.number('default.replication.factor') : asked;
  const partitions = topic.partitions === -1 ? config.number('num.partitions') : topic.partitions;
  if (replicationFactor === 1) return { partitions };
  const message =
    `Unable to replicate the partition ${replicationFactor} time(s): The target replication ` +
    `factor of ${replicationFactor} cannot be reached because only 1 broker(s) are registered.`;
  return refusal(INVALID_REPLICATION_FACTOR, message);
}

function errorOfAssignments(
  image: MetadataImage,
  assignments: readonly ManualAssignment[],
): Refusal | null {
  const { INVALID_REPLICA_ASSIGNMENT } = ERROR;
  const seen = new Set<number>();
  for (const { partition, replicas } of assignments) {
    if (seen.has(partition)) {
      const message = `Found multiple manual partition assignments for partition ${partition}`;
      return refusal(INVALID_REPLICA_ASSIGNMENT, message);
    }
    seen.add(partition);
    const wrong = errorOfReplicas(image, replicas);
    if (wrong !== null) return wrong;
  }
  for (let index = 0; index < assignments.length; index++) {
    if (seen.has(index)) continue;
    const message = 'partitions should be a consecutive 0-based integer sequence';
    return refusal(INVALID_REPLICA_ASSIGNMENT, message);
  }
  return null;
}

/** What is wrong with a list of replicas. A node that is alone is the only possible replica. */
export function errorOfReplicas(image: MetadataImage, replicas: readonly number[]): Refusal | null {
  const { INVALID_REPLICA_ASSIGNMENT } = ERROR;
  if (replicas.length === 0) {
    const message = 'The manual partition assignment includes an empty replica list.';
    return refusal(INVALID_REPLICA_ASSIGNMENT, message);
  }
  const stranger = replicas.find((replica) => replica !== image.nodeId);
  const prefix = 'The manual partition assignment includes';
  if (stranger !== undefined) {
    const message = `${prefix} broker ${stranger}, but no such broker is registered.`;
    return refusal(INVALID_REPLICA_ASSIGNMENT, message);
  }
  if (replicas.length === 1) return null;
  const message = `${prefix} the broker ${image.nodeId} more than once.`;
  return refusal(INVALID_REPLICA_ASSIGNMENT, message);
}

function errorOfCount(image: MetadataImage, added: number, config: BrokerConfig): Refusal | null {
  const { POLICY_VIOLATION } = ERROR;
  if (added > PARTITIONS_PER_REQUEST_MAX) {
    return refusal(POLICY_VIOLATION, 'Excessively large number of partitions per request.');
  }
  const max = config.number('millrace.max.partitions');
  const held = image.partitionCount;
  if (held + added <= max) return null;
  const bound = `${max} partitions (millrace.max.partitions)`;
  const message = `The broker holds ${held} of at most ${bound}.`;
  return refusal(POLICY_VIOLATION, message);
}

export interface MorePartitions {
  readonly name: string;
  /** The wanted number of partitions, including the existing ones. */
  readonly count: number;
  /** One list of replicas for each added partition, or null to let the broker choose. */
  readonly assignments: readonly (readonly number[])[] | null;
}

export function planCreatePartitions(
  image: MetadataImage,
  wanted: MorePartitions,
  config: BrokerConfig,
): TopicPlan<TopicMetadata> {
  const { UNKNOWN_TOPIC_OR_PARTITION, INVALID_PARTITIONS, INVALID_REPLICA_ASSIGNMENT } = ERROR;
  const topic = image.topicsByName.get(wanted.name);
  if (topic === undefined) {
    return refuse(UNKNOWN_TOPIC_OR_PARTITION, 'This server does not host this topic-partition.');
  }
  const held = topic.partitions.length;
  const added = wanted.count - held;
  if (added === 0) return refuse(INVALID_PARTITIONS, `Topic already has ${held} partition(s).`);
  if (added < 0) {
    const message = `The topic ${wanted.name} currently has ${held} partition(s); `;
    return refuse(INVALID_PARTITIONS, `${message}${wanted.count} would not be an increase.`);
  }
  if (wanted.assignments !== null && wanted.assignments.length !== added) {
    const given = wanted.assignments.length;
    const message = `Attempted to add ${added} additional partition(s), but only ${given} `;
    return refuse(INVALID_REPLICA_ASSIGNMENT, `${message}assignment(s) were specified.`);
  }
  for (const replicas of wanted.assignments ?? []) {
    const wrong = errorOfReplicas(image, replicas);
    if (wrong !== null) return refused(wrong);
  }
  const full = errorOfCount(image, added, config);
  if (full !== null) return refused(full);
  const record = { id: topic.id, partitions: wanted.count, replicas: [image.nodeId] };
  const records = [{ type: 'partitions', ...record } as const];
  return { refused: null, result: topic, records, partitionChanges: added };
}

/** A topic to delete, by name or by id. */
export interface TopicReference {
  readonly name: string | null;
  readonly id: string | null;
}

export function planDeleteTopic(
  image: MetadataImage,
  reference: TopicReference,
  config: BrokerConfig,
): TopicPlan<TopicMetadata> {
  const { TOPIC_DELETION_DISABLED, UNKNOWN_TOPIC_ID, UNKNOWN_TOPIC_OR_PARTITION, INVALID_REQUEST } =
    ERROR;
  if (!config.boolean('delete.topic.enable')) {
    return refuse(TOPIC_DELETION_DISABLED, 'Topic deletion is disabled.');
  }
  const topic =
    reference.name === null
      ? image.topicsById.get(reference.id ?? '')
      : image.topicsByName.get(reference.name);
  if (topic === undefined) {
    return reference.name === null
      ? refuse(UNKNOWN_TOPIC_ID, 'This server does not host this topic ID.')
      : refuse(UNKNOWN_TOPIC_OR_PARTITION, 'This server does not host this topic-partition.');
  }
  if (topic.internal) {
    return refuse(INVALID_REQUEST, `Topic ${topic.name} is internal and cannot be deleted.`);
  }
  const { id, name } = topic;
  return {
    refused: null,
    result: topic,
    records: [{ type: 'topic-deleted', id, name, partitions: topic.partitions.length }],
    partitionChanges: topic.partitions.length,
  };
}
