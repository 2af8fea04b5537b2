import { API } from '../../protocol/api-keys.ts';
import { errorMessage } from '../../protocol/error-messages.ts';
import type {
  DescribeProducersRequest,
  DescribeProducersResponse,
  DescribeProducersResponsePartitionResponse,
} from '../../protocol/schema/61-describe-producers.ts';
import type { FrontContext } from '../front-context.ts';
import type { Handler } from '../handler.ts';
import { errorOfPartition, findPartition } from './partition-checks.ts';

type Answer = DescribeProducersResponsePartitionResponse;

/** No transaction marker was ever written for the producer. */
const NO_COORDINATOR_EPOCH = -1;

/** DescribeProducers (61), version 0. */
export const describeProducers: Handler<DescribeProducersRequest, DescribeProducersResponse> = {
  key: API.DESCRIBE_PRODUCERS,
  versions: '0',
  async handle(request, _call, front) {
    const asked = new Set<string>();
    const topics = await Promise.all(
      request.topics.map(async ({ name, partitionIndexes }) => {
        const answers = freshIndexes(name, partitionIndexes, asked).map((index) =>
          answerFor(name, index, front),
        );
        return { name, partitions: await Promise.all(answers) };
      }),
    );
    return { throttleTimeMs: 0, topics };
  },
};

/** Those that were not asked for before in the same request: an answer may be long. */
function freshIndexes(topic: string, indexes: readonly number[], asked: Set<string>): number[] {
  return indexes.filter((index) => {
    const key = `${topic} ${index}`;
    return !asked.has(key) && asked.add(key);
  });
}

async function answerFor(topic: string, index: number, front: FrontContext): Promise<Answer> {
  const mirror = findPartition(front, topic, index);
  const error = errorOfPartition(mirror);
  if (error !== 0) return failed(index, error);
  const { worker, slot } = mirror!;
  const answer = await front.workers.control(worker, { kind: 'producers', slot });
  if (answer.error !== 0) return failed(index, answer.error);
  const activeProducers = (answer.producers ?? []).map((producer) => ({
    ...producer,
    coordinatorEpoch: NO_COORDINATOR_EPOCH,
  }));
  return { partitionIndex: index, errorCode: 0, errorMessage: null, activeProducers };
}

function failed(partitionIndex: number, errorCode: number): Answer {
  const message = errorMessage(errorCode);
  return { partitionIndex, errorCode, errorMessage: message, activeProducers: [] };
}
