/**
 * Work that goes to threads: the client compresses a large batch in one, and the broker compresses it
 * anew in another, since the topic asks for another codec.
 */
import assert from 'node:assert/strict';
import { startBroker } from 'millrace';
import { Consumer, Producer, text, topic } from 'millrace/client';

const COUNT = 50;
const LETTERS = 5000;

const broker = await startBroker();
await broker.createTopic('large', { config: { 'compression.type': 'lz4' } });
const { bootstrapServers } = broker;
const large = topic('large', { value: text });
const values = Array.from({ length: COUNT }, (_, i) => String(i % 10).repeat(LETTERS));
const batches = { 'compression.type': 'gzip', 'batch.size': 1_000_000, 'linger.ms': 20 };
const producer = new Producer({ bootstrapServers, ...batches });
await Promise.all(values.map((value) => producer.send(large, { value })));
await producer.close();

const whole = { topics: [large], autoOffsetReset: 'earliest', groupId: 'readers' };
const consumer = new Consumer({ bootstrapServers, ...whole });
const seen = [];
const ended = new AbortController();
const eachRecord = ({ value }) => {
  seen.push(value);
  if (seen.length === COUNT) ended.abort();
};
await consumer.run({ eachRecord, signal: ended.signal });
await consumer.close();
await broker.close();
assert.deepEqual(seen, values);
console.log('round trip done');
