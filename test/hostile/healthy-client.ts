import { API } from '../../src/protocol/api-keys.ts';
import { WireClient } from '../support/wire-client.ts';

const PAUSE_MS = 2;
export const HEALTHY_TOPIC = 'healthy';

/** An honest client that produces and fetches all the time, and knows how long each answer took. */
export class HealthyClient {
  readonly #client: WireClient;
  #latenciesMs: number[] = [];
  #stopped = false;
  #running: Promise<void>;
  #failure: unknown = null;
  #next = 0;

  static async start(port: number): Promise<HealthyClient> {
    const client = await WireClient.open(port);
    const answer = await client.ask(API.CREATE_TOPICS, 5, {
      topics: [
        {
          name: HEALTHY_TOPIC,
          numPartitions: 1,
          replicationFactor: 1,
          assignments: [],
          configs: [],
        },
      ],
      timeoutMs: 10_000,
    });
    const { errorCode } = answer.topics[0]!;
    if (errorCode !== 0 && errorCode !== 36) throw new Error(`create: error ${errorCode}`);
    return new HealthyClient(client);
  }

  private constructor(client: WireClient) {
    this.#client = client;
    this.#running = this.#run().catch((thrown) => {
      this.#failure = thrown;
    });
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      const startedMs = performance.now();
      const value = Buffer.from(`healthy ${this.#next++}`);
      // An old record may be gone with the next look at what is past its retention.
      const record = { key: null, value, timestamp: Date.now() };
      const offset = await this.#client.produce(HEALTHY_TOPIC, 0, [record]);
      await this.#readBack(offset);
      this.#latenciesMs.push(performance.now() - startedMs);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  async #readBack(offset: number): Promise<void> {
    const answer = await this.#client.ask(API.FETCH, 4, {
      replicaId: -1,
      maxWaitMs: 0,
      minBytes: 1,
      maxBytes: 1000,
      isolationLevel: 0,
      topics: [
        {
          topic: HEALTHY_TOPIC,
          partitions: [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 1000 }],
        },
      ],
    });
    const partition = answer.responses[0]!.partitions[0]!;
    if (partition.errorCode !== 0 || partition.records!.length === 0) {
      throw new Error(`read back of ${offset}: error ${partition.errorCode}`);
    }
  }

  /** 50 %, 99 % and the worst of what was measured since the last call. */
  take(): { count: number; p50: number; p99: number; max: number } {
    const sorted = this.#latenciesMs.sort((a, b) => a - b);
    this.#latenciesMs = [];
    const at = (part: number) => sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN;
    return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
  }

  /** Throws what went wrong on the way, if anything did. */
  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
    this.#client.close();
    if (this.#failure !== null) throw this.#failure;
  }

  get failure(): unknown {
    return this.#failure;
  }
}
