import { API } from '../../protocol/api-keys.ts';
import type {
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochRequestOffsetForLeaderPartition,
  OffsetForLeaderEpochResponse,
  OffsetForLeaderEpochResponseEpochEndOffset,
} from '../../protocol/schema/23-offset-for-leader-epoch.ts';
import type { FrontContext } from '../front-context.ts';
import type { Handler } from '../handler.ts';
import { endOfEpoch } from '../leader-epochs.ts';
import { errorOfPartition, findPartition } from './partition-checks.ts';

type Answer = OffsetForLeaderEpochResponseEpochEndOffset;

const UNKNOWN = -1;

/** OffsetForLeaderEpoch (23), versions 2 to 4: how a client finds out that a tail was lost. */
export const offsetForLeaderEpoch: Handler<
  OffsetForLeaderEpochRequest,
  OffsetForLeaderEpochResponse
> = {
  key: API.OFFSET_FOR_LEADER_EPOCH,
  versions: '2-4',
  async handle(request, _call, front) {
    const topics = await Promise.all(
      request.topics.map(async ({ topic, partitions }) => {
        const answers = partitions.map((asked) => answerFor(topic, asked, front));
        return { topic, partitions: await Promise.all(answers) };
      }),
    );
    return { throttleTimeMs: 0, topics };
  },
};

async function answerFor(
  topic: string,
  asked: OffsetForLeaderEpochRequestOffsetForLeaderPartition,
  front: FrontContext,
): Promise<Answer> {
  const { partition, currentLeaderEpoch, leaderEpoch } = asked;
  const mirror = findPartition(front, topic, partition);
  const error = errorOfPartition(mirror, currentLeaderEpoch);
  if (error !== 0) return answer(partition, error, UNKNOWN, UNKNOWN);
  await front.loader.load(mirror!);
  const loadError = errorOfPartition(mirror, currentLeaderEpoch);
  if (loadError !== 0) return answer(partition, loadError, UNKNOWN, UNKNOWN);
  const found = await endOfEpoch(front, mirror!, leaderEpoch);
  return answer(partition, found.errorCode, found.epoch, found.endOffset);
}

function answer(
  partition: number,
  errorCode: number,
  leaderEpoch: number,
  endOffset: number,
): Answer {
  return { errorCode, partition, leaderEpoch, endOffset };
}
