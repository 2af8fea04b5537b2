/** Runs the jobs of a JSON file with this repository's own client. */

import { readFile, writeFile } from 'node:fs/promises';
import { Consumer, Producer, partitionOfKey, topic } from '../../../../dist/bundle/client/index.js';
import { collector, decode, encode, LIMIT_MS, readRecords, runJobs } from '../node/jobs.mjs';

function line({ offset, timestamp, keyBytes, valueBytes, headers }) {
  const pairs = Array.from(headers, ([name, value]) => [name, encode(value)]);
  return { o: offset, t: timestamp, k: encode(keyBytes), v: encode(valueBytes), h: pairs };
}

async function produce(spec, job) {
  const producer = new Producer({
    bootstrapServers: spec.bootstrap,
    compressionType: job.codec,
    enableIdempotence: job.idempotent ?? false,
  });
  const to = topic(job.topic);
  const sent = (await readRecords(job.file)).map((record) =>
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

async function read(consumer, job) {
  const records = collector(job.file, job.count);
  try {
    for await (const record of consumer.records({ signal: AbortSignal.timeout(LIMIT_MS) })) {
      records.add(line(record));
      if (records.left === 0) break;
    }
    await records.done;
  } finally {
    await records.close();
  }
}

async function consume(spec, job) {
  const consumer = new Consumer({ bootstrapServers: spec.bootstrap });
  const at = { topic: job.topic, partition: 0 };
  consumer.assign([at]);
  consumer.seek(at, job.from ?? 0);
  await read(consumer, job);
  await consumer.close();
}

async function group(spec, job) {
  const consumer = new Consumer({
    bootstrapServers: spec.bootstrap,
    groupId: job.group,
    groupProtocol: job.protocol,
    topics: [job.topic],
    autoOffsetReset: 'earliest',
    enableAutoCommit: false,
  });
  await read(consumer, job);
  await consumer.commit();
  await consumer.close();
}

/** The partition of each key, for each count of partitions. */
async function partitions(_spec, job) {
  const keys = (await readFile(job.file, 'utf8')).split('\n').map((text) => decode(text));
  const chosen = job.counts.map((count) => keys.map((key) => partitionOfKey(key, count)));
  await writeFile(job.out, JSON.stringify(chosen));
}

await runJobs({ produce, consume, group, partitions });
