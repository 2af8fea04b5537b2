/**
 * How many records of each partition belong to the last `count` of all. Each partition gives the
 * same number. What a short partition cannot give, longer ones give.
 */
export function lastRecords(lengths: readonly number[], count: number): number[] {
  const shares = new Array<number>(lengths.length).fill(0);
  const fromShortest = [...lengths.keys()].sort((a, b) => lengths[a]! - lengths[b]!);
  let left = count;
  for (const [i, index] of fromShortest.entries()) {
    const share = Math.min(lengths[index]!, Math.floor(left / (lengths.length - i)));
    shares[index] = share;
    left -= share;
  }
  return shares;
}
