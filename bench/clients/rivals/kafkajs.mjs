/** KafkaJS. */
import kafkajs from 'kafkajs';
import { atOnce, BATCH, consumedMore, inLoops, produced, setup, VALUE } from './measure.mjs';

const { Kafka, logLevel, Partitioners } = kafkajs;
const { topic } = setup;

function client() {
  return new Kafka({ brokers: [setup.bootstrap], logLevel: logLevel.NOTHING });
}

async function produce(acks, burstOf) {
  const createPartitioner = Partitioners.DefaultPartitioner;
  const producer = client().producer({ createPartitioner });
  await producer.connect();
  await produced(burstOf((messages) => producer.send({ topic, acks, messages })));
}

async function consume(handlers) {
  const consumer = client().consumer({ groupId: topic });
  await consumer.connect();
  await consumer.subscribe({ topic, fromBeginning: true });
  await consumer.run({ autoCommit: false, ...handlers });
}

const message = { value: VALUE };
const messages = Array.from({ length: BATCH }, () => message);
const inBatches = (send) => inLoops(() => send(messages));
const singles = (send) => atOnce(() => send([message]));

const LOADS = {
  none: async () => {},
  produce: () => produce(1, inBatches),
  'produce-all': () => produce(-1, inBatches),
  singles: () => produce(1, singles),
  'consume-batches': () =>
    consume({
      eachBatchAutoResolve: true,
      eachBatch: async ({ batch }) => consumedMore(batch.messages.length),
    }),
  'consume-records': () => consume({ eachMessage: async () => consumedMore(1) }),
};

await LOADS[setup.load]();
