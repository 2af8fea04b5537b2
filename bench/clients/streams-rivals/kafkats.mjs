/** The topologies that @kafkats/flow can run, with its state in memory. */
import { KafkaClient } from '@kafkats/client';
import { flow, string, topic } from '@kafkats/flow';
import { measureFlow, readSetup } from './measure.mjs';

const setup = readSetup();
const int64 = {
  encode(value) {
    const bytes = Buffer.allocUnsafe(8);
    bytes.writeBigInt64BE(BigInt(value));
    return bytes;
  },
  decode: (bytes) => Number(bytes.readBigInt64BE()),
};
const text = string();
const counter = { records: 0 };
const client = new KafkaClient({ brokers: [setup.bootstrap], clientId: 'kafkats' });
const app = flow({
  applicationId: setup.application,
  client,
  processingGuarantee: setup.guarantee === 'exactly_once_v2' ? 'exactly_once' : 'at_least_once',
  consumer: { autoOffsetReset: 'earliest' },
});
const input = app
  .stream(topic(setup.input, { key: text, value: text }), { offsetReset: 'earliest' })
  .peek(() => {
    counter.records++;
  });
if (setup.topology === 'filter-map') {
  input
    .filter((_key, value) => !value.startsWith('#'))
    .mapValues((value) => `${value}!`)
    .to(setup.output, { key: text, value: text });
} else {
  input
    .groupByKey({ key: text, value: text })
    .count({ storeName: 'counts', key: text, value: int64 })
    .toStream()
    .to(setup.output, { key: text, value: int64 });
}
await app.start();
await measureFlow(setup, counter, () => app.close());
