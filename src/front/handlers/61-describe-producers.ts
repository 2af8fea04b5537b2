import { errorMessage } from '../../base/kafka-error-texts.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  DescribeProducersRequest,
  DescribeProducersResponse,
  DescribeProducersResponsePartitionResponse,
  DescribeProducersResponseTopicResponse,
} from '../../protocol/schema/61-describe-producers.ts';
import { errorOfPartition } from '../partitions/partition-errors.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forEach } from '../requests/needed-action.ts';
import { findPartition } from './partition-checks.ts';

type ServiceName = 'partitions' | 'workers' | 'rights';
type Needed = Services<ServiceName>;

type Answer = DescribeProducersResponsePartitionResponse;
type TopicAnswer = DescribeProducersResponseTopicResponse;

/** DescribeProducers (61), version 0. */
export const describeProducers: Handler<
  DescribeProducersRequest,
  DescribeProducersResponse,
  ServiceName
> = {
  key: API.DESCRIBE_PRODUCERS,
  versions: '0',
  needs: [forEach('READ', 'TOPIC')],
  async handle(request, call, services) {
    const asked = new Set<string>();
    const topics: TopicAnswer[] = [];
    const waiting: Promise<void>[] = [];
    for (const { name, partitionIndexes } of request.topics) {
      const topic: TopicAnswer = { name, partitions: [] };
      topics.push(topic);
      const fresh = freshIndexes(name, partitionIndexes, asked);
      // A topic that is named again makes no promise.
      if (!services.rights.allows(call, 'READ', 'TOPIC', name)) {
        topic.partitions = fresh.map((index) => failed(index, ERROR.TOPIC_AUTHORIZATION_FAILED));
      } else if (fresh.length > 0) waiting.push(fill(topic, fresh, services));
    }
    await Promise.all(waiting);
    return { topics };
  },
};

async function fill(topic: TopicAnswer, indexes: readonly number[], services: Needed) {
  const answers = indexes.map((index) => answerFor(topic.name, index, services));
  topic.partitions = await Promise.all(answers);
}

/** The indexes that the same request did not name before: an answer may be long. */
function freshIndexes(topic: string, indexes: readonly number[], asked: Set<string>): number[] {
  return indexes.filter((index) => {
    const key = `${topic} ${index}`;
    return !asked.has(key) && asked.add(key);
  });
}

async function answerFor(topic: string, index: number, services: Needed): Promise<Answer> {
  const mirror = findPartition(services, topic, index);
  const error = errorOfPartition(mirror);
  if (error !== 0) return failed(index, error);
  const { worker, slot } = mirror!;
  const answer = await services.workers.control(worker, { kind: 'producers', slot });
  if (answer.error !== 0) return failed(index, answer.error);
  const { producers } = answer;
  return {
    partitionIndex: index,
    errorCode: 0,
    errorMessage: null,
    activeProducers: [...producers],
  };
}

function failed(partitionIndex: number, errorCode: number): Answer {
  const message = errorMessage(errorCode);
  return { partitionIndex, errorCode, errorMessage: message, activeProducers: [] };
}
