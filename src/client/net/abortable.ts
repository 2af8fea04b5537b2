import { abortedError } from '../errors/kafka-error.ts';
import { onAbort } from './on-abort.ts';

/**
 * Waits for the work, at most until the signal fires. The work goes on by itself. Nothing is left
 * behind at the signal, which may outlive thousands of waits.
 */
export async function abortable<Value>(
  work: PromiseLike<Value>,
  signal: AbortSignal | undefined,
  what: string,
): Promise<Value> {
  if (signal === undefined) return work;
  let fail: (thrown: unknown) => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    fail = reject;
  });
  const end = () => fail(abortedError(signal, what));
  const forget = onAbort(signal, end);
  if (signal.aborted) end();
  try {
    return await Promise.race([work, aborted]);
  } finally {
    forget();
  }
}
