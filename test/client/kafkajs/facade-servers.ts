import { startBroker } from '#millrace/broker/start-broker';
import { Kafka, logLevel } from '../../../src/client/kafkajs/index.ts';

/** A running Apache Kafka, such as `127.0.0.1:9092`. Without one only millrace is tested. */
const apacheKafka = process.env.MILLRACE_TEST_KAFKA ?? '';

export const SERVERS = ['millrace', ...(apacheKafka === '' ? [] : ['Apache Kafka'])];

let count = 0;

/** A cluster of the kind for the façade, with names that no other run has used. */
export class FacadeServers {
  readonly kafka: Kafka;
  readonly #close: () => Promise<void>;

  private constructor(servers: string, close: () => Promise<void>) {
    this.kafka = new Kafka({ clientId: 'test', brokers: [servers], logLevel: logLevel.NOTHING });
    this.#close = close;
  }

  static async open(kind: string): Promise<FacadeServers> {
    if (kind !== 'millrace') return new FacadeServers(apacheKafka, async () => undefined);
    const broker = await startBroker();
    return new FacadeServers(broker.bootstrapServers, () => broker.close());
  }

  unique(prefix: string): string {
    return `${prefix}-${Date.now().toString(36)}-${count++}`;
  }

  async topic(numPartitions = 1, prefix = 'facade'): Promise<string> {
    const topic = this.unique(prefix);
    await this.administer((admin) => admin.createTopics({ topics: [{ topic, numPartitions }] }));
    return topic;
  }

  async administer<T>(work: (admin: ReturnType<Kafka['admin']>) => Promise<T>): Promise<T> {
    const admin = this.kafka.admin();
    await admin.connect();
    try {
      return await work(admin);
    } finally {
      await admin.disconnect();
    }
  }

  /** Sends one message a value, to the partition that its number says. */
  async send(topic: string, values: readonly { value: string; partition: number }[]) {
    const producer = this.kafka.producer();
    await producer.connect();
    await producer.send({ topic, messages: [...values] });
    await producer.disconnect();
  }

  close(): Promise<void> {
    return this.#close();
  }
}
