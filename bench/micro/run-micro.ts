/** Runs a micro benchmark with tinybench and gathers its figures. */
import { Bench } from 'tinybench';
import type { MicroBench, MicroTask } from './micro-bench.ts';

export interface MicroFigures {
  readonly task: string;
  readonly nanosecondsPerOperation: number;
  /** Relative margin of error of the mean, in percent. */
  readonly errorPercent: number;
  /** Absent where bytes say nothing. */
  readonly mbPerSecond?: number;
  /** In the fastest call, which other work on the machine disturbed least. */
  readonly bestMbPerSecond?: number;
  /** Of the JavaScript heap, roughly. */
  readonly allocatedBytesPerOperation: number;
}

export interface MicroReport {
  readonly bench: string;
  readonly hash: string;
  readonly figures: readonly MicroFigures[];
}

const REAL_TIME_MS = 500;
const REAL_WARMUP_MS = 200;
const ALLOCATION_RUNS = 50;

export function runMicro(bench: MicroBench, smoke: boolean): MicroReport {
  const prepared = bench.prepare(smoke);
  try {
    const timing = smoke
      ? { time: 0, iterations: 1, warmup: false }
      : { time: REAL_TIME_MS, warmupTime: REAL_WARMUP_MS };
    const runner = new Bench({ name: bench.name, throws: true, ...timing });
    for (const task of prepared.tasks) runner.add(task.name, task.run);
    runner.runSync();
    const figures = prepared.tasks.map((task) => figuresOf(task, runner, smoke));
    return { bench: bench.name, hash: prepared.hash, figures };
  } finally {
    prepared.close?.();
  }
}

function figuresOf(task: MicroTask, runner: Bench, smoke: boolean): MicroFigures {
  const result = runner.getTask(task.name)?.result;
  if (result === undefined || !('latency' in result)) throw new Error(`${task.name} did not run`);
  const nanoseconds = (result.latency.mean * 1e6) / task.operations;
  return {
    task: task.name,
    nanosecondsPerOperation: nanoseconds,
    errorPercent: result.latency.rme,
    ...(task.bytes === 0 ? {} : speeds(task, nanoseconds, result.latency.min)),
    allocatedBytesPerOperation: smoke ? 0 : allocated(task),
  };
}

function speeds({ bytes, operations }: MicroTask, nanoseconds: number, leastMs: number) {
  const bestMbPerSecond = (bytes * operations) / (leastMs * 1000);
  return { mbPerSecond: (bytes / nanoseconds) * 1000, bestMbPerSecond };
}

/** The smallest of a few tries: a collection in between makes the difference useless. */
function allocated(task: MicroTask): number {
  let least = Number.POSITIVE_INFINITY;
  for (let run = 0; run < ALLOCATION_RUNS; run++) {
    const before = process.memoryUsage().heapUsed;
    task.run();
    const grown = process.memoryUsage().heapUsed - before;
    if (grown >= 0) least = Math.min(least, grown);
  }
  return Number.isFinite(least) ? least / task.operations : 0;
}
