/**
 * Catching up: every connection reads its partition from the start to the end, again and again.
 * The partitions are filled first by the produce lanes.
 */
import { FetchLane } from './fetch-lane.ts';
import { fillTopics } from './fill-load.ts';
import { fillTransactionally } from './fill-transactionally.ts';
import { LoadConnection } from './load-connection.ts';
import type { Load, LoadSetup } from './load-setup.ts';

const MAX_WAIT_MS = 500;

export class FetchLoad implements Load {
  readonly #lanes: readonly FetchLane[];

  private constructor(lanes: readonly FetchLane[]) {
    this.#lanes = lanes;
  }

  static async open(setup: LoadSetup): Promise<FetchLoad> {
    const { options, topics, meter, onFailed } = setup;
    const endOffset = options.transactional
      ? await fillTransactionally(setup)
      : await fillTopics(options, topics, onFailed);
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
        readCommitted: options.readCommitted,
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
