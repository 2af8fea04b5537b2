/** A row of the table that the project is tuned for: what is sent, how, and what is wanted. */
export interface TableScenario {
  readonly name: string;
  readonly title: string;
  /** The command line that is held at `rate`; what its latency means, its command says. */
  readonly held: string;
  /**
   * Seconds before the held time is measured, where those of the run are too few: three processes
   * are new, and V8 compiles for some seconds what each does, on the cores that they share.
   */
  readonly heldWarmupSeconds?: number;
  /** The one that goes flat out, with records of 100 bytes and of 1 KB. */
  readonly flat: string;
  /** The table's figures: messages a second, and what holds at that rate. */
  readonly rate: number;
  readonly p99Ms: number;
  readonly memoryMib: number;
  /** Of one core. */
  readonly cpuPercent: number;
}
