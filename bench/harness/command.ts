/** A scenario as a command line: how its options are read, and how one broker takes its turn. */

import type { Figures } from '../figures.ts';
import type { Path } from '../limits/distance.ts';
import type { RivalName } from '../scenario.ts';
import type { Contestant } from './contestant.ts';
import type { Options, OptionTable } from './option-table.ts';

export interface Timing {
  readonly warmupSeconds: number;
  readonly seconds: number;
  /** Where CPU profiles of the clients go; empty: none are made. */
  readonly profileFolder: string;
  /** For what takes long. */
  readonly note: (text: string) => void;
}

/** `result`: what the turn has measured besides its figures, for the JSON. */
export interface TurnOutcome {
  readonly figures: Figures;
  readonly result?: object;
}

export type TakeTurn = (who: Contestant, timing: Timing) => Promise<TurnOutcome>;

export interface Command {
  readonly name: string;
  readonly summary: string;
  readonly options: OptionTable;
  /** Who can do the same. */
  readonly rivals: readonly RivalName[];
  /** Of a turn, besides its warm-up and its measured time; undefined: neither counts. */
  readonly seconds?: number;
  /** What a load does to its bytes, by which its distance from the machine's limits is told. */
  path?(options: Options): Path;
  /** Throws where options do not go together. */
  plan(options: Options): TakeTurn;
}
