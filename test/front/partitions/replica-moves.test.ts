import { expect, test } from 'vitest';
import { silentLogger } from '../../../src/base/logger.ts';
import { PartitionMirror } from '../../../src/front/partitions/partition-mirror.ts';
import type { Partitions } from '../../../src/front/partitions/partitions.ts';
import { ReplicaMoves } from '../../../src/front/partitions/replica-moves.ts';
import type { Workers } from '../../../src/front/partitions/workers.ts';

function mirrorOf(slot: number, worker: number): PartitionMirror {
  return new PartitionMirror(slot, worker, 'topic', 'id', slot, `/one/topic-${slot}`, 0);
}

test('the workers that copy share the rate of all moves', async () => {
  const told: string[] = [];
  let rate = 900;
  const workers: Pick<Workers, 'control' | 'tell'> = {
    tell: (worker, command) => {
      if (command.kind === 'copy-pace') told.push(`${worker}: ${command.bytesPerSecond}`);
    },
    control: (() => Promise.resolve({ error: 0 })) as unknown as Workers['control'],
  };
  const moves = new ReplicaMoves({
    partitions: { bySlot: () => undefined } as unknown as Partitions,
    workers,
    bytesPerSecond: () => rate,
    onMoved() {},
    onDiskFailed() {},
    assign: () => Promise.resolve(true),
    logger: silentLogger,
  });
  const taken = () => told.splice(0);
  const [first, second, third] = [mirrorOf(0, 0), mirrorOf(1, 0), mirrorOf(2, 1)];
  expect(await moves.start(first, '/two')).toBe(0);
  expect(taken()).toEqual(['0: 900']);
  await moves.start(second, '/two');
  expect(taken()).toEqual([]);
  await moves.start(third, '/two');
  expect(taken()).toEqual(['0: 450', '1: 450']);
  rate = 200;
  moves.pace();
  expect(taken()).toEqual(['0: 100', '1: 100']);
  // It is wanted where it lies: its move is over.
  await moves.start(third, '/one');
  expect(taken()).toEqual(['0: 200']);
});
