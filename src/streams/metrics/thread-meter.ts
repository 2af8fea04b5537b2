import { Spread } from './spread.ts';

/** What is measured of the loop that runs tasks, turn by turn; times are in ms. */
export class ThreadMeter {
  readonly startMs = Date.now();
  /** Turns in which fetched records were handed to tasks, and how many there were in each. */
  readonly polls = new Spread();
  readonly pollRecords = new Spread();
  /** Turns in which records were processed, how many there were, and the time for each. */
  readonly turns = new Spread();
  readonly turnRecords = new Spread();
  readonly recordTimes = new Spread();
  readonly commits = new Spread();
  /** Reading changelogs into tasks that will run. */
  readonly restores = new Spread();
  /** Reading changelogs into standbys. */
  readonly updates = new Spread();
  /** Writing restored rows down, with the offsets of their changelogs. */
  readonly checkpoints = new Spread();
  readonly assigned = new Spread();
  readonly revoked = new Spread();
  readonly lost = new Spread();
  /** For how long the loop waited for brokers: for memory of the producer, and for commits. */
  blockedMs = 0;

  onPolled(records: number, tookMs: number): void {
    this.polls.add(tookMs);
    this.pollRecords.add(records);
  }

  onProcessed(records: number, tookMs: number): void {
    if (records === 0) return;
    this.turns.add(tookMs);
    this.turnRecords.add(records);
    this.recordTimes.add(tookMs / records);
  }

  onCommitted(tookMs: number): void {
    this.commits.add(tookMs);
    this.blockedMs += tookMs;
  }
}
