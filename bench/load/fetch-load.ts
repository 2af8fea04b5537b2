/**
 * Catching up: every connection reads its partition from the start to the end, again and again.
 * The partitions are filled first by the produce lanes.
 */
import { recordsInBatch } from './batches.ts';
import type { ControlClient } from './control-client.ts';
import { FetchLane } from './fetch-lane.ts';
import { LoadConnection } from './load-connection.ts';
import type { Meter } from './meter.ts';
import type { LoadOptions } from './options.ts';
import { openLanes } from './produce-load.ts';
import type { Load } from './run-load.ts';

const PRELOAD_IN_FLIGHT = 4;
const MAX_WAIT_MS = 500;

/** Fills every partition; resolves to the log end offset they all have then. */
async function preload(
  options: LoadOptions,
  topics: readonly string[],
  onFailed: (error: Error) => void,
): Promise<number> {
  const { partitions } = options;
  const lanes = await openLanes(
    {
      options: { ...options, acks: 1, connections: partitions, inFlight: PRELOAD_IN_FLIGHT },
      topics,
      partitions,
      identity: undefined,
    },
    () => undefined,
  );
  const batches = Math.ceil(options.preloadBytes / partitions / options.batchBytes);
  for (const lane of lanes) lane.onFailed = onFailed;
  for (const lane of lanes) lane.release(batches);
  await Promise.all(lanes.map((lane) => lane.whenIdle()));
  for (const lane of lanes) lane.close();
  return batches * recordsInBatch(options.batchBytes, options.recordBytes);
}

export class FetchLoad implements Load {
  readonly #lanes: readonly FetchLane[];

  private constructor(lanes: readonly FetchLane[]) {
    this.#lanes = lanes;
  }

  static async open(
    options: LoadOptions,
    topics: readonly string[],
    _control: ControlClient,
    meter: Meter,
    onFailed: (error: Error) => void,
  ): Promise<FetchLoad> {
    const endOffset = await preload(options, topics, onFailed);
    const lanes: FetchLane[] = [];
    for (let index = 0; index < options.connections; index++) {
      const receiveBytes = options.fetchBytes + 65536;
      const connection = await LoadConnection.open(options.host, options.port, receiveBytes);
      const lane = new FetchLane(connection, {
        topic: topics[0]!,
        partition: index % options.partitions,
        maxBytes: options.fetchBytes,
        minBytes: 1,
        maxWaitMs: MAX_WAIT_MS,
      });
      lane.onFetched = (first, next, bytes) => {
        meter.done(performance.now() - lane.sentMs, next - first, bytes);
        if (next >= endOffset) lane.nextOffset = 0;
      };
      lane.onFailed = onFailed;
      lanes.push(lane);
    }
    return new FetchLoad(lanes);
  }

  start(): void {
    for (const lane of this.#lanes) lane.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
  }
}
