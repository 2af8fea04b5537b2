import { nextTurn } from '../../base/next-turn.ts';
import { KafkaError } from '../../client/errors/kafka-error.ts';
import type { LiveTask } from './live-task.ts';
import type { LoopParts } from './stream-loop.ts';

/** Kafka Streams' own, which is shorter than a producer's: others wait for an open transaction. */
export const TRANSACTION_TIMEOUT_MS = 10_000;
const LOOK_MS = 50;
/** How long results go on before sockets and timers have their turn. */
const SLICE_MS = 5;

/**
 * Waits for the calls of asynchronous operators that are under way, and for what single records
 * lead to over many turns: all of it belongs to the transaction. Where that takes longer than the
 * broker lets a transaction last, it is lost: the records come again.
 */
export async function finishCalls(
  lives: readonly LiveTask[],
  { wake, output, settings, committer }: LoopParts,
  isAbandoned: () => boolean,
): Promise<void> {
  const { transactionTimeoutMs = TRANSACTION_TIMEOUT_MS } = settings.producer;
  const startMs = performance.now();
  const endMs = startMs + transactionTimeoutMs;
  let turnEndMs = startMs + SLICE_MS;
  while (!isAbandoned() && lives.some(({ task }) => task.unfinished > 0)) {
    const isLate = committer.isShared && performance.now() > endMs;
    if (isLate) throw unfinished(lives, transactionTimeoutMs);
    let hasSent = false;
    for (const { task } of lives) if (task.settle()) hasSent = true;
    if (output.isFull) await output.ready();
    if (hasSent) {
      if (performance.now() < turnEndMs) continue;
      await nextTurn();
    } else {
      const next = Math.min(...lives.map(({ task }) => task.nextSettleTime));
      await wake.wait(Math.min(Math.max(next - Date.now(), 1), LOOK_MS));
    }
    turnEndMs = performance.now() + SLICE_MS;
  }
}

function unfinished(lives: readonly LiveTask[], timeoutMs: number): KafkaError {
  const names = lives.flatMap(({ task }) => task.unfinishedNodes);
  const what = `calls or results of ${[...new Set(names)].join(', ')} have not ended`;
  const policy = 'the transaction is aborted, and their records come again';
  const advice = 'give calls a timeout, or transactions a longer one (transaction.timeout.ms)';
  const text = `${what} within ${timeoutMs} ms; ${policy}: ${advice}`;
  return new KafkaError('REQUEST_TIMED_OUT', text);
}
