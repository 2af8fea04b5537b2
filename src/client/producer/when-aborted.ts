import { abortedError } from '../errors/kafka-error.ts';

/** Rejects once the signal fires. */
export function whenAborted(signal: AbortSignal, what: string): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener('abort', () => reject(abortedError(signal, what)), { once: true });
  });
}
