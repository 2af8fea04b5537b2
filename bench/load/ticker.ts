/** Thread of the pacer: sleeps to the next tick of the schedule and rings. */
import { workerData } from 'node:worker_threads';
import { native } from '#millrace/log/native';
import type { BellHandle } from '#millrace/log/native-calls';

interface TickerData {
  readonly bell: BellHandle;
  readonly tickMs: number;
  readonly startMs: number;
}

/** The kernel wakes a sleeper so much late: aim that much early (see EARLY_MS of the pacer). */
const SLACK_MS = 0.05;

const { bell, tickMs, startMs } = workerData as TickerData;
const never = new Int32Array(new SharedArrayBuffer(4));

function nowMs(): number {
  const [seconds, nanos] = process.hrtime();
  return seconds * 1000 + nanos / 1e6;
}

for (let tick = Math.max(0, Math.ceil((nowMs() - startMs) / tickMs)); ; tick++) {
  const dueMs = startMs + tick * tickMs;
  const leftMs = dueMs - nowMs() - SLACK_MS;
  if (leftMs > 0) Atomics.wait(never, 0, 0, leftMs);
  native.ringBell(bell);
}
