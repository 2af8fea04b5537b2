/**
 * A process of the simulated world. Its timers end with it, wait while it is stopped, and go by its
 * clock. The world around the processes has one of its own that never ends.
 */
export class SimulatedProcess {
  isLive = true;
  /** As by SIGSTOP. */
  isStopped = false;
  /** How far its wall clock is ahead of the world's. */
  wallOffsetMs = 0;
  /** What came due while it was stopped. */
  held = [];
}
