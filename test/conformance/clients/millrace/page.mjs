/** What `browser.mjs` runs in a page: jobs without files. */
import { Consumer, Producer, topic } from 'millrace/client';

const LIMIT_MS = 40_000;

function decode(text) {
  return text === null ? null : Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}

function encode(bytes) {
  if (bytes === null) return null;
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(''));
}

async function produce(bootstrapServers, job, records) {
  const producer = new Producer({
    bootstrapServers,
    compressionType: job.codec,
    enableIdempotence: job.idempotent ?? false,
  });
  const to = topic(job.topic);
  const sent = records.map((record) =>
    producer.send(to, {
      partition: job.partition ?? 0,
      timestamp: record.t,
      key: decode(record.k),
      value: decode(record.v),
      headers: record.h.map(([name, value]) => [name, decode(value)]),
    }),
  );
  await Promise.all(sent);
  await producer.close();
}

async function read(consumer, count) {
  const records = [];
  const signal = AbortSignal.timeout(LIMIT_MS);
  for await (const record of consumer.records({ signal })) {
    const { offset, timestamp, keyBytes, valueBytes, headers } = record;
    const pairs = Array.from(headers, ([name, value]) => [name, encode(value)]);
    const [k, v] = [encode(keyBytes), encode(valueBytes)];
    records.push({ o: offset, t: timestamp, k, v, h: pairs });
    if (records.length === count) return records;
  }
  throw new Error(`${records.length} of ${count} records came in time`);
}

async function consume(bootstrapServers, job) {
  const consumer = new Consumer({ bootstrapServers });
  const at = { topic: job.topic, partition: 0 };
  consumer.assign([at]);
  consumer.seek(at, job.from ?? 0);
  const records = await read(consumer, job.count);
  await consumer.close();
  return records;
}

async function group(bootstrapServers, job) {
  const consumer = new Consumer({
    bootstrapServers,
    groupId: job.group,
    groupProtocol: job.protocol,
    topics: [job.topic],
    autoOffsetReset: 'earliest',
    enableAutoCommit: false,
  });
  const records = await read(consumer, job.count);
  await consumer.commit();
  await consumer.close();
  return records;
}

globalThis.jobs = { produce, consume, group };
