import { ERROR } from '../../base/kafka-errors.ts';
import type { PartitionMetadata, TopicMetadata } from '../../metadata/image.ts';
import { errorOfTopicName } from '../../metadata/topic-name.ts';
import { API } from '../../protocol/api-keys.ts';
import { OPERATIONS_NOT_ASKED } from '../../protocol/operations-not-asked.ts';
import type {
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
  DescribeTopicPartitionsResponseTopic,
} from '../../protocol/schema/75-describe-topic-partitions.ts';
import { ZERO_UUID } from '../../protocol/schema-dsl.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forEach } from '../requests/needed-action.ts';
import { tellTopicOperations } from './authorized-operations.ts';
import { PartitionDescriber, unknownTopic } from './topic-description.ts';

type ServiceName = 'metadata' | 'settings' | 'partitions' | 'endpoints' | 'rights';
type Needed = Services<ServiceName>;

type Topic = DescribeTopicPartitionsResponseTopic;

/**
 * DescribeTopicPartitions (75), version 0: topics by name, a bounded number of partitions a time.
 * The cursor of an answer says where the next one begins.
 */
export const describeTopicPartitions: Handler<
  DescribeTopicPartitionsRequest,
  DescribeTopicPartitionsResponse,
  ServiceName
> = {
  key: API.DESCRIBE_TOPIC_PARTITIONS,
  versions: '0',
  needs: [forEach('DESCRIBE', 'TOPIC')],
  handle(request, call, services) {
    const { cursor } = request;
    const asked = new Set(request.topics.map(({ name }) => name));
    const isBadCursor =
      cursor !== null &&
      (cursor.partitionIndex < 0 || (asked.size > 0 && !asked.has(cursor.topicName)));
    if (isBadCursor) {
      const topics = [...asked].map((name) => unknownTopic(name, ZERO_UUID, ERROR.INVALID_REQUEST));
      return { topics, nextCursor: null };
    }
    const { rights } = services;
    const isShown = (name: string): boolean =>
      request.topics.length === 0
        ? rights.allows(call, 'DESCRIBE', 'TOPIC', name)
        : rights.allowsNamed(call, 'DESCRIBE', 'TOPIC', name);
    const all = asked.size > 0 ? asked : services.metadata.image.topicsByName.keys();
    const hidden = [...asked]
      .filter((name) => !isShown(name))
      .map((name) => unknownTopic(name, ZERO_UUID, ERROR.TOPIC_AUTHORIZATION_FAILED));
    const shown = [...all].filter(isShown);
    const names = shown.filter((name) => cursor === null || name >= cursor.topicName).sort();
    const { describePartitionsMax } = services.settings.limits;
    const limit = Math.max(1, Math.min(describePartitionsMax, request.responsePartitionLimit));
    const answer = page(names, cursor, limit, new PartitionDescriber(call, services), services);
    tellTopicOperations(answer.topics, call, services.rights);
    return { ...answer, topics: [...hidden, ...answer.topics] };
  },
};

function page(
  names: readonly string[],
  cursor: DescribeTopicPartitionsRequest['cursor'],
  limit: number,
  describer: PartitionDescriber,
  services: Needed,
): Unthrottled<DescribeTopicPartitionsResponse> {
  const topics: Topic[] = [];
  let room = limit;
  for (const name of names) {
    const topic = services.metadata.image.topicsByName.get(name);
    if (topic === undefined) {
      const isLegal = errorOfTopicName(name) === null;
      const { UNKNOWN_TOPIC_OR_PARTITION, INVALID_TOPIC_EXCEPTION } = ERROR;
      const error = isLegal ? UNKNOWN_TOPIC_OR_PARTITION : INVALID_TOPIC_EXCEPTION;
      topics.push(unknownTopic(name, ZERO_UUID, error));
      continue;
    }
    const from = name === cursor?.topicName ? cursor.partitionIndex : 0;
    if (room === 0) {
      const nextCursor = { topicName: name, partitionIndex: from };
      return { topics, nextCursor };
    }
    const partitions = topic.partitions.slice(from, from + room);
    topics.push(describe(topic, partitions, describer));
    room -= partitions.length;
    const next = from + partitions.length;
    if (next < topic.partitions.length) {
      const nextCursor = { topicName: name, partitionIndex: next };
      return { topics, nextCursor };
    }
  }
  return { topics, nextCursor: null };
}

function describe(
  topic: TopicMetadata,
  partitions: readonly PartitionMetadata[],
  describer: PartitionDescriber,
): Topic {
  return {
    errorCode: 0,
    name: topic.name,
    topicId: topic.id,
    isInternal: topic.internal,
    // Here a partition without a leader is no error, as in Kafka.
    partitions: describer.describe(topic, partitions).map((each, i) => ({
      ...each,
      errorCode: 0,
      eligibleLeaderReplicas: [...(partitions[i]!.details?.eligibleLeaderReplicas ?? [])],
      lastKnownElr: [...(partitions[i]!.details?.lastKnownElr ?? [])],
    })),
    topicAuthorizedOperations: OPERATIONS_NOT_ASKED,
  };
}
