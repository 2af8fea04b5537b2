/** The topologies that kafka-streams can run: its counts are fields of its own events. */
import kafkaStreams from 'kafka-streams';
import { measureFlow, readSetup } from './measure.mjs';

const { KafkaStreams } = kafkaStreams;
const setup = readSetup();
const counter = { records: 0 };
const streams = new KafkaStreams({
  kafkaHost: setup.bootstrap,
  groupId: setup.application,
  clientName: setup.application,
  workerPerPartition: 1,
  options: { sessionTimeout: 8000, protocol: ['roundrobin'], fromOffset: 'earliest' },
  noptions: {
    'metadata.broker.list': setup.bootstrap,
    'group.id': setup.application,
    'client.id': setup.application,
    'enable.auto.commit': true,
  },
  tconf: { 'auto.offset.reset': 'earliest', 'request.required.acks': 1 },
});
const input = streams.getKStream(setup.input).map((message) => {
  counter.records++;
  return message;
});
if (setup.topology === 'filter-map') {
  input
    .filter(({ value }) => !`${value}`.startsWith('#'))
    .map(({ key, value }) => ({ key: `${key}`, value: `${value}!` }))
    .to(setup.output, 1, 'send');
} else {
  input
    .map(({ key }) => ({ key: `${key}` }))
    .countByKey('key', 'count')
    .map(({ key, count }) => ({ key, value: `${count}` }))
    .to(setup.output, 1, 'send');
}
await input.start();
await measureFlow(setup, counter, () => streams.closeAll());
