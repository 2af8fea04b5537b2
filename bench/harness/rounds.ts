/** Turns of all who take part, in rounds; a round in which others took the processors is repeated. */
import { availableParallelism } from 'node:os';
import type { Figures } from '../figures.ts';

/** Of all processors, what others may take before a turn is worth little. */
const MOST_OTHER = 0.1;

export interface Round<Result> {
  readonly result: Result;
  readonly figures: Figures;
}

export interface Rounds<Result> {
  /** By the name of who took the turns, in their order. */
  readonly kept: ReadonlyMap<string, readonly Round<Result>[]>;
  /** Rounds that were repeated. */
  readonly voided: number;
  /** Kept although others took the processors: there was no time for more. */
  readonly disturbed: number;
}

export function isDisturbed(figures: Figures): boolean {
  const { otherCpuSeconds, seconds } = figures;
  if (otherCpuSeconds === undefined || seconds === undefined) return false;
  return otherCpuSeconds > MOST_OTHER * seconds * availableParallelism();
}

/** A B, then B A: what changes on the machine in the meantime meets all of them. */
export async function takeRounds<Result>(
  names: readonly string[],
  count: number,
  /** So many rounds may be repeated. */
  spare: number,
  take: (name: string, round: number) => Promise<Round<Result>>,
): Promise<Rounds<Result>> {
  const kept = new Map<string, Round<Result>[]>(names.map((name) => [name, []]));
  let voided = 0;
  let disturbed = 0;
  for (let round = 0; round < count; ) {
    const order = (round + voided) % 2 === 0 ? names : [...names].reverse();
    const taken = new Map<string, Round<Result>>();
    for (const name of order) taken.set(name, await take(name, round));
    const isVoid = [...taken.values()].some(({ figures }) => isDisturbed(figures));
    if (isVoid && voided < spare) {
      voided++;
      continue;
    }
    if (isVoid) disturbed++;
    for (const [name, each] of taken) kept.get(name)!.push(each);
    round++;
  }
  return { kept, voided, disturbed };
}

/** Of each figure, how far the rounds lie apart: the widest distance over the middle one. */
export function spreadOf(rounds: readonly Figures[]): Figures {
  const spread: Record<string, number> = {};
  for (const name of Object.keys(rounds[0] ?? {})) {
    const values = rounds.map((each) => each[name] ?? 0).sort((one, other) => one - other);
    const middle = values[Math.floor((values.length - 1) / 2)]!;
    spread[name] = middle === 0 ? 0 : (values.at(-1)! - values[0]!) / middle;
  }
  return spread;
}
