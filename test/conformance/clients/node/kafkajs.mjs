/** Runs the jobs of a JSON file with KafkaJS. */

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { init, compress as zstdCompress, decompress as zstdDecompress } from '@bokuweb/zstd-wasm';
import kafkajs from 'kafkajs';
import lz4 from 'lz4-napi';
import snappy from 'snappyjs';
import { collector, decode, encode, readRecords, runJobs } from './jobs.mjs';
import { webSocketFactory } from './kafka-web-socket.mjs';

const { CompressionCodecs, CompressionTypes, Kafka, logLevel } = kafkajs;
const require = createRequire(import.meta.url);
const Cluster = require('kafkajs/src/cluster');
const socketFactory = require('kafkajs/src/network/socketFactory');
const { createLogger } = require('kafkajs/src/loggers');

const CODECS = {
  none: CompressionTypes.None,
  gzip: CompressionTypes.GZIP,
  snappy: CompressionTypes.Snappy,
  lz4: CompressionTypes.LZ4,
  zstd: CompressionTypes.ZSTD,
};
const XERIAL_HEADER = Buffer.from('82534e415050590000000001000000 01'.replace(' ', ''), 'hex');

/** snappy-java's framing: what other Kafka clients write and expect. */
function snappyCompress(data) {
  const block = Buffer.from(snappy.compress(data));
  const length = Buffer.alloc(4);
  length.writeInt32BE(block.length);
  return Buffer.concat([XERIAL_HEADER, length, block]);
}

function snappyDecompress(data) {
  if (!data.subarray(0, 7).equals(XERIAL_HEADER.subarray(0, 7))) {
    return Buffer.from(snappy.uncompress(data));
  }
  const blocks = [];
  for (let at = 16; at < data.length; ) {
    const length = data.readInt32BE(at);
    blocks.push(Buffer.from(snappy.uncompress(data.subarray(at + 4, at + 4 + length))));
    at += 4 + length;
  }
  return Buffer.concat(blocks);
}

function codec(compress, decompress) {
  return () => ({
    compress: async (encoder) => Buffer.from(await compress(encoder.buffer)),
    decompress: async (buffer) => Buffer.from(await decompress(buffer)),
  });
}

await init();
CompressionCodecs[CompressionTypes.Snappy] = codec(snappyCompress, snappyDecompress);
CompressionCodecs[CompressionTypes.LZ4] = codec(lz4.compressFrame, lz4.decompressFrame);
CompressionCodecs[CompressionTypes.ZSTD] = codec((data) => zstdCompress(data, 3), zstdDecompress);

/** TCP, or the gateway's subprotocol `kafka` where the job file names its address. */
function factoryOf({ webSocket }) {
  return webSocket === undefined ? socketFactory() : webSocketFactory(webSocket);
}

/** TLS and a login, where the job file has them. */
function securityOf({ security }) {
  if (security === undefined) return {};
  const [ca, cert, key] = [security.ca, security.certificate, security.key].map((path) => {
    return path === undefined ? undefined : readFileSync(path);
  });
  const ssl = { ca: [ca], cert, key };
  if (security.mechanism === undefined) return { ssl };
  const { mechanism, username, password } = security;
  return { ssl, sasl: { mechanism: mechanism.toLowerCase(), username, password } };
}

function kafkaOf(spec) {
  const brokers = [spec.bootstrap];
  const socketFactory = factoryOf(spec);
  return new Kafka({ brokers, logLevel: logLevel.NOTHING, socketFactory, ...securityOf(spec) });
}

/** KafkaJS takes headers as an object; a repeated name has an array of values. */
function headersOf(pairs) {
  const headers = {};
  for (const [name, value] of pairs) {
    const bytes = decode(value);
    if (name in headers) headers[name] = [headers[name], bytes].flat();
    else headers[name] = bytes;
  }
  return headers;
}

function line(message) {
  const headers = [];
  for (const [name, value] of Object.entries(message.headers)) {
    for (const one of Array.isArray(value) ? value : [value]) headers.push([name, encode(one)]);
  }
  const [o, t] = [Number(message.offset), Number(message.timestamp)];
  return { o, t, k: encode(message.key), v: encode(message.value), h: headers };
}

async function produce(spec, job) {
  const producer = kafkaOf(spec).producer({
    createPartitioner: kafkajs.Partitioners.DefaultPartitioner,
    idempotent: job.idempotent ?? false,
  });
  await producer.connect();
  try {
    const records = await readRecords(job.file);
    for (let at = 0; at < records.length; at += 100) {
      const messages = records.slice(at, at + 100).map((record) => ({
        partition: job.partition ?? 0,
        timestamp: String(record.t),
        key: decode(record.k),
        value: decode(record.v),
        headers: headersOf(record.h),
      }));
      await producer.send({
        topic: job.topic,
        acks: -1,
        compression: CODECS[job.codec],
        messages,
      });
    }
  } finally {
    await producer.disconnect();
  }
}

/** KafkaJS has no consumer without a group; its own broker class fetches and decodes. */
async function consume(spec, job) {
  const cluster = new Cluster({
    brokers: [spec.bootstrap],
    ...securityOf(spec),
    logger: createLogger({ level: logLevel.NOTHING, logCreator: () => () => {} }),
    socketFactory: factoryOf(spec),
    connectionTimeout: 5_000,
    requestTimeout: 20_000,
    enforceRequestTimeout: true,
    metadataMaxAge: 60_000,
    allowAutoTopicCreation: false,
    offsets: new Map(),
  });
  const records = collector(job.file, job.count);
  await cluster.connect();
  try {
    await cluster.addTargetTopic(job.topic);
    const { partitionId, leader } = cluster.findTopicPartitionMetadata(job.topic)[0];
    const broker = await cluster.findBroker({ nodeId: String(leader) });
    let next = job.from ?? 0;
    while (records.left > 0) {
      const partitions = [{ partition: partitionId, fetchOffset: next, maxBytes: 1 << 20 }];
      const topics = [{ topic: job.topic, partitions }];
      const { responses } = await broker.fetch({ maxWaitTime: 500, topics });
      for (const message of responses[0].partitions[0].messages) {
        if (Number(message.offset) < next) continue;
        records.add(line(message));
        next = Number(message.offset) + 1;
      }
    }
  } finally {
    await cluster.disconnect();
    await records.close();
  }
}

async function group(spec, job) {
  const consumer = kafkaOf(spec).consumer({ groupId: job.group });
  const records = collector(job.file, job.count);
  await consumer.connect();
  try {
    await consumer.subscribe({ topic: job.topic, fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => records.add(line(message)) });
    await records.done;
  } finally {
    // Stopping commits what was processed.
    await consumer.disconnect();
    await records.close();
  }
}

await runJobs({ produce, consume, group });
