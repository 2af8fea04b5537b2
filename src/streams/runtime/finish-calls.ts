import { KafkaError } from '../../client/errors/kafka-error.ts';
import type { LiveTask } from './live-task.ts';
import type { LoopParts } from './stream-loop.ts';

/** Kafka Streams' own, which is shorter than a producer's: others wait for an open transaction. */
export const TRANSACTION_TIMEOUT_MS = 10_000;
const LOOK_MS = 50;

/**
 * Waits for the calls of asynchronous operators that are under way: they belong to the transaction.
 * Where they take longer than the broker lets a transaction last, it is lost: their records come
 * again.
 */
export async function finishCalls(
  lives: readonly LiveTask[],
  { wake, output, settings, committer }: LoopParts,
  isAbandoned: () => boolean,
): Promise<void> {
  const { transactionTimeoutMs = TRANSACTION_TIMEOUT_MS } = settings.producer;
  const endMs = performance.now() + transactionTimeoutMs;
  while (!isAbandoned() && lives.some(({ task }) => task.unfinished > 0)) {
    const isLate = committer.isShared && performance.now() > endMs;
    if (isLate) throw hangingCalls(lives, transactionTimeoutMs);
    let hasSent = false;
    for (const { task } of lives) if (task.settle()) hasSent = true;
    if (output.isFull) await output.ready();
    if (hasSent) continue;
    const next = Math.min(...lives.map(({ task }) => task.nextSettleTime));
    await wake.wait(Math.min(Math.max(next - Date.now(), 1), LOOK_MS));
  }
}

function hangingCalls(lives: readonly LiveTask[], timeoutMs: number): KafkaError {
  const nodes = lives.flatMap(({ task }) => task.asyncNodes);
  const names = nodes.filter(({ unfinished }) => unfinished > 0).map(({ node }) => node);
  const what = `calls of ${[...new Set(names)].join(', ')} have not ended within ${timeoutMs} ms`;
  const policy = 'the transaction is aborted, and their records come again: give them a timeout';
  return new KafkaError('REQUEST_TIMED_OUT', `${what}; ${policy}`);
}
