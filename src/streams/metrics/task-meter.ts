import type { NodeMeter } from './node-meter.ts';
import { Spread } from './spread.ts';

/** What is counted of a task while it works. */
export class TaskMeter {
  /** Parents before children. */
  readonly nodes: NodeMeter[] = [];
  /** Records that it took, those that could not be read as well. */
  processed = 0;
  /** By how much records were behind the highest timestamp of the task, in ms. */
  readonly lateness: Spread;
  /** How long the calls of punctuations took that were due together, in ms. */
  readonly punctuations = new Spread();

  constructor(lateness: Spread) {
    this.lateness = lateness;
  }
}
