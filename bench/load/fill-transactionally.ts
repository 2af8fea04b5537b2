import { endOffsetOf } from './admin.ts';
import type { LoadSetup } from './load-setup.ts';
import { openTransactionLane } from './open-transaction-lane.ts';

/** Fills the topic in transactions; resolves to the end of its shortest partition. */
export async function fillTransactionally(setup: LoadSetup): Promise<number> {
  const { options, topics, onFailed } = setup;
  const lane = await openTransactionLane(setup, 0);
  lane.onFailed = onFailed;
  let left = options.preloadBytes;
  await new Promise<void>((resolve) => {
    lane.onWritten = (_latencyMs, _records, bytes) => {
      left -= bytes;
      if (left <= 0) resolve();
    };
    lane.start();
  });
  await lane.stop();
  lane.close();
  const ends = Array.from({ length: options.partitions }, (_, partition) =>
    endOffsetOf(setup.control(), topics[0]!, partition),
  );
  return Math.min(...(await Promise.all(ends)));
}
