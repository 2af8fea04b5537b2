/** An honest client: a record produced and read back all the time, and how long each took. */
import { API } from '../../dist/protocol/index.js';
import { buildBatch } from '../../dist/records/batch-builder.js';
import { KafkaConnection } from '../crash/kafka-connection.mjs';

const PAUSE_MS = 2;
/** UNKNOWN_TOPIC_OR_PARTITION and NOT_LEADER_OR_FOLLOWER. */
const NO_LEADER_YET = new Set([3, 6]);
export const TOPIC = 'healthy';

export class SteadyClient {
  #connection;
  #latenciesMs = [];
  #stopped = false;
  #running;

  static async start(port) {
    const client = new SteadyClient();
    client.#connection = await KafkaConnection.open(port);
    await createTopic(client.#connection, TOPIC, 1, {});
    await client.#waitForLeader();
    client.#running = client.#run();
    client.#running.catch(() => {});
    return client;
  }

  /** Kafka answers CreateTopics before the broker leads the partition. */
  async #waitForLeader() {
    while (NO_LEADER_YET.has((await this.#tryProduce(Buffer.from('first'))).errorCode)) {
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  async #run() {
    for (let next = 0; !this.#stopped; next++) {
      const startedMs = performance.now();
      const offset = await this.#produce(Buffer.from(`healthy ${next}`));
      await this.#readBack(offset);
      this.#latenciesMs.push(performance.now() - startedMs);
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }

  async #produce(value) {
    const { errorCode, baseOffset } = await this.#tryProduce(value);
    if (errorCode !== 0) throw new Error(`the healthy client's produce: error ${errorCode}`);
    return baseOffset;
  }

  async #tryProduce(value) {
    const records = buildBatch([{ key: null, value, timestamp: Date.now() }]);
    const { responses } = await this.#connection.send(API.PRODUCE, 9, {
      transactionalId: null,
      acks: 1,
      timeoutMs: 10_000,
      topicData: [{ name: TOPIC, partitionData: [{ index: 0, records }] }],
    });
    return responses[0].partitionResponses[0];
  }

  async #readBack(fetchOffset) {
    const partitions = [{ partition: 0, fetchOffset, partitionMaxBytes: 1000 }];
    const answer = await this.#connection.send(API.FETCH, 4, fetchOf(TOPIC, partitions, 1000));
    const { errorCode, records } = answer.responses[0].partitions[0];
    if (errorCode !== 0 || records.length === 0) {
      throw new Error(`the healthy client's read of ${fetchOffset}: error ${errorCode}`);
    }
  }

  /** What was measured since the last call. */
  take() {
    const latenciesMs = this.#latenciesMs;
    this.#latenciesMs = [];
    return latenciesMs;
  }

  /** Throws what went wrong on the way, if anything did. */
  async stop() {
    this.#stopped = true;
    await this.#running;
    this.#connection.close();
  }
}

/** 50 %, 99 % and the worst. */
export function summaryOf(latenciesMs) {
  const sorted = latenciesMs.sort((a, b) => a - b);
  const at = (part) => sorted[Math.floor((sorted.length - 1) * part)] ?? Number.NaN;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

export function fetchOf(topic, partitions, maxBytes) {
  const topics = [{ topic, partitions }];
  return { replicaId: -1, maxWaitMs: 0, minBytes: 1, maxBytes, isolationLevel: 0, topics };
}

/** Creates it, or finds it there. */
export async function createTopic(connection, name, numPartitions, configs) {
  const { topics } = await connection.send(API.CREATE_TOPICS, 5, {
    topics: [
      {
        name,
        numPartitions,
        replicationFactor: 1,
        assignments: [],
        configs: Object.entries(configs).map(([key, value]) => ({ name: key, value })),
      },
    ],
    timeoutMs: 10_000,
  });
  const { errorCode } = topics[0];
  if (errorCode !== 0 && errorCode !== 36) throw new Error(`create ${name}: error ${errorCode}`);
}
