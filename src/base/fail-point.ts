/**
 * Named places at which crash tests end the process, as a power switch would. Product code calls
 * `failPoint` only where it is not null, which costs a load and a compare.
 */
export let failPoint: ((name: string) => void) | null = null;

export function installFailPoint(reached: ((name: string) => void) | null): void {
  failPoint = reached;
}

/** What happens to the process, or to the thread that reached the place. */
const ACTIONS: Readonly<Record<string, () => void>> = {
  kill() {
    process.kill(process.pid, 'SIGKILL');
    // The signal is not synchronous, so this thread waits here and does nothing more.
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);
  },
  throw() {
    throw new Error('a fail point threw');
  },
  exit() {
    process.exit(3);
  },
  exhaust() {
    const hoard: number[][] = [];
    for (;;) hoard.push(new Array(100_000).fill(hoard.length + 0.5));
  },
};

/**
 * MILLRACE_FAIL_POINT=name:n kills the process when that place is reached for the n-th time;
 * name:n:throw, :exit and :exhaust end the thread in their own ways.
 */
export function armFailPoint(setting: string | undefined): void {
  if (setting === undefined || setting === '') return;
  const [armed, hits, action] = setting.split(':');
  let left = Number(hits ?? 1);
  installFailPoint((name) => {
    if (name !== armed || --left > 0) return;
    ACTIONS[action ?? 'kill']!();
  });
}
