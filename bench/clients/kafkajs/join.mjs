/**
 * From the making of a KafkaJS client to the first record that a new group of one is given, on a
 * topic that another client of the same program made and wrote to.
 */
import { parseArgs } from 'node:util';
import kafkajs from 'kafkajs';

const { values } = parseArgs({
  options: {
    bootstrap: { type: 'string' },
    topic: { type: 'string' },
    group: { type: 'string' },
  },
});
const { Kafka, logLevel } = kafkajs;
const options = { brokers: [values.bootstrap], logLevel: logLevel.NOTHING };
const createPartitioner = kafkajs.Partitioners.DefaultPartitioner;
const producer = new Kafka(options).producer({ createPartitioner });
await producer.connect();
await producer.send({ topic: values.topic, messages: [{ value: 'first' }] });
await producer.disconnect();

const fromMs = performance.now();
const fromWallMs = Date.now();
const consumer = new Kafka(options).consumer({ groupId: values.group });
const steps = [];
consumer.on(consumer.events.REQUEST, ({ payload }) => {
  const { apiName, sentAt, duration } = payload;
  steps.push({ name: apiName, sentMs: sentAt - fromWallMs, tookMs: duration });
});
await consumer.connect();
await consumer.subscribe({ topic: values.topic, fromBeginning: true });
const first = new Promise((resolve) => {
  consumer.run({
    eachBatch: async () => resolve(performance.now() - fromMs),
  });
});
const firstRecordMs = await first;
process.stdout.write(`${JSON.stringify({ firstRecordMs, steps })}\n`);
// An orderly leave takes a fetch's wait; who is measured is done.
process.exit(0);
