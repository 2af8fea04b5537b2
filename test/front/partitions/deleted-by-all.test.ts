import { expect, test } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { deletedByAll } from '../../../src/front/partitions/deleted-by-all.ts';
import { PartitionMirror } from '../../../src/front/partitions/partition-mirror.ts';
import type { Workers } from '../../../src/front/partitions/workers.ts';

const MIRROR = new PartitionMirror(0, 0, 'topic', 'id', 0, '', 0);

/** The low watermark is what the test says, the last of it for ever. */
function services(...watermarks: readonly number[]) {
  const left = [...watermarks];
  const control = async () => {
    const offset = left.length > 1 ? left.shift()! : left[0]!;
    return offset < 0 ? { error: ERROR.NOT_LEADER_OR_FOLLOWER, reason: '' } : { error: 0, offset };
  };
  const workers = { control } as unknown as Workers;
  return { workers, clock: systemClock, kafka: { stopping: false } };
}

test('a deletion is over when the last replica has followed', async () => {
  const deleted = await deletedByAll(MIRROR, 5, 10_000, services(0, 3, 5));
  expect(deleted).toEqual({ errorCode: 0, lowWatermark: 5 });
});

test('a replica that does not follow in time is told of, and another leader too', async () => {
  const late = await deletedByAll(MIRROR, 5, 0, services(3));
  expect(late).toEqual({ errorCode: ERROR.REQUEST_TIMED_OUT, lowWatermark: 3 });
  const moved = await deletedByAll(MIRROR, 5, 10_000, services(3, -1));
  expect(moved).toEqual({ errorCode: ERROR.NOT_LEADER_OR_FOLLOWER, lowWatermark: -1 });
});
