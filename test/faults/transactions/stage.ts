import { expect } from 'vitest';
import { committedOffset } from '../../crash/committed-offset.mjs';
import { KafkaConnection } from '../../crash/kafka-connection.mjs';
import { BrokerProcess } from '../../support/broker-process.ts';
import { endOf, readCommitted } from '../../support/committed-reader.mjs';
import { HoldingProxy } from '../../support/holding-proxy.mjs';
import { createTopic } from '../../support/topics.ts';
import { NEWER, TransactionalClient } from '../../support/transactional-client.mjs';
import { until } from '../../support/until.ts';
import { WireClient } from '../../support/wire-client.ts';

export const TOPIC_PARTITIONS = 3;
export const CONFIG = {
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': 100,
  'transaction.state.log.num.partitions': 2,
  'offsets.topic.num.partitions': 2,
};

let names = 0;

/** A broker, a topic of its own, a proxy between, and clients that speak transactions. */
export class Stage {
  readonly topic: string = `late-${process.pid}-${Date.now()}-${names++}`;
  readonly group: string = `group-${this.topic}`;
  proxy!: HoldingProxy;
  #broker: BrokerProcess | null = null;
  #port = 0;
  readonly #connections: KafkaConnection[] = [];

  get isKafka(): boolean {
    return this.#broker === null;
  }

  /** MILLRACE_TEST_KAFKA_PORT names a broker that runs already, Apache Kafka for one. */
  static async open(): Promise<Stage> {
    const stage = new Stage();
    stage.#port = Number(process.env.MILLRACE_TEST_KAFKA_PORT ?? 0);
    if (stage.#port === 0) return Stage.at(await BrokerProcess.start({ config: CONFIG }));
    await stage.#prepare();
    return stage;
  }

  /** The broker ends with the stage. */
  static async at(broker: BrokerProcess): Promise<Stage> {
    const stage = new Stage();
    stage.#broker = broker;
    stage.#port = broker.port;
    await stage.#prepare();
    return stage;
  }

  /** Makes the topic, and waits until it and the coordinators are there. */
  async #prepare(): Promise<void> {
    const wire = await WireClient.open(this.#port);
    await createTopic(wire, this.topic, {}, TOPIC_PARTITIONS);
    wire.close();
    this.proxy = await HoldingProxy.start(this.#port);
    const client = await this.client('first');
    await client.findCoordinators([this.group]);
    await until('all partitions are served', async () => {
      for (let partition = 0; partition < TOPIC_PARTITIONS; partition++) {
        if (!(await this.isStable(partition).catch(() => false))) return false;
      }
      return true;
    });
  }

  async connection(port: number = this.#port): Promise<KafkaConnection> {
    const connection = (await KafkaConnection.open(port)) as KafkaConnection;
    this.#connections.push(connection);
    return connection;
  }

  async client(
    id: string,
    protocol: typeof NEWER = NEWER,
    timeoutMs = 60_000,
  ): Promise<TransactionalClient> {
    const options = { protocol, timeoutMs };
    return new TransactionalClient(await this.connection(), `${id}-${this.topic}`, options);
  }

  /** What readers of committed records get of a partition. */
  async committed(partition: number): Promise<string[]> {
    const connection = await this.connection();
    const { records } = await readCommitted(connection, this.topic, partition);
    return records.map(({ value }: { value: string }) => value);
  }

  /** Where the group stands on the first partition once nothing is pending; 0 without a commit. */
  async committedOffset(): Promise<number> {
    return committedOffset(await this.connection(), this.group, this.topic, 0, true);
  }

  /** No transaction holds the partition. */
  async isStable(partition: number): Promise<boolean> {
    const connection = await this.connection();
    const end = await endOf(connection, this.topic, partition, false);
    return (await endOf(connection, this.topic, partition, true)) === end;
  }

  async untilStable(): Promise<void> {
    await until('no partition is held', async () => {
      for (let partition = 0; partition < TOPIC_PARTITIONS; partition++) {
        if (!(await this.isStable(partition))) return false;
      }
      return true;
    });
  }

  async close(): Promise<void> {
    for (const connection of this.#connections) connection.close();
    this.proxy.close();
    await this.#broker?.kill();
  }
}

/** The error code that a step is refused with; 0 where it is not. */
export async function refusalOf(step: Promise<unknown>): Promise<number> {
  try {
    await step;
    return 0;
  } catch (thrown) {
    const { errorCode } = thrown as { errorCode?: number };
    expect(errorCode, String(thrown)).toBeDefined();
    return errorCode!;
  }
}
