/** What a client is told of a batch of which single records are refused: KIP-467. */
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { buildBatch, sealBatch } from '../../src/records/batch-builder.ts';
import { RECORDS } from '../../src/records/batch-layout.ts';
import { CODEC } from '../../src/records/codec-ids.ts';
import { createTopic } from '../support/topics.ts';
import { WireClient } from '../support/wire-client.ts';
import { offsetAt, send } from '../support/wire-requests.ts';

const NOW = Date.now();
const { INVALID_RECORD, INVALID_TIMESTAMP } = ERROR;

let broker: EmbeddedBroker;
let client: WireClient;

beforeAll(async () => {
  broker = await startBroker();
  client = await WireClient.open(broker.port);
  await createTopic(client, 'compacted', {
    'cleanup.policy': 'compact',
    'message.timestamp.before.max.ms': '60000',
    'message.timestamp.after.max.ms': '60000',
  });
  await createTopic(client, 'timed', { 'message.timestamp.before.max.ms': '60000' });
  await createTopic(client, 'packed-timed', {
    'compression.type': 'gzip',
    'message.timestamp.before.max.ms': '60000',
  });
  await createTopic(client, 'packed', { 'cleanup.policy': 'compact', 'compression.type': 'gzip' });
});

afterAll(async () => {
  client.close();
  await broker.close();
});

/** Records 0 to `count`-1; those named have no key, or another time. */
function batchOf(count: number, keyless: readonly number[], times = new Map<number, number>()) {
  return Array.from({ length: count }, (_, i) => ({
    key: keyless.includes(i) ? null : Buffer.from(`key-${i}`),
    value: Buffer.from('v'),
    timestamp: times.get(i) ?? NOW,
  }));
}

const indexes = ({ recordErrors }: { recordErrors: readonly { batchIndex: number }[] }) =>
  recordErrors.map(({ batchIndex }) => batchIndex);

function keyText(topic: string): string {
  return `Compacted topic cannot accept message without key in topic partition ${topic}-0`;
}

describe('records without a key on a compacted topic', () => {
  const keyless = [3, 10, 11, 47, 99];

  test.each([8, 9, 12])('are named to Produce %i, and nothing is appended', async (version) => {
    const answer = await send(client, 'compacted', buildBatch(batchOf(100, keyless)), { version });
    const told = keyText('compacted');
    expect(answer).toMatchObject({ errorCode: INVALID_RECORD, baseOffset: -1, logStartOffset: 0 });
    expect(answer.recordErrors).toEqual(
      keyless.map((batchIndex) => ({ batchIndex, batchIndexErrorMessage: told })),
    );
    const first = [3, 10, 11].map((i) => `RecordError(batchIndex=${i}, message='${told}')`);
    expect(answer.errorMessage).toBe(
      'One or more records have been rejected due to 5 record errors in total, ' +
        `and only showing the first three errors at most: [${first.join(', ')}]`,
    );
    expect((await offsetAt(client, 'compacted', -1)).offset).toBe(0);
  });

  test('are only refused to Produce 7, which has no place for them', async () => {
    const batch = buildBatch(batchOf(100, keyless));
    const answer = await send(client, 'compacted', batch, { version: 7 });
    expect(answer).toMatchObject({ errorCode: INVALID_RECORD, recordErrors: [] });
    expect(answer.errorMessage).toBeNull();
  });

  test.each([
    ['compacted', CODEC.ZSTD],
    ['packed', CODEC.NONE],
    ['packed', CODEC.LZ4],
  ])('are named on %s behind codec %i too', async (topic, codec) => {
    const batch = buildBatch(batchOf(100, keyless), { codec });
    const answer = await send(client, topic, batch);
    expect(answer.errorCode).toBe(INVALID_RECORD);
    expect(indexes(answer)).toEqual(keyless);
    expect(answer.recordErrors[0]!.batchIndexErrorMessage).toBe(keyText(topic));
  });

  test('are named up to a bound, since all of the batch fails anyway', async () => {
    const all = Array.from({ length: 12_000 }, () => ({ value: null, timestamp: NOW }));
    const answer = await send(client, 'compacted', buildBatch(all));
    expect(answer.errorMessage).toMatch(/due to 12000 record errors in total/);
    expect(answer.recordErrors.length).toBe(10_000);
  });
});

describe('records whose time is out of range', () => {
  const late = NOW - 3_600_000;

  test.each([CODEC.NONE, CODEC.LZ4])('are named, behind codec %i too', async (codec) => {
    const times = new Map([
      [0, late],
      [2, late],
      [5, late + 7],
    ]);
    const refused = await send(client, 'timed', buildBatch(batchOf(9, [], times), { codec }));
    expect(refused.errorCode).toBe(INVALID_TIMESTAMP);
    expect(refused.errorMessage).toBe(
      'One or more records have been rejected due to invalid timestamp',
    );
    expect(indexes(refused)).toEqual([0, 2, 5]);
    expect(refused.recordErrors[2]!.batchIndexErrorMessage).toMatch(
      new RegExp(
        `^Timestamp ${late + 7} of message with offset 5 is out of range. ` +
          'The timestamp should be within \\[\\d+, \\d+\\]$',
      ),
    );
  });

  test.each([
    ['timed', CODEC.NONE],
    ['timed', CODEC.ZSTD],
    ['packed-timed', CODEC.NONE],
    ['packed-timed', CODEC.SNAPPY],
  ])(
    'are found on %s behind codec %i where the header does not show them',
    async (topic, codec) => {
      const batch = buildBatch(batchOf(9, [], new Map([[4, late]])), { codec });
      const refused = await send(client, topic, batch);
      expect(refused.errorCode).toBe(INVALID_TIMESTAMP);
      expect(indexes(refused)).toEqual([4]);
      const whole = await send(client, topic, buildBatch(batchOf(9, []), { codec }));
      expect(whole).toMatchObject({ errorCode: 0, recordErrors: [] });
    },
  );

  test('make the error INVALID_TIMESTAMP where others have no key', async () => {
    const batch = buildBatch(batchOf(4, [1], new Map([[0, late]])));
    const answer = await send(client, 'compacted', batch);
    expect(answer.errorCode).toBe(INVALID_TIMESTAMP);
    expect(indexes(answer)).toEqual([0, 1]);
  });
});

test('a batch that is damaged as a whole names no record', async () => {
  const batch = buildBatch(batchOf(3, [1]));
  batch[RECORDS] = 0x7f;
  sealBatch(batch);
  const answer = await send(client, 'compacted', batch);
  expect(answer).toMatchObject({ errorCode: INVALID_RECORD, recordErrors: [], errorMessage: null });
});

test('each partition of a request has its own errors', async () => {
  const partitionOf = (keyless: readonly number[]) => {
    return [{ index: 0, records: buildBatch(batchOf(2, keyless)) }];
  };
  const answer = await client.ask(API.PRODUCE, 9, {
    transactionalId: null,
    acks: -1,
    timeoutMs: 1000,
    topicData: [
      { name: 'compacted', partitionData: partitionOf([0]) },
      { name: 'timed', partitionData: partitionOf([0]) },
      { name: 'compacted', partitionData: partitionOf([1]) },
    ],
  });
  const results = answer.responses.map(({ partitionResponses }) => partitionResponses[0]!);
  expect(results.map(({ errorCode }) => errorCode)).toEqual([INVALID_RECORD, 0, INVALID_RECORD]);
  expect(results.map((result) => indexes(result))).toEqual([[0], [], [1]]);
});
