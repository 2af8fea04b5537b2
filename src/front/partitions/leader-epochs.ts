import type { PartitionMirror } from './partition-mirror.ts';
import type { Workers } from './workers.ts';

/** What a partition's log knows of its leader epochs; a worker is asked only for past ones. */

interface EpochServices {
  readonly workers: Workers;
}

export interface EpochEnd {
  readonly errorCode: number;
  readonly epoch: number;
  readonly endOffset: number;
}

/** The largest epoch not above `epoch` and where it ended; -1 and -1 where the log knows none. */
export async function endOfEpoch(
  services: EpochServices,
  mirror: PartitionMirror,
  epoch: number,
): Promise<EpochEnd> {
  // The log gets its newest epoch with the first record of it. The answer must not wait for that.
  if (epoch === mirror.leaderEpoch) {
    return { errorCode: 0, epoch, endOffset: mirror.logEndOffset };
  }
  const { worker, slot } = mirror;
  const kind = 'end-of-epoch';
  const found = await services.workers.control(worker, { kind, slot, leaderEpoch: epoch });
  if (found.error !== 0) return { errorCode: found.error, epoch: -1, endOffset: -1 };
  return { errorCode: 0, epoch: found.leaderEpoch, endOffset: found.offset };
}

/** The epoch that covers the log's start. */
export async function epochOfStart(
  services: EpochServices,
  mirror: PartitionMirror,
): Promise<number> {
  const { worker, slot, leaderEpoch, logStartOffset, logEndOffset } = mirror;
  if (leaderEpoch === 0 || logStartOffset === logEndOffset) return leaderEpoch;
  const found = await services.workers.control(worker, { kind: 'first-epoch', slot });
  return found.error === 0 ? found.leaderEpoch : -1;
}
