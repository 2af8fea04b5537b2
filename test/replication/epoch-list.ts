import type { EpochEnds } from '../../src/replication/truncation-point.ts';

/** Epochs and where they start, with the answers of `LeaderEpochs` and without its file. */
export function epochsOf(...starts: readonly [epoch: number, startOffset: number][]): EpochEnds {
  const found = { foundEpoch: -1, foundEndOffset: -1 };
  return Object.assign(found, {
    endOffsetFor(epoch: number, logEndOffset: number): void {
      found.foundEpoch = -1;
      found.foundEndOffset = -1;
      if (starts.length === 0 || epoch > starts.at(-1)![0]) return;
      const next = starts.findIndex(([start]) => start > epoch);
      const known = next < 0 ? starts.at(-1) : starts[next - 1];
      found.foundEpoch = known?.[0] ?? epoch;
      found.foundEndOffset = next < 0 ? logEndOffset : starts[next]![1];
    },
  });
}
