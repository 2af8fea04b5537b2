/**
 * Transactions with KafkaJS: moves records from one topic to another with their offsets in the
 * transaction, aborts some, and reads what is committed. Prints a line of JSON a step.
 */
import { Kafka, logLevel } from 'kafkajs';

const [bootstrap, name] = process.argv.slice(2);
const COUNT = 40;
const SIZE = 4;
const WAIT_MS = 20_000;
const kafka = new Kafka({ brokers: [bootstrap], clientId: name, logLevel: logLevel.NOTHING });
const [input, output, groupId] = [`${name}-in`, `${name}-out`, `${name}-group`];

async function step(what, work) {
  try {
    await work();
    console.log(JSON.stringify({ step: what, ok: true }));
  } catch (error) {
    console.log(JSON.stringify({ step: what, ok: false, error: String(error?.stack ?? error) }));
  }
}

function expectEqual(actual, expected) {
  const [have, want] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (have !== want) throw new Error(`got ${have}, wanted ${want}`);
}

const newProducer = () =>
  kafka.producer({ transactionalId: name, maxInFlightRequests: 1, idempotent: true });

const values = (from) =>
  Array.from({ length: SIZE }, (_, i) => ({ partition: 0, value: String(from + i) }));

/** Reads values up to one that says the end, which comes in a transaction of its own. */
async function read(isCommitted, group) {
  const consumer = kafka.consumer({ groupId: group, readUncommitted: !isCommitted });
  const found = [];
  await consumer.connect();
  await consumer.subscribe({ topic: output, fromBeginning: true });
  await new Promise((resolve, reject) => {
    setTimeout(() => reject(new Error(`only ${found.length} came`)), WAIT_MS).unref();
    const eachMessage = async ({ message }) => {
      const value = message.value.toString();
      if (value === 'end') resolve();
      else found.push(Number(value));
    };
    consumer.run({ autoCommit: false, eachMessage }).catch(reject);
  });
  await consumer.disconnect();
  return found;
}

const admin = kafka.admin();
await admin.connect();
await admin.createTopics({ topics: [{ topic: input }, { topic: output }], waitForLeaders: true });
const producer = newProducer();
await producer.connect();

await step('transactions with offsets, every third aborted', async () => {
  let position = 0;
  for (let turn = 0; position < COUNT; turn++) {
    const transaction = await producer.transaction();
    await transaction.send({ topic: output, messages: values(position) });
    const offset = String(position + SIZE);
    const topics = [{ topic: input, partitions: [{ partition: 0, offset }] }];
    await transaction.sendOffsets({ consumerGroupId: groupId, topics });
    if (turn % 3 === 1) {
      await transaction.abort();
    } else {
      await transaction.commit();
      position += SIZE;
    }
  }
});

await step('the offsets are those of the last committed transaction', async () => {
  const [{ partitions }] = await admin.fetchOffsets({ groupId, topics: [input] });
  expectEqual(partitions[0].offset, String(COUNT));
});

await step('a second producer of the id fences the first', async () => {
  const open = await producer.transaction();
  await open.send({ topic: output, messages: [{ partition: 0, value: '-1' }] });
  const second = newProducer();
  await second.connect();
  const transaction = await second.transaction();
  await transaction.send({ topic: output, messages: [{ partition: 0, value: 'end' }] });
  await transaction.commit();
  const refused = await open.commit().then(
    () => '',
    (error) => String(error.type ?? error),
  );
  if (!/FENCED|EPOCH|STATE/.test(refused)) throw new Error(`the first was told ${refused}`);
  await second.disconnect();
});

const wanted = Array.from({ length: COUNT }, (_, i) => i);
await step('a reader of committed records gets each once', async () => {
  expectEqual(await read(true, `${name}-committed`), wanted);
});

await step('a reader of all records gets the aborted ones too', async () => {
  const found = await read(false, `${name}-all`);
  if (found.length <= COUNT || !found.includes(-1)) throw new Error(`got ${found.length}`);
});

await producer.disconnect().catch(() => console.log('the fenced producer is gone'));
await admin.disconnect();
process.exit(0);
