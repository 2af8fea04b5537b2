import type { WorkerAdapter } from '../exchange/worker-adapter.ts';
import type { Parking } from '../ring/parking.ts';

/** What a worker does beside its commands. */
export interface Duties {
  /** Takes the time for the batch to come. */
  beforeBatch(): void;
  /** A batch of commands is through: start syncs, tell coalesced states, wake the front. */
  afterBatch(): void;
  /** Runs what is due and says for how long nothing else will be. */
  runTimers(): number;
  readonly stopping: boolean;
}

/** Commands between two looks at timers and syncs. */
const BATCH_COMMANDS = 256;
/** No sleep is longer, so that a lost wake, which cannot be, would still not hang a partition. */
export const SLEEP_MAX_MS = 1000;

/** A worker thread's whole life: commands, timers, sleep. It never returns to its event loop. */
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
