/** From the making of a KafkaJS client to the first record that a new group of one is given. */
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
const fromMs = performance.now();
const fromWallMs = Date.now();
const kafka = new Kafka({ brokers: [values.bootstrap], logLevel: logLevel.NOTHING });
const consumer = kafka.consumer({ groupId: values.group });
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
