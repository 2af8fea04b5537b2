/** Apache Kafka in the place of millrace, as the conformance checks start it: the baseline. */
import { Broker } from '../conformance/lib/brokers.mjs';

const brokers = new Map();

export class KafkaProcess {
  static hasFailPoints = false;
  static leastThreads = 1;
  static slowness = 8;
  lines = [];
  #broker;

  /** One broker a directory: it is started again on its port and data. */
  static async start(directory, { overrides = [] } = {}) {
    const config = Object.fromEntries(overrides.map((setting) => setting.split('=')));
    const kafka = new KafkaProcess();
    kafka.#broker =
      brokers.get(directory) ??
      (await Broker.start('kafka', { config, logFile: process.env.MILLRACE_KAFKA_LOG }));
    if (brokers.has(directory)) await kafka.#broker.restart();
    brokers.set(directory, kafka.#broker);
    return kafka;
  }

  get port() {
    return this.#broker.port;
  }

  signal(name) {
    this.#broker.signal(name);
  }

  ended() {
    return this.#broker.ended;
  }

  /** Its data goes too. */
  async discard() {
    this.signal('SIGKILL');
    await this.#broker.discard();
  }
}
