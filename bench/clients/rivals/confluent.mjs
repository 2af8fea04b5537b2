/** @confluentinc/kafka-javascript: its native calls for batches, its KafkaJS calls for promises. */
import { createRequire } from 'node:module';
import { atOnce, BATCH, consumedMore, produced, setup, VALUE } from './measure.mjs';

const confluent = createRequire(import.meta.url)('@confluentinc/kafka-javascript');
const { topic } = setup;
const PARTITION = 0;
const POLL_MS = 5;
const MOST_AT_ONCE = 10_000;
const common = { 'bootstrap.servers': setup.bootstrap };

async function produceNatively(acks) {
  const settings = { ...common, acks, 'linger.ms': 5, 'batch.size': 16_384, dr_cb: true };
  const producer = new confluent.Producer({ ...settings, 'queue.buffering.max.messages': 100_000 });
  producer.connect();
  await new Promise((resolve) => producer.once('ready', resolve));
  producer.setPollInterval(POLL_MS);
  let left = 0;
  let done = () => {};
  producer.on('delivery-report', (error) => {
    if (error) throw error;
    if (--left === 0) done();
  });
  const sendBatch = () =>
    new Promise((resolve) => {
      done = resolve;
      left = BATCH * 100;
      for (let i = left; i > 0; i--) producer.produce(topic, PARTITION, VALUE, null);
      producer.poll();
    });
  await produced(async (untilMs) => {
    let sent = 0;
    while (performance.now() < untilMs) {
      await sendBatch();
      sent += BATCH * 100;
    }
    return sent;
  });
}

async function produce(acks, burstOf) {
  const { Kafka, logLevel } = confluent.KafkaJS;
  const kafkaJS = { brokers: [setup.bootstrap], logLevel: logLevel.NOTHING };
  const producer = new Kafka({ kafkaJS }).producer({ kafkaJS: { acks }, 'linger.ms': 5 });
  await producer.connect();
  await produced(burstOf((messages) => producer.send({ topic, messages })));
}

async function consumeNatively() {
  const settings = { ...common, 'group.id': topic, 'enable.auto.commit': false };
  const start = { 'auto.offset.reset': 'earliest' };
  const consumer = new confluent.KafkaConsumer(settings, start);
  consumer.connect();
  await new Promise((resolve) => consumer.once('ready', resolve));
  consumer.subscribe([topic]);
  const next = () =>
    consumer.consume(MOST_AT_ONCE, (error, messages) => {
      if (error) throw error;
      if (messages.length > 0) consumedMore(messages.length);
      setImmediate(next);
    });
  next();
}

async function consumeEach() {
  const { Kafka, logLevel } = confluent.KafkaJS;
  const kafkaJS = { brokers: [setup.bootstrap], logLevel: logLevel.NOTHING };
  const own = { groupId: topic, fromBeginning: true, autoCommit: false };
  const consumer = new Kafka({ kafkaJS }).consumer({ kafkaJS: own });
  await consumer.connect();
  await consumer.subscribe({ topic });
  await consumer.run({ eachMessage: async () => consumedMore(1) });
}

const message = { value: VALUE };
const LOADS = {
  none: async () => {},
  produce: () => produceNatively(1),
  'produce-all': () => produceNatively(-1),
  singles: () => produce(1, (send) => atOnce(() => send([message]))),
  'consume-batches': consumeNatively,
  'consume-records': consumeEach,
};

await LOADS[setup.load]();
