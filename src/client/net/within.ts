import { onAbort } from './on-abort.ts';
import { pause } from './pause.ts';

/** Waits for work that goes on, whatever the caller does, at most so long. */
export async function within(
  work: Promise<unknown>,
  ms: number,
  signal?: AbortSignal,
): Promise<void> {
  if (signal?.aborted === true) return;
  const ending = new AbortController();
  const end = () => ending.abort();
  const forget = onAbort(signal, end);
  try {
    await Promise.race([work, pause(Math.max(ms, 0), ending.signal)]);
  } finally {
    forget();
    end();
  }
}
