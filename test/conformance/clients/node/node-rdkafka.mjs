/** Runs the jobs of a JSON file with node-rdkafka: node-rdkafka.mjs FOLDER JOBS. */

import { createRequire } from 'node:module';
import { join } from 'node:path';
import { collector, decode, encode, LIMIT_MS, readRecords, runJobs } from './jobs.mjs';

const [folder] = process.argv.splice(2, 1);
const rdkafka = createRequire(join(folder, 'package.json'))(folder);

function settings(spec, more) {
  return { 'metadata.broker.list': spec.bootstrap, ...spec.security?.librdkafka, ...more };
}

/** Connects; a login that the broker refuses is an error at once, where librdkafka tries on. */
function connected(client) {
  return new Promise((resolve, reject) => {
    client.on('event.error', (error) => {
      if (error.code === rdkafka.CODES.ERRORS.ERR__AUTHENTICATION) reject(error);
    });
    client.connect({ timeout: LIMIT_MS }, (error) => {
      if (error) reject(error);
      else resolve();
    });
  });
}

const disconnected = (client) => new Promise((resolve) => client.disconnect(resolve));

async function produce(spec, job) {
  const producer = new rdkafka.Producer(
    settings(spec, { 'compression.codec': job.codec, 'linger.ms': 20, dr_cb: true }),
    { 'message.timeout.ms': LIMIT_MS },
  );
  await connected(producer);
  const records = await readRecords(job.file);
  producer.setPollInterval(20);
  const delivered = new Promise((resolve, reject) => {
    let left = records.length;
    producer.on('delivery-report', (error) => {
      left -= 1;
      if (error) reject(error);
      else if (left === 0) resolve();
    });
  });
  for (const { t, k, v, h } of records) {
    const headers = h.map(([name, value]) => ({ [name]: decode(value) }));
    const partition = job.partition ?? 0;
    producer.produce(job.topic, partition, decode(v), decode(k), t, undefined, headers);
  }
  await delivered;
  await disconnected(producer);
}

function line({ offset, timestamp, key, value, headers = [] }) {
  const pairs = headers.flatMap((one) => Object.entries(one));
  const h = pairs.map(([name, bytes]) => [name, encode(bytes)]);
  return { o: offset, t: timestamp, k: encode(key), v: encode(value), h };
}

async function consume(spec, job) {
  const more = { 'group.id': 'not-joined', 'enable.auto.commit': false };
  const consumer = new rdkafka.KafkaConsumer(settings(spec, more), {
    'auto.offset.reset': 'earliest',
  });
  await connected(consumer);
  const records = collector(job.file, job.count);
  consumer.assign([{ topic: job.topic, partition: job.partition ?? 0, offset: job.from ?? 0 }]);
  consumer.on('data', (message) => records.add(line(message)));
  consumer.consume();
  try {
    await records.done;
  } finally {
    await records.close();
  }
}

await runJobs({ produce, consume });
