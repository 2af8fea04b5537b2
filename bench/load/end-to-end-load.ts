/**
 * One producer sends single records on a fixed schedule, one consumer waits for them by long polls.
 * Latency counts from the moment a record was meant to leave to its receipt. Record n of the one
 * partition has offset n, so that a record's offset says when it was meant to leave.
 */
import { FetchLane } from './fetch-lane.ts';
import { LoadConnection } from './load-connection.ts';
import { LoadError } from './load-error.ts';
import type { Load, LoadSetup } from './load-setup.ts';
import type { Meter } from './meter.ts';
import { Pacer } from './pacer.ts';
import type { ProduceLane } from './produce-lane.ts';
import { openLanes } from './produce-load.ts';

const IN_FLIGHT = 100;
const MAX_WAIT_MS = 500;

export class EndToEndLoad implements Load {
  readonly #producer: ProduceLane;
  readonly #consumer: FetchLane;
  readonly #pacer: Pacer;
  readonly #meter: Meter;

  private constructor(producer: ProduceLane, consumer: FetchLane, pacer: Pacer, meter: Meter) {
    this.#producer = producer;
    this.#consumer = consumer;
    this.#pacer = pacer;
    this.#meter = meter;
  }

  static async open(setup: LoadSetup): Promise<EndToEndLoad> {
    const { options, topics, meter, onFailed } = setup;
    if (options.rate === 0) throw new LoadError('e2e needs a --rate');
    const pacer = new Pacer(options.rate);
    const single = { ...options, batchBytes: 0, connections: 1, inFlight: IN_FLIGHT };
    const plan = { options: single, topics, partitions: 1, identity: undefined };
    const [producer] = await openLanes(plan, () => (index) => pacer.intendedMs(index));
    const connection = await LoadConnection.open(options.host, options.port);
    const consumer = new FetchLane(connection, {
      topic: topics[0]!,
      partition: 0,
      maxBytes: options.fetchBytes,
      minBytes: 1,
      maxWaitMs: MAX_WAIT_MS,
    });
    consumer.onFetched = (first, next, bytes) => {
      const nowMs = performance.now();
      for (let offset = first; offset < next; offset++) {
        meter.done(nowMs - pacer.intendedMs(offset), 1, bytes / (next - first));
      }
    };
    producer!.onFailed = onFailed;
    consumer.onFailed = onFailed;
    return new EndToEndLoad(producer!, consumer, pacer, meter);
  }

  start(): void {
    this.#consumer.start();
    this.#pacer.start(
      (due) => this.#producer.release(due),
      (lateMs) => this.#meter.ticked(lateMs),
    );
  }

  async stop(): Promise<void> {
    this.#pacer.stop();
    await this.#producer.stop();
    await this.#consumer.stop();
  }
}
