import { API } from '../../protocol/api-keys.ts';
import { ERROR } from '../../protocol/error-codes.ts';
import type {
  DeleteRecordsRequest,
  DeleteRecordsRequestDeleteRecordsPartition,
  DeleteRecordsResponse,
  DeleteRecordsResponseDeleteRecordsPartitionResult,
} from '../../protocol/schema/21-delete-records.ts';
import type { FrontContext } from '../front-context.ts';
import type { Handler } from '../handler.ts';
import type { TopicMirror } from '../topic-mirror.ts';
import { errorOfPartition } from './partition-checks.ts';

type Answer = DeleteRecordsResponseDeleteRecordsPartitionResult;

const NO_WATERMARK = -1;

/** DeleteRecords (21), versions 0 to 2: raises the start of a log, -1 to the high watermark. */
export const deleteRecords: Handler<DeleteRecordsRequest, DeleteRecordsResponse> = {
  key: API.DELETE_RECORDS,
  versions: '0-2',
  async handle(request, _call, front) {
    const topics = await Promise.all(
      request.topics.map(async ({ name, partitions }) => {
        const topic = front.partitions.topicByName(name);
        const answers = partitions.map((asked) => answerFor(topic, asked, front));
        return { name, partitions: await Promise.all(answers) };
      }),
    );
    // What was answered as gone must not come back after a crash.
    await front.saveCheckpoints();
    return { throttleTimeMs: 0, topics };
  },
};

async function answerFor(
  topic: TopicMirror | undefined,
  asked: DeleteRecordsRequestDeleteRecordsPartition,
  front: FrontContext,
): Promise<Answer> {
  const { partitionIndex, offset } = asked;
  const failed = (errorCode: number): Answer => {
    return { partitionIndex, lowWatermark: NO_WATERMARK, errorCode };
  };
  const mirror = topic?.partitions[partitionIndex];
  const error = errorOfPartition(mirror);
  if (error !== 0) return failed(error);
  if (topic!.internal) return failed(ERROR.INVALID_TOPIC_EXCEPTION);
  if (!topic!.config.delete) return failed(ERROR.POLICY_VIOLATION);
  const { worker, slot } = mirror!;
  const answer = await front.workers.control(worker, { kind: 'delete-records', slot, offset });
  if (answer.error !== 0) return failed(answer.error);
  return { partitionIndex, lowWatermark: answer.offset ?? NO_WATERMARK, errorCode: 0 };
}
