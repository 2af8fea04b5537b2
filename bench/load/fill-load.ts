/** Fills topics as fast as it goes: for the loads that read them, and as a load of its own. */

import type { Load, LoadSetup } from './load-setup.ts';
import type { LoadOptions } from './options.ts';
import { openLanes, recordsPerBatchOf } from './produce-load.ts';

const IN_FLIGHT = 4;

/** Spreads `preloadBytes` over all partitions; resolves to the log end offset they then have. */
export async function fillTopics(
  options: LoadOptions,
  topics: readonly string[],
  onFailed: (error: Error) => void,
): Promise<number> {
  const { partitions } = options;
  const filling = { ...options, acks: 1, connections: partitions, inFlight: IN_FLIGHT };
  const plan = { options: filling, topics, partitions, identity: undefined };
  const lanes = await openLanes(plan, () => undefined);
  const batches = Math.ceil(options.preloadBytes / partitions / options.batchBytes);
  for (const lane of lanes) lane.onFailed = onFailed;
  for (const lane of lanes) lane.release(batches);
  await Promise.all(lanes.map((lane) => lane.whenIdle()));
  for (const lane of lanes) lane.close();
  return batches * recordsPerBatchOf(options);
}

/** All is done when it is open. */
export class FillLoad implements Load {
  static async open(setup: LoadSetup): Promise<FillLoad> {
    const { options, topics, onFailed } = setup;
    await fillTopics(options, topics, onFailed);
    return new FillLoad();
  }

  start(): void {}

  async stop(): Promise<void> {}
}
