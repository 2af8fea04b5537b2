/** Copies one topic to another with `transact`, until it is killed. */
import { Consumer, Producer, text, topic, transact } from '../../dist/client/index.js';

const options = JSON.parse(process.argv[2]);
const { bootstrapServers, input, output, groupId, transactionalId, consumer } = options;
const from = new Consumer({
  bootstrapServers,
  groupId,
  topics: [topic(input, { key: text, value: text })],
  autoOffsetReset: 'earliest',
  isolationLevel: 'read_committed',
  ...consumer,
});
const into = new Producer({ bootstrapServers, transactionalId, lingerMs: 0 });
const copies = topic(output, { key: text, value: text });
process.stdout.write('started\n');
await transact({ from, into, commitIntervalMs: 20 }, (batch, tx) => {
  for (const { value } of batch) tx.send(copies, { value, partition: batch.partition });
});
