import type { NodeMeter } from './node-meter.ts';
import { Spread } from './spread.ts';

/** Where no more records wait, each is measured; of a longer queue one of so many. */
const FEW_WAITING = 16;

/** What is counted of a task while it works. */
export class TaskMeter {
  /** Parents before children. */
  readonly nodes: NodeMeter[] = [];
  /** Records that it took, those that could not be read as well. */
  processed = 0;
  /** By how much records were behind the highest timestamp of the task, in ms; late ones alone. */
  readonly lateness: Spread;
  /** How long the calls of punctuations took that were due together, in ms. */
  readonly punctuations = new Spread();

  constructor(lateness: Spread) {
    this.lateness = lateness;
  }

  /** Counts a record. True where its age is measured, behind which so many wait. */
  next(waiting: number): boolean {
    this.processed++;
    return waiting < FEW_WAITING || this.processed % FEW_WAITING === 0;
  }
}
