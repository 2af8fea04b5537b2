/** What one broker reached in one command line. */
import type { Figures } from '../figures.ts';

export interface LineRow {
  readonly line: string;
  readonly broker: string;
  /** The middle one of the rounds, each figure by itself. */
  readonly figures: Figures;
  /** How far the rounds lie apart, over the middle one. */
  readonly spread: Figures;
  /** Others took the processors while it was measured. */
  readonly isDisturbed: boolean;
  /** Makes the row again, whatever the defaults are by then. */
  readonly command: string;
  /** What each turn has measured, in the order in which they were run. */
  readonly rounds: readonly object[];
}
