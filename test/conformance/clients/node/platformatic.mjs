/** Runs the jobs of a JSON file with @platformatic/kafka. */

import { Consumer, Producer } from '@platformatic/kafka';
import { collector, decode, encode, readRecords, runJobs } from './jobs.mjs';

const BYTES = { key: (v) => v, value: (v) => v, headerKey: (v) => v, headerValue: (v) => v };

async function produce(spec, job) {
  const producer = new Producer({
    clientId: 'conformance',
    bootstrapBrokers: [spec.bootstrap],
    serializers: BYTES,
    idempotent: job.idempotent ?? false,
  });
  try {
    const records = await readRecords(job.file);
    for (let at = 0; at < records.length; at += 100) {
      const messages = records.slice(at, at + 100).map((record) => ({
        topic: job.topic,
        partition: job.partition ?? 0,
        timestamp: BigInt(record.t),
        key: decode(record.k) ?? undefined,
        value: decode(record.v) ?? undefined,
        headers: new Map(record.h.map(([name, value]) => [Buffer.from(name), decode(value)])),
      }));
      await producer.send({ messages, acks: -1, compression: job.codec });
    }
  } finally {
    await producer.close();
  }
}

function consumerOf(spec, groupId, protocol) {
  return new Consumer({
    clientId: 'conformance',
    groupId,
    bootstrapBrokers: [spec.bootstrap],
    deserializers: BYTES,
    autocommit: false,
    maxWaitTime: 500,
    ...(protocol === 'consumer' ? { groupProtocol: 'consumer' } : {}),
  });
}

function line(offset, timestamp, record) {
  return {
    o: Number(offset),
    t: Number(timestamp),
    k: encode(record.key),
    v: encode(record.value),
    h: [...record.headers].map(([name, value]) => [String(name), encode(value)]),
  };
}

/** Without a group: the consumer's own fetch call and decoder. */
async function consume(spec, job) {
  const consumer = consumerOf(spec, 'not-joined');
  const records = collector(job.file, job.count);
  try {
    const metadata = await consumer.metadata({ topics: [job.topic] });
    const topic = metadata.topics.get(job.topic);
    let next = BigInt(job.from ?? 0);
    while (records.left > 0) {
      const partition = {
        partition: 0,
        currentLeaderEpoch: topic.partitions[0].leaderEpoch,
        fetchOffset: next,
        lastFetchedEpoch: -1,
        partitionMaxBytes: 1 << 20,
      };
      const topics = [{ topicId: topic.id, partitions: [partition] }];
      const answer = await consumer.fetch({ node: topic.partitions[0].leader, topics });
      for (const batch of answer.responses[0]?.partitions[0].records ?? []) {
        for (const record of batch.records) {
          const offset = batch.firstOffset + BigInt(record.offsetDelta);
          if (offset < next) continue;
          records.add(line(offset, batch.firstTimestamp + record.timestampDelta, record));
          next = offset + 1n;
        }
      }
    }
  } finally {
    await consumer.close(true);
    await records.close();
  }
}

async function group(spec, job) {
  const consumer = consumerOf(spec, job.group, job.protocol);
  const records = collector(job.file, job.count);
  try {
    const stream = await consumer.consume({
      topics: [job.topic],
      mode: 'committed',
      fallbackMode: 'earliest',
    });
    let last;
    stream.on('data', (message) => {
      records.add(line(message.offset, message.timestamp, message));
      last = message;
    });
    await records.done;
    await last.commit();
    await stream.close();
  } finally {
    await consumer.close(true);
    await records.close();
  }
}

await runJobs({ produce, consume, group });
