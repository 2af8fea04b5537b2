/**
 * What hostile clients do. An attack has phases, each measured on its own; they run one after the
 * other in the attacker's process and share `peers`.
 */
import { once } from 'node:events';
import { connect } from 'node:net';
import { WebSocket } from 'ws';
import { API } from '../../dist/protocol/index.js';
import { buildBatch } from '../../dist/records/batch-builder.js';
import { KafkaConnection } from '../crash/kafka-connection.mjs';
import { atRate, closeAll, frame, sleep } from './peers.mjs';
import { SECURED_ATTACKS } from './secured-attacks.mjs';
import { createTopic, fetchOf } from './steady-client.mjs';

const MANY = 10_000;
const BOMB_BYTES = 200 * 1024 * 1024;
const BOMBS = 4;
const LARGE_BYTES = 90_000_000;
const MUCH = 'much';
const OPENED = 'opened';
const CODECS = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 };

const HELLO = frame(API.API_VERSIONS, 3, { clientSoftwareName: 'x', clientSoftwareVersion: '1' });
const METADATA = frame(API.METADATA, 4, { topics: null, allowAutoTopicCreation: false });
const FETCH = frame(
  API.FETCH,
  4,
  fetchOf(MUCH, [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 50_000_000 }], 50_000_000),
);

/** A socket that survives whatever the broker does to it. */
async function open(port, options = {}) {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, ...options });
  socket.on('error', () => socket.destroy());
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => {});
  return socket;
}

async function openMany(port, count, peers, options) {
  while (peers.length < count) {
    const batch = Math.min(100, count - peers.length);
    peers.push(...(await Promise.all(Array.from({ length: batch }, () => open(port, options)))));
  }
}

async function fillMuch({ port }) {
  const connection = await KafkaConnection.open(port);
  await createTopic(connection, MUCH, 1, {});
  const value = Buffer.alloc(500_000);
  for (let i = 0; i < 60; i++) {
    const records = buildBatch([{ key: null, value, timestamp: 1 }]);
    await connection.send(API.PRODUCE, 9, {
      transactionalId: null,
      acks: 1,
      timeoutMs: 10_000,
      topicData: [{ name: MUCH, partitionData: [{ index: 0, records }] }],
    });
  }
  connection.close();
}

async function neverRead({ port, seconds, peers }, count, bytes) {
  await openMany(port, count, peers);
  for (const peer of peers) peer.pause().write(bytes);
  await sleep(seconds * 1000);
  closeAll(peers);
}

async function readByteBySecond({ port, seconds, peers }) {
  // One byte is asked of the kernel at a time; the callback's `false` stops reading.
  const onread = { buffer: Buffer.alloc(1), callback: () => false };
  await openMany(port, 200, peers, { onread });
  for (const peer of peers) peer.write(FETCH);
  for (let second = 0; second < seconds; second++) {
    await sleep(1000);
    for (const peer of peers) peer.resume();
  }
  closeAll(peers);
}

async function sendByteByTen({ port, seconds, peers }) {
  const every = 10_000;
  await openMany(port, 2000, peers);
  await atRate((peers.length * 1000) / every, Math.max(seconds, every / 1000), async () => {
    const peer = peers.shift();
    peers.push(peer);
    peer.write(HELLO.subarray(0, 1));
  });
  closeAll(peers);
}

const churn = ({ port, seconds }) =>
  atRate(1000, seconds, async () => {
    (await open(port)).destroy();
  });

async function closeInMidFrame({ port, seconds }, close) {
  await atRate(500, seconds, async () => {
    const peer = await open(port);
    peer.write(HELLO.subarray(0, 7));
    await sleep(20);
    close(peer);
    await Promise.race([once(peer, 'close').catch(() => {}), once(peer, 'end'), sleep(1000)]);
    peer.destroy();
  });
}

/** Sends 10,000 requests at once, reads all answers, and again. */
async function pipeline({ port, seconds }) {
  const much = Buffer.concat(new Array(MANY).fill(METADATA));
  const endMs = performance.now() + seconds * 1000;
  const peer = await open(port);
  const answerBytes = await new Promise((resolve) => {
    peer.once('data', (bytes) => resolve(4 + bytes.readInt32BE(0)));
    peer.write(METADATA);
  });
  let received = 0;
  peer.on('data', (bytes) => {
    received += bytes.length;
  });
  while (performance.now() < endMs) {
    received = 0;
    peer.write(much);
    while (received < MANY * answerBytes) await sleep(5);
  }
  peer.destroy();
}

/** Frames as large as may be, for a topic that is not there. */
async function sendLarge({ port, seconds }) {
  const partitionData = [{ index: 0, records: Buffer.alloc(LARGE_BYTES) }];
  const topicData = [{ name: 'nobody', partitionData }];
  const large = frame(API.PRODUCE, 3, {
    transactionalId: null,
    acks: 1,
    timeoutMs: 1000,
    topicData,
  });
  const endMs = performance.now() + seconds * 1000;
  const send = async () => {
    const peer = await open(port);
    while (performance.now() < endMs) {
      peer.write(large);
      await new Promise((resolve) => {
        peer.removeAllListeners('data').once('data', resolve);
        peer.removeAllListeners('close').once('close', resolve);
      });
    }
    peer.destroy();
  };
  await Promise.all(Array.from({ length: 4 }, send));
}

async function prepareBombs(context, codec) {
  const connection = await KafkaConnection.open(context.port);
  await createTopic(connection, `bombed-${codec}`, BOMBS, {
    'compression.type': codec === CODECS.gzip ? 'uncompressed' : 'gzip',
    'max.message.bytes': '20000000',
  });
  connection.close();
  const value = Buffer.alloc(BOMB_BYTES);
  context.bomb = buildBatch([{ key: null, value, timestamp: 1 }], { codec });
}

async function throwBombs({ port, seconds, bomb }, codec) {
  const endMs = performance.now() + seconds * 1000;
  const throwOn = async (index) => {
    const connection = await KafkaConnection.open(port);
    do {
      const { responses } = await connection.send(API.PRODUCE, 9, {
        transactionalId: null,
        acks: 1,
        timeoutMs: 30_000,
        topicData: [{ name: `bombed-${codec}`, partitionData: [{ index, records: bomb }] }],
      });
      if (responses[0].partitionResponses[0].errorCode === 0) throw new Error('a bomb was taken');
    } while (performance.now() < endMs);
    connection.close();
  };
  await Promise.all(Array.from({ length: BOMBS }, (_, index) => throwOn(index)));
}

function bombs(name, codec) {
  return {
    title: `${BOMBS} bombs at a time in ${name}, to ${BOMB_BYTES >> 20} MB each`,
    prepare: (context) => prepareBombs(context, codec),
    phases: { '': (context) => throwBombs(context, codec) },
  };
}

/** Batches of a few hundred KB that open to a million records, or to one of 30 MB. */
async function fillOpened({ port }) {
  const connection = await KafkaConnection.open(port);
  await createTopic(connection, OPENED, 1, { 'max.message.bytes': '4000000' });
  const many = Array.from({ length: 1_000_000 }, () => ({
    key: null,
    value: Buffer.from('{"n":1}'),
    timestamp: 1,
  }));
  const huge = [{ key: null, value: Buffer.alloc(30_000_000, 'h'), timestamp: 1 }];
  for (const codec of [CODECS.zstd, CODECS.gzip]) {
    for (const records of [many, huge]) {
      const partitionData = [{ index: 0, records: buildBatch(records, { codec }) }];
      const { responses } = await connection.send(API.PRODUCE, 9, {
        transactionalId: null,
        acks: 1,
        timeoutMs: 30_000,
        topicData: [{ name: OPENED, partitionData }],
      });
      const { errorCode } = responses[0].partitionResponses[0];
      if (errorCode !== 0) throw new Error(`a batch was not taken: error ${errorCode}`);
    }
  }
  connection.close();
}

/** Readers over WebSocket: two want all, two what is not there; each again when it has had all. */
async function readOpened({ httpPort, seconds }) {
  const endMs = performance.now() + seconds * 1000;
  const read = async (filter) => {
    while (performance.now() < endMs) {
      const socket = new WebSocket(`ws://127.0.0.1:${httpPort}/ws`, 'millrace.json');
      await once(socket, 'open');
      socket.send(
        JSON.stringify({
          type: 'subscribe',
          id: 1,
          sub: 1,
          topic: OPENED,
          from: 'earliest',
          filter,
        }),
      );
      const isOver = (text) => /"(next|to)":2000002\b/.test(text);
      await new Promise((resolve) => {
        const timer = setTimeout(resolve, Math.max(0, endMs - performance.now()));
        socket.on('message', (bytes) => {
          if (!isOver(bytes.toString('latin1', 0, 300))) return;
          clearTimeout(timer);
          resolve();
        });
      });
      socket.terminate();
    }
  };
  const nothing = { path: '$.n', equals: 2 };
  await Promise.all([read(), read(), read(nothing), read(nothing)]);
}

/** Takes a whole processor and leaves the broker alone: what the machine itself costs. */
async function spin({ seconds }) {
  const endMs = performance.now() + seconds * 1000;
  while (performance.now() < endMs) {
    const pauseMs = performance.now() + 5;
    while (performance.now() < pauseMs);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export const ATTACKS = {
  none: {
    title: 'none: the attacker sleeps',
    phases: { '': ({ seconds }) => sleep(seconds * 1000) },
  },
  spin: { title: 'none: the attacker spins', phases: { '': spin } },
  'never-reads': {
    title: '30 peers pipeline 200 fetches of 30 MB and never read',
    prepare: fillMuch,
    phases: { '': (context) => neverRead(context, 30, Buffer.concat(new Array(200).fill(FETCH))) },
  },
  'slow-reader': {
    title: '200 peers fetch 30 MB and read a byte a second',
    prepare: fillMuch,
    phases: { '': readByteBySecond },
  },
  'slow-sender': {
    title: '2,000 peers send a byte every ten seconds',
    phases: { '': sendByteByTen },
  },
  many: {
    title: '10,000 connections',
    phases: {
      opening: ({ port, peers }) => openMany(port, MANY, peers),
      open: ({ seconds }) => sleep(seconds * 1000),
      closing: async ({ peers }) => {
        closeAll(peers);
        await sleep(3000);
      },
    },
  },
  gone: {
    title: '10,000 connections whose process is killed',
    phases: {
      opening: ({ port, peers }) => openMany(port, MANY, peers),
      killed: 'kill',
    },
  },
  churn: { title: '1,000 opens and closes a second', phases: { '': churn } },
  'half-close': {
    title: '500 half closes in mid-frame a second',
    phases: { '': (context) => closeInMidFrame(context, (peer) => peer.end()) },
  },
  reset: {
    title: '500 resets in mid-frame a second',
    phases: { '': (context) => closeInMidFrame(context, (peer) => peer.resetAndDestroy()) },
  },
  pipeline: { title: '10,000 pipelined Metadata, again and again', phases: { '': pipeline } },
  'pipeline-unread': {
    title: '10 peers pipeline 10,000 Metadata and never read',
    phases: {
      '': (context) => neverRead(context, 10, Buffer.concat(new Array(MANY).fill(METADATA))),
    },
  },
  opened: {
    title: '4 readers over WebSocket of batches that open to a million records or 30 MB',
    overrides: { 'millrace.http.listener': '127.0.0.1:0' },
    prepare: fillOpened,
    phases: { '': readOpened },
  },
  large: { title: '4 peers send frames of 90 MB', phases: { '': sendLarge } },
  gzip: bombs('gzip', CODECS.gzip),
  snappy: bombs('snappy', CODECS.snappy),
  lz4: bombs('lz4', CODECS.lz4),
  zstd: bombs('zstd', CODECS.zstd),
  ...SECURED_ATTACKS,
};
