import { inBackground } from './in-background.ts';

/**
 * Repeats work. A run that throws or rejects is told to `onFailure`, and the next run comes all the
 * same. An error that leaves a bare timer ends the process.
 */
export function every(
  intervalMs: number,
  work: () => unknown,
  onFailure: (thrown: unknown) => void,
): NodeJS.Timeout {
  return setInterval(() => {
    try {
      const result = work();
      if (result instanceof Promise) inBackground(result, onFailure);
    } catch (thrown) {
      onFailure(thrown);
    }
  }, intervalMs);
}
