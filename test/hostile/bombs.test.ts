import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { API } from '../../src/protocol/api-keys.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { crc32c } from '../../src/records/crc32c.ts';
import { BrokerProcess } from '../support/broker-process.ts';
import { createTopic } from '../support/topics.ts';
import { WireClient } from '../support/wire-client.ts';
import { underAttack } from './under-attack.ts';

const CODECS = { gzip: 1, snappy: 2, lz4: 3, zstd: 4 } as const;
/** One record of 200 MB of zeros: more than the broker unpacks of one batch. */
const BOMB_BYTES = 200 * 1024 * 1024;
const BOMBS = 4;
const MESSAGE_TOO_LARGE = 10;
const TIME = 1_700_000_000_000;
/** Asks for the record with the largest timestamp. */
const MAX_TIMESTAMP = -3;
/** millrace.max.decompressed.batch.bytes and an eighth of it, with room for what they came in. */
const PEAK_MB = 64 + 8 + 160;

let broker: BrokerProcess;
let client: WireClient;

beforeAll(async () => {
  broker = await BrokerProcess.start();
  client = await WireClient.open(broker.port);
  for (const target of ['uncompressed', 'gzip']) {
    const configs = { 'compression.type': target, 'max.message.bytes': '20000000' };
    await createTopic(client, `to-${target}`, configs, BOMBS);
  }
});

afterAll(async () => {
  client.close();
  await broker.kill();
});

async function produce(topic: string, index: number, records: Buffer): Promise<number> {
  const own = await WireClient.open(broker.port);
  const answer = await own.ask(API.PRODUCE, 9, {
    transactionalId: null,
    acks: 1,
    timeoutMs: 30_000,
    topicData: [{ name: topic, partitionData: [{ index, records }] }],
  });
  own.close();
  return answer.responses[0]!.partitionResponses[0]!.errorCode;
}

test.each(Object.entries(CODECS))(
  'a bomb in %s is unpacked off the loop, within bounds',
  async (name, codec) => {
    const value = Buffer.alloc(BOMB_BYTES);
    const bomb = buildBatch([{ key: null, value, timestamp: 1 }], { codec });
    const topic = name === 'gzip' ? 'to-uncompressed' : 'to-gzip';
    const title = `${BOMBS} bombs in ${name}: ${bomb.length} bytes to ${BOMB_BYTES}`;
    const attack = async () => {
      const bombs = Array.from({ length: BOMBS }, (_, index) => produce(topic, index, bomb));
      for (const error of await Promise.all(bombs)) expect(error).toBe(MESSAGE_TOO_LARGE);
    };
    const figures = await underAttack(title, broker, attack, { megabytes: 500, descriptors: 40 });
    expect(figures.peakMb - figures.beforeMb).toBeLessThan(PEAK_MB);
  },
  60_000,
);

/** A batch with a sound header and checksum around what is no data of its codec. */
function noiseBatch(codec: number, fill: number): Buffer {
  const honest = buildBatch([{ key: null, value: Buffer.from('honest'), timestamp: TIME }], {
    codec,
  });
  const noise = Buffer.concat([honest.subarray(0, 61), Buffer.alloc(300, fill)]);
  noise.writeInt32BE(noise.length - 12, 8);
  noise.writeUInt32BE(crc32c(noise, 21, noise.length), 17);
  return noise;
}

test.each(Object.entries(CODECS))('noise for %s data is refused', async (_, codec) => {
  for (const fill of [0x00, 0x5a, 0xff]) {
    const target = codec === 1 ? 'to-uncompressed' : 'to-gzip';
    expect(await produce(target, 0, noiseBatch(codec, fill))).toBe(87);
  }
});

describe('what nobody can open, stored as it came,', () => {
  async function offsetAt(topic: string, timestamp: number) {
    const answer = await client.ask(API.LIST_OFFSETS, 7, {
      replicaId: -1,
      isolationLevel: 0,
      topics: [
        { name: topic, partitions: [{ partitionIndex: 0, currentLeaderEpoch: -1, timestamp }] },
      ],
    });
    const { errorCode, offset } = answer.topics[0]!.partitions[0]!;
    expect(errorCode).toBe(0);
    return offset;
  }

  test.each(Object.entries(CODECS))(
    'as %s, is found by its time as a whole',
    async (name, codec) => {
      const topic = `raw-${name}`;
      await client.ask(API.METADATA, 9, {
        topics: [{ name: topic }],
        allowAutoTopicCreation: true,
      });
      for (const fill of [0x00, 0x5a, 0xff]) {
        expect(await produce(topic, 0, noiseBatch(codec, fill))).toBe(0);
      }
      expect(await offsetAt(topic, TIME - 500)).toBe(0);
      expect(await offsetAt(topic, MAX_TIMESTAMP)).toBe(0);
      const value = Buffer.alloc(BOMB_BYTES / 4);
      const records = [TIME, TIME + 1000].map((timestamp) => ({ key: null, value, timestamp }));
      const bomb = buildBatch(records, { codec });
      if (bomb.length > 1_000_000) return; // no bomb in these codecs, but too large a message
      expect(await produce(topic, 0, bomb)).toBe(0);
      expect(await offsetAt(topic, TIME + 1000)).toBe(3);
      expect(broker.isAlive).toBe(true);
    },
  );
});
