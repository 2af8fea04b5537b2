import { Admin } from './admin/admin.ts';
import { allRequired } from './admin/outcome.ts';
import { type ClientSettings, clientSettingsOf } from './config/client-options.ts';
import { isKafkaError } from './errors/kafka-error.ts';
import { Producer } from './producer/producer.ts';

/** What a consumer needs beside itself to put records aside: a producer, and topics for it. */
export class SideClients {
  readonly producer: Producer;
  readonly #settings: ClientSettings;

  constructor(settings: ClientSettings) {
    this.#settings = clientSettingsOf(settings);
    this.producer = new Producer({ ...this.#settings, lingerMs: 0 });
  }

  /** Makes those topics that are not there yet. */
  async makeTopics(names: readonly string[], partitions: number): Promise<void> {
    await using admin = new Admin(this.#settings);
    const outcomes = await admin.topics.create(names.map((name) => ({ name, partitions })));
    const wrong = [...outcomes].filter(([, each]) => !isKafkaError(each, 'TOPIC_ALREADY_EXISTS'));
    allRequired(new Map(wrong));
  }

  close(): Promise<void> {
    return this.producer.close();
  }
}
