import type { PartitionMirror } from './partition-mirror.ts';

/** A busy disk takes a millisecond or two for each directory that is made or renamed. */
const PARTITIONS_PER_COMMAND = 16;

export interface WorkerShare {
  readonly worker: number;
  readonly mirrors: readonly PartitionMirror[];
  readonly slots: readonly number[];
}

/** The partitions by worker, in parts of one command each. No command may hold a thread up. */
export function workerShares(
  mirrors: Iterable<PartitionMirror>,
  workerCount: number,
): WorkerShare[] {
  const byWorker: PartitionMirror[][] = Array.from({ length: workerCount }, () => []);
  for (const mirror of mirrors) byWorker[mirror.worker]!.push(mirror);
  return byWorker.flatMap((own, worker) => {
    const shares: WorkerShare[] = [];
    for (let from = 0; from < own.length; from += PARTITIONS_PER_COMMAND) {
      const some = own.slice(from, from + PARTITIONS_PER_COMMAND);
      shares.push({ worker, mirrors: some, slots: some.map(({ slot }) => slot) });
    }
    return shares;
  });
}
