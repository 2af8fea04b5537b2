import type { Clock } from '../../base/clock.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import type { PartitionMirror } from './partition-mirror.ts';
import type { Workers } from './workers.ts';

export interface DeletionServices {
  readonly workers: Pick<Workers, 'control'>;
  readonly clock: Clock;
  readonly kafka: { readonly stopping: boolean };
}

export interface Deleted {
  readonly errorCode: number;
  /** Below it all replicas on brokers that live have deleted their records; -1 where unknown. */
  readonly lowWatermark: number;
}

/** Between two looks at how far the replicas are. */
const LOOK_MS = 20;

/**
 * Waits until the replicas on other nodes have deleted what lies below `offset`: it would be back
 * once one of them leads.
 */
export async function deletedByAll(
  { worker, slot }: PartitionMirror,
  offset: number,
  timeoutMs: number,
  { workers, clock, kafka }: DeletionServices,
): Promise<Deleted> {
  const untilMs = clock.monotonicMs() + timeoutMs;
  for (;;) {
    const answer = await workers.control(worker, { kind: 'low-watermark', slot });
    if (answer.error !== 0) return { errorCode: answer.error, lowWatermark: -1 };
    const lowWatermark = answer.offset;
    if (lowWatermark >= offset) return { errorCode: 0, lowWatermark };
    if (clock.monotonicMs() >= untilMs || kafka.stopping) {
      return { errorCode: ERROR.REQUEST_TIMED_OUT, lowWatermark };
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}
