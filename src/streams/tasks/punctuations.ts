import { EarliestFirst } from './earliest-first.ts';

/** Calls that are due again and again, on one clock. */
export class Punctuations<Node> {
  readonly #due = new EarliestFirst<Schedule<Node>>();

  /** The first call is due at `time`, the next ones each `intervalMs` after it. */
  schedule(
    node: Node,
    time: number,
    intervalMs: number,
    call: (timestamp: number) => void,
  ): { cancel(): void } {
    const schedule: Schedule<Node> = { node, time, intervalMs, call, isCancelled: false };
    this.#due.push(schedule);
    return {
      cancel: () => {
        schedule.isCancelled = true;
      },
    };
  }

  /** When the next call is due; infinite where nothing is scheduled. */
  get nextTime(): number {
    return this.#due.peek()?.time ?? Number.POSITIVE_INFINITY;
  }

  /** Makes the calls that are due. A call that was missed more than once is made once. */
  run(
    now: number,
    punctuate: (node: Node, timestamp: number, call: (timestamp: number) => void) => void,
  ): boolean {
    const due = this.#due;
    let hasRun = false;
    while (this.nextTime <= now) {
      const schedule = due.pop()!;
      if (schedule.isCancelled) continue;
      punctuate(schedule.node, now, schedule.call);
      hasRun = true;
      if (schedule.isCancelled) continue;
      schedule.time = timeAfter(schedule, now);
      due.push(schedule);
    }
    return hasRun;
  }

  clear(): void {
    this.#due.clear();
  }
}

interface Schedule<Node> {
  readonly node: Node;
  readonly intervalMs: number;
  readonly call: (timestamp: number) => void;
  time: number;
  isCancelled: boolean;
}

/** Stays on the grid of the first call. */
function timeAfter({ time, intervalMs }: Schedule<unknown>, now: number): number {
  if (now < time + intervalMs) return time + intervalMs;
  return time + (Math.floor((now - time) / intervalMs) + 1) * intervalMs;
}
