import type { NodeMeter } from './node-meter.ts';
import { Spread } from './spread.ts';

/** Where no more records wait, each is measured; of a longer queue one of so many. */
const FEW_WAITING = 16;
const NS_PER_MS = 1e6;

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
  /** How long it has processed records, in ms, and the time of a record in each turn, in ns. */
  busyMs = 0;
  readonly recordTimes = new Spread();
  #longestTurnMs = 0;

  constructor(lateness: Spread) {
    this.lateness = lateness;
  }

  /** It has processed so many records in one go. */
  onTurn(records: number, tookMs: number): void {
    this.busyMs += tookMs;
    if (tookMs > this.#longestTurnMs) this.#longestTurnMs = tookMs;
    this.recordTimes.add((tookMs * NS_PER_MS) / records);
  }

  /** How long it has kept its thread at most since it was asked last, in ms. */
  takeLongestTurn(): number {
    const longestMs = this.#longestTurnMs;
    this.#longestTurnMs = 0;
    return longestMs;
  }

  /** Counts a record. True where its age is measured, behind which so many wait. */
  next(waiting: number): boolean {
    this.processed++;
    return waiting < FEW_WAITING || this.processed % FEW_WAITING === 0;
  }
}
