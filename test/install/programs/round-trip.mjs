// What every install must be able to do: a broker starts, KafkaJS produces and consumes, the process
// ends by itself. `MODULE` is where startBroker comes from.
import { strict as assert } from 'node:assert';
import kafkajs from 'kafkajs';

const { startBroker } = await import(process.env.MODULE ?? 'millrace');

export async function roundTrip() {
  const broker = await startBroker();
  try {
    await broker.createTopic('orders', { partitions: 2 });
    const client = { brokers: [broker.bootstrapServers], logLevel: kafkajs.logLevel.NOTHING };
    const kafka = new kafkajs.Kafka(client);
    const producer = kafka.producer();
    await producer.connect();
    const values = Array.from({ length: 20 }, (_, i) => `order ${i}`);
    await producer.send({ topic: 'orders', messages: values.map((value) => ({ value })) });
    await producer.disconnect();
    const consumer = kafka.consumer({ groupId: 'billing' });
    await consumer.connect();
    await consumer.subscribe({ topic: 'orders', fromBeginning: true });
    const seen = [];
    await new Promise((resolve, reject) => {
      const eachMessage = async ({ message }) => {
        seen.push(String(message.value));
        if (seen.length === values.length) resolve();
      };
      consumer.run({ eachMessage }).catch(reject);
    });
    await consumer.disconnect();
    assert.deepEqual(seen.sort(), values.sort());
  } finally {
    await broker.close();
  }
}
