import type { WorkerAdapter } from '../exchange/worker-adapter.ts';
import type { Parking } from '../ring/parking.ts';

/** What a worker does besides its commands. */
export interface Duties {
  /** Reads the clocks for the next batch. */
  beforeBatch(): void;
  /** A batch of commands is done: starts syncs, sends coalesced states, wakes the front. */
  afterBatch(): void;
  /** Runs what is due and returns for how many milliseconds nothing else will be. */
  runTimers(): number;
  readonly stopping: boolean;
}

/** Commands between two looks at timers and syncs. */
const BATCH_COMMANDS = 256;
/** The longest sleep. It bounds the harm of a lost wake, which should not happen. */
export const SLEEP_MAX_MS = 1000;

/** The loop of a worker thread: commands, timers, sleep. It never returns to the event loop. */
export function runDutyCycle(
  adapter: WorkerAdapter,
  inboxIsEmpty: () => boolean,
  parking: Parking,
  duties: Duties,
): void {
  let idleMs = duties.runTimers();
  while (!duties.stopping) {
    duties.beforeBatch();
    const count = adapter.drain(BATCH_COMMANDS);
    duties.afterBatch();
    if (count === BATCH_COMMANDS) continue;
    idleMs = duties.runTimers();
    parking.announce();
    if (inboxIsEmpty() && !duties.stopping) parking.sleep(Math.min(idleMs, SLEEP_MAX_MS));
    else parking.cancel();
  }
}
