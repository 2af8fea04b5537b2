/**
 * The one write of several batches fails in its middle, or the process does not live to end it.
 * Idempotent producers send again what was refused, a transaction commits, and a start afterwards
 * finds each record once.
 */
import { cpSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { type EmbeddedBroker, startBroker } from '../../src/broker/start-broker.ts';
import { installStorage, systemStorage } from '../../src/log/storage.ts';
import { API } from '../../src/protocol/api-keys.ts';
import type { ProduceResponse } from '../../src/protocol/schema/00-produce.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { KafkaConnection } from '../crash/kafka-connection.mjs';
import { newProducerId } from '../crash/producer-id.mjs';
import { BrokerProcess } from '../support/broker-process.ts';
import { readCommitted } from '../support/committed-reader.mjs';
import { skipWithoutAddon } from '../support/skip-without-addon.ts';
import { createTopic } from '../support/topics.ts';
import { TransactionalClient } from '../support/transactional-client.mjs';
import { WireClient } from '../support/wire-client.ts';

skipWithoutAddon('node:net reads into memory of its own, so each batch is written by itself');

const { ENOSPC, EIO } = constants.errno;
const TOPIC = 'topic';
const BURST = 4;
const CONFIG = {
  'num.io.threads': 0,
  'transaction.state.log.num.partitions': 1,
  'offsets.topic.num.partitions': 1,
};

/** The next write of several batches ends after half of them with this error; 0: it does not. */
let halfWay = 0;
/** The next writes of one batch: they pass where it is 0, and fail with the error where it is not. */
let single: number[] = [];
let failedHalfWay = 0;

let dataDir: string;
const connections: KafkaConnection[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'millrace-gathered-'));
  halfWay = 0;
  single = [];
  failedHalfWay = 0;
  installStorage({
    ...systemStorage,
    append(fd, source, sourceAt, length, at) {
      const errno = single.shift() ?? 0;
      return errno || systemStorage.append(fd, source, sourceAt, length, at);
    },
    appendParts(fd, source, parts, count, at) {
      const lone = count === 1 ? (single.shift() ?? 0) : 0;
      if (halfWay === 0 || count === 1) {
        return lone || systemStorage.appendParts(fd, source, parts, count, at);
      }
      const errno = halfWay;
      halfWay = 0;
      failedHalfWay++;
      return systemStorage.appendParts(fd, source, parts, count >> 1, at) || errno;
    },
  });
});

afterEach(async () => {
  for (const connection of connections.splice(0)) connection.close();
  installStorage(systemStorage);
  await rm(dataDir, { recursive: true, force: true });
});

async function connect(port: number): Promise<KafkaConnection> {
  const connection = (await KafkaConnection.open(port)) as KafkaConnection;
  connections.push(connection);
  return connection;
}

async function makeTopic(port: number): Promise<void> {
  const wire = await WireClient.open(port);
  await createTopic(wire, TOPIC, {}, 1);
  wire.close();
}

/** An idempotent producer that has sent batches of one record, each of which is its number. */
class NumberedProducer {
  readonly #connection: KafkaConnection;
  readonly #id: number;

  constructor(connection: KafkaConnection, id: number) {
    this.#connection = connection;
    this.#id = id;
  }

  static async make(connection: KafkaConnection): Promise<NumberedProducer> {
    return new NumberedProducer(connection, await newProducerId(connection));
  }

  /** The same producer at a broker that was started again. */
  on(connection: KafkaConnection): NumberedProducer {
    return new NumberedProducer(connection, this.#id);
  }

  async send(number: number): Promise<{ error: number; offset: number }> {
    const value = Buffer.from(String(number));
    const records = buildBatch([{ value, timestamp: Date.now() }], {
      producerId: this.#id,
      producerEpoch: 0,
      baseSequence: number,
    });
    const topicData = [{ name: TOPIC, partitionData: [{ index: 0, records }] }];
    const body = { transactionalId: null, acks: -1, timeoutMs: 10_000, topicData };
    const answer = (await this.#connection.send(API.PRODUCE, 9, body)) as ProduceResponse;
    const { errorCode, baseOffset } = answer.responses[0]!.partitionResponses[0]!;
    return { error: errorCode, offset: baseOffset };
  }

  /** They come to the broker together. The errors, in order. */
  async burst(first: number, count = BURST): Promise<number[]> {
    const sent = this.#connection.together(() =>
      Array.from({ length: count }, (_, i) => this.send(first + i)),
    );
    return (await Promise.all(sent)).map(({ error }) => error);
  }
}

function start(directory = dataDir): Promise<EmbeddedBroker> {
  return startBroker({ dataDir: directory, config: CONFIG });
}

async function valuesAt(port: number): Promise<string[]> {
  const { records } = await readCommitted(await connect(port), TOPIC, 0);
  return records.map(({ value }: { value: string }) => value);
}

function numbers(end: number): string[] {
  return Array.from({ length: end }, (_, i) => String(i));
}

describe.each([ENOSPC, EIO])('a write of several batches that fails half-way with %i', (errno) => {
  test('loses and doubles nothing where each of them can be written by itself', async () => {
    let end = 1;
    {
      await using broker = await start();
      await makeTopic(broker.port);
      const producer = await NumberedProducer.make(await connect(broker.port));
      await producer.send(0);
      halfWay = errno;
      // Behind a command of the worker's own, the batches of a burst are written one by one.
      for (; failedHalfWay === 0; end += BURST) {
        expect(await producer.burst(end)).toEqual([0, 0, 0, 0]);
      }
      expect(await producer.burst(end)).toEqual([0, 0, 0, 0]);
      expect(await producer.burst(end)).toEqual([0, 0, 0, 0]);
      end += BURST;
      expect(await valuesAt(broker.port)).toEqual(numbers(end));
    }
    await using again = await start();
    expect(await valuesAt(again.port)).toEqual(numbers(end));
  });

  test('leaves what is refused to the producer, also over a crash', async () => {
    await using broker = await start();
    await makeTopic(broker.port);
    const producer = await NumberedProducer.make(await connect(broker.port));
    await producer.send(0);
    halfWay = errno;
    single = [0, errno];
    const answers = await producer.burst(1);
    expect(answers.slice(0, 2)).toEqual([0, ERROR.KAFKA_STORAGE_ERROR]);
    expect(answers.slice(2)).not.toContain(0);
    const crashed = join(dataDir, '..', `${dataDir}-crashed`);
    try {
      cpSync(dataDir, crashed, { recursive: true });
      await rm(join(crashed, '.lock.pid'), { force: true });
      await using again = await start(crashed);
      expect(await valuesAt(again.port)).toEqual(numbers(2));
      const resumed = producer.on(await connect(again.port));
      expect(await resumed.burst(2)).toEqual([0, 0, 0, 0]);
      expect(await valuesAt(again.port)).toEqual(numbers(2 + BURST));
    } finally {
      await rm(crashed, { recursive: true, force: true });
    }
  });

  test('does no harm to a transaction whose batch comes behind', async () => {
    const written = ['begun', '0'];
    {
      await using broker = await start();
      await makeTopic(broker.port);
      const connection = await connect(broker.port);
      const producer = await NumberedProducer.make(connection);
      const client = new TransactionalClient(connection, 'behind');
      await client.findCoordinators();
      await client.init();
      await client.produce(TOPIC, 0, ['begun']);
      expect(await producer.burst(0, 1)).toEqual([0]);
      halfWay = errno;
      // Behind a command of the worker's own, the batches of a burst are written one by one.
      for (let first = 1; failedHalfWay === 0; first += 3) {
        const behind = `behind ${first}`;
        const both = [producer.burst(first, 3), client.produce(TOPIC, 0, [behind])] as const;
        expect(await both[0]).toEqual([0, 0, 0]);
        await both[1];
        written.push(...[first, first + 1, first + 2].map(String), behind);
      }
      await client.end(true);
      await client.produce(TOPIC, 0, ['aborted']);
      await client.end(false);
    }
    await using again = await start();
    expect(await valuesAt(again.port)).toEqual(written);
  });
});

test('a process that dies between two batches of one write leaves a log that is whole', async () => {
  const env = { MILLRACE_FAIL_POINT: 'append-between-batches:2' };
  const broker = await BrokerProcess.start({ dataDir, config: CONFIG, env });
  let sent = 1;
  let acknowledged = 1;
  let producer: NumberedProducer;
  try {
    await makeTopic(broker.port);
    const connection = await connect(broker.port);
    producer = await NumberedProducer.make(connection);
    expect((await producer.send(0)).error).toBe(0);
    while (!connection.failed) {
      const answers = producer.burst(sent);
      sent += BURST;
      await answers.then(
        (errors) => {
          expect(errors).toEqual([0, 0, 0, 0]);
          acknowledged = sent;
        },
        () => connection.close(),
      );
    }
    expect(await broker.ended).toBe('SIGKILL');
  } finally {
    await broker.kill();
  }
  await using again = await start();
  const found = await valuesAt(again.port);
  expect(found).toEqual(numbers(found.length));
  expect(found.length).toBeGreaterThanOrEqual(acknowledged);
  expect(found.length).toBeLessThan(sent);
  const resumed = producer.on(await connect(again.port));
  expect(await resumed.burst(acknowledged)).toEqual([0, 0, 0, 0]);
  expect(await valuesAt(again.port)).toEqual(numbers(sent));
});
