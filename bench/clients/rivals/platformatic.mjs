/** @platformatic/kafka. */
import { Consumer, MessagesStreamModes, Producer } from '@platformatic/kafka';
import { atOnce, BATCH, consumedMore, inLoops, produced, setup, VALUE } from './measure.mjs';

const { topic } = setup;
const common = { clientId: 'bench', bootstrapBrokers: [setup.bootstrap] };

async function produce(acks, burstOf) {
  const producer = new Producer(common);
  await produced(burstOf((messages) => producer.send({ messages, acks })));
}

async function consume(onData) {
  const consumer = new Consumer({ ...common, groupId: topic });
  const mode = MessagesStreamModes.EARLIEST;
  // With its default of 50 MB it reads at a tenth of this rate.
  const stream = await consumer.consume({
    topics: [topic],
    mode,
    maxBytes: 1048576,
    autocommit: false,
  });
  await onData(stream);
}

const message = { topic, value: VALUE };
const messages = Array.from({ length: BATCH }, () => message);
const inBatches = (send) => inLoops(() => send(messages));

const LOADS = {
  none: async () => {},
  produce: () => produce(1, inBatches),
  'produce-all': () => produce(-1, inBatches),
  singles: () => produce(1, (send) => atOnce(() => send([message]))),
  'consume-batches': () => consume(async (stream) => stream.on('data', () => consumedMore(1))),
  'consume-records': () =>
    consume(async (stream) => {
      for await (const record of stream) consumedMore(record === undefined ? 0 : 1);
    }),
};

await LOADS[setup.load]();
