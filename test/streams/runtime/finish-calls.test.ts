import { expect, it } from 'vitest';
import { finishCalls } from '#millrace/streams/runtime/finish-calls';
import { WakeSignal } from '#millrace/streams/runtime/wake-signal';

const NEVER = () => false;
/** Longer than a slice. */
const STEP_MS = 6;

/** A task that needs so many long steps before it is done. */
function taskOf(steps: number) {
  return {
    unfinished: steps,
    unfinishedNodes: ['KSTREAM-AGGREGATE-0000000002'],
    nextSettleTime: 0,
    settle(): boolean {
      const endMs = performance.now() + STEP_MS;
      while (performance.now() < endMs);
      this.unfinished--;
      return true;
    },
  };
}

function finish(task: object, transactionTimeoutMs: number): Promise<void> {
  const parts = {
    wake: new WakeSignal(),
    output: { isFull: false },
    settings: { producer: { transactionTimeoutMs } },
    committer: { isShared: true },
  };
  return finishCalls([{ task }] as never, parts as never, NEVER);
}

it('lets sockets and timers have their turn while results go on', async () => {
  let turns = 0;
  const count = (): void => {
    turns++;
    immediate = setImmediate(count);
  };
  let immediate = setImmediate(count);
  const task = taskOf(10);
  await finish(task, 60_000);
  clearImmediate(immediate);
  expect(task.unfinished).toBe(0);
  expect(turns).toBeGreaterThanOrEqual(9);
});

it('names the nodes whose results take longer than a transaction may', async () => {
  const wanted = /results of KSTREAM-AGGREGATE-0000000002 have not ended within 20 ms/;
  await expect(finish(taskOf(1_000), 20)).rejects.toThrow(wanted);
});
