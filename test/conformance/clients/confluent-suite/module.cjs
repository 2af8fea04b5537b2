/**
 * Confluent's module made of the façade: its guide for those who move from KafkaJS, read backwards.
 * What KafkaJS has per call, Confluent has in a block `kafkaJS` of the configuration.
 */

const kafkajs = require(process.env.MILLRACE_KAFKAJS_PACKAGE);
const { ConfluentConsumer } = require('./consumer');
const { ConfluentProducer } = require('./producer');

/** Of librdkafka's settings those that change no outcome. Others are no setting of KafkaJS. */
const WITHOUT_MEANING = ['log_level', 'linger.ms', 'batch.num.messages'];
const OF_CLUSTER = ['brokers', 'clientId', 'ssl', 'sasl', 'connectionTimeout', 'requestTimeout'];

/** Kafka's numbers by librdkafka's names. Those that are librdkafka's own are no errors of Kafka. */
const ErrorCodes = new Proxy(
  {
    ERR_NO_ERROR: 0,
    ERR_UNKNOWN_TOPIC_OR_PART: 3,
    ERR_TOPIC_EXCEPTION: 17,
    ERR_INVALID_PARTITIONS: 37,
    ERR_INVALID_REPLICATION_FACTOR: 38,
    ERR_NON_EMPTY_GROUP: 68,
    ERR_GROUP_ID_NOT_FOUND: 69,
  },
  { get: (codes, name) => codes[name] ?? `librdkafka's ${String(name)}` },
);

function blockOf({ kafkaJS = {}, ...others }) {
  const unknown = Object.keys(others).filter((name) => !WITHOUT_MEANING.includes(name));
  if (unknown.length > 0) throw new Error(`KafkaJS has no ${unknown.join(', ')}`);
  return kafkaJS;
}

class Kafka {
  #block;
  #kafka;

  constructor(config) {
    this.#block = blockOf(config);
    const own = OF_CLUSTER.filter((name) => this.#block[name] !== undefined);
    this.#kafka = new kafkajs.Kafka({
      ...Object.fromEntries(own.map((name) => [name, this.#block[name]])),
      logLevel: kafkajs.logLevel.NOTHING,
    });
  }

  consumer(config = {}) {
    return new ConfluentConsumer(this.#kafka, this.#with(config));
  }

  producer(config = {}) {
    return new ConfluentProducer(this.#kafka, this.#with(config));
  }

  admin() {
    return this.#kafka.admin();
  }

  #with(config) {
    const all = { ...this.#block, ...blockOf(config) };
    return Object.fromEntries(Object.entries(all).filter(([name]) => !OF_CLUSTER.includes(name)));
  }
}

const IsolationLevel = { READ_UNCOMMITTED: 0, READ_COMMITTED: 1 };

module.exports = { KafkaJS: { ...kafkajs, Kafka, ErrorCodes, IsolationLevel } };
