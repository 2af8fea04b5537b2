import { onAbort } from './on-abort.ts';

/** Waits, at most until the signal fires. It never rejects: the caller looks at the signal. */
export function pause(ms: number, signal?: AbortSignal): Promise<void> {
  if (signal?.aborted === true) return Promise.resolve();
  return new Promise((resolve) => {
    const timer = setTimeout(finish, ms);
    const forget = onAbort(signal, finish);
    function finish(): void {
      clearTimeout(timer);
      forget();
      resolve();
    }
  });
}
