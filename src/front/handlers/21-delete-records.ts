import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  DeleteRecordsRequest,
  DeleteRecordsRequestDeleteRecordsPartition,
  DeleteRecordsResponse,
  DeleteRecordsResponseDeleteRecordsPartitionResult,
} from '../../protocol/schema/21-delete-records.ts';
import { deletedByAll } from '../partitions/deleted-by-all.ts';
import { errorOfPartition } from '../partitions/partition-errors.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import type { TopicMirror } from '../partitions/topic-mirror.ts';
import type { Services } from '../requests/front-services.ts';
import type { Handler } from '../requests/handler.ts';
import { forEach } from '../requests/needed-action.ts';
import { answerEach } from './each-partition.ts';

type ServiceName = 'partitions' | 'workers' | 'checkpoints' | 'rights' | 'clock' | 'kafka';
type Needed = Services<ServiceName>;

type Answer = DeleteRecordsResponseDeleteRecordsPartitionResult;

const NO_WATERMARK = -1;

/** DeleteRecords (21), versions 0 to 2: raises the start of a log, -1 to the high watermark. */
export const deleteRecords: Handler<DeleteRecordsRequest, DeleteRecordsResponse, ServiceName> = {
  key: API.DELETE_RECORDS,
  versions: '0-2',
  needs: [forEach('DELETE', 'TOPIC')],
  async handle(request, call, services) {
    const topics = await answerEach(request.topics, indexOf, (name, asked, isRepeated) => {
      if (!services.rights.allows(call, 'DELETE', 'TOPIC', name)) {
        return failed(asked.partitionIndex, ERROR.TOPIC_AUTHORIZATION_FAILED);
      }
      if (isRepeated) return failed(asked.partitionIndex, ERROR.INVALID_REQUEST);
      const topic = services.partitions.topicByName(name);
      return answerFor(topic, asked, request.timeoutMs, services);
    });
    // What was answered as gone must not come back after a crash.
    await services.checkpoints.save();
    if (services.checkpoints.failure !== '') {
      for (const { partitions } of topics) partitions.forEach(refuseUnsaved);
    }
    return { topics };
  },
};

function indexOf({ partitionIndex }: DeleteRecordsRequestDeleteRecordsPartition): number {
  return partitionIndex;
}

function failed(partitionIndex: number, errorCode: number): Answer {
  return { partitionIndex, lowWatermark: NO_WATERMARK, errorCode };
}

function refuseUnsaved(answer: Answer): void {
  if (answer.errorCode !== 0) return;
  answer.errorCode = ERROR.KAFKA_STORAGE_ERROR;
  answer.lowWatermark = NO_WATERMARK;
}

function answerFor(
  topic: TopicMirror | undefined,
  asked: DeleteRecordsRequestDeleteRecordsPartition,
  timeoutMs: number,
  services: Needed,
): Answer | Promise<Answer> {
  const { partitionIndex, offset } = asked;
  const mirror = topic?.partitions[partitionIndex];
  const error = errorOfPartition(mirror);
  if (error !== 0) return failed(partitionIndex, error);
  if (topic!.internal) return failed(partitionIndex, ERROR.INVALID_TOPIC_EXCEPTION);
  if (!topic!.config.delete) return failed(partitionIndex, ERROR.POLICY_VIOLATION);
  return deleteBefore(mirror!, offset, timeoutMs, services);
}

async function deleteBefore(
  mirror: PartitionMirror,
  offset: number,
  timeoutMs: number,
  services: Needed,
): Promise<Answer> {
  const { worker, slot, index: partitionIndex } = mirror;
  const answer = await services.workers.control(worker, { kind: 'delete-records', slot, offset });
  if (answer.error !== 0) return failed(partitionIndex, answer.error);
  if (!mirror.isShared) return { partitionIndex, lowWatermark: answer.offset, errorCode: 0 };
  return { partitionIndex, ...(await deletedByAll(mirror, answer.offset, timeoutMs, services)) };
}
