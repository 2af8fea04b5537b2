/**
 * Requests of transactions that come late, twice or not at all, over connections whose client has
 * gone on: none of them touches the next transaction, or opens one after its end.
 */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { NEWER, OLDER, type TransactionalClient } from '../../support/transactional-client.mjs';
import { until } from '../../support/until.ts';
import { Stage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await Stage.open();
});

afterEach(async () => {
  await stage.close();
});

/** A client whose requests go through the proxy. */
async function throughProxy(id: string, protocol: typeof NEWER): Promise<TransactionalClient> {
  const client = await stage.client(id, protocol);
  await client.init();
  client.reconnect(await stage.connection(stage.proxy.port));
  return client;
}

/** Takes a step whose request is held or lost; the client gives up and comes back directly. */
async function giveUp(
  client: TransactionalClient,
  apiKey: number,
  fate: 'hold' | 'drop',
  step: (client: TransactionalClient) => Promise<unknown>,
): Promise<void> {
  stage.proxy.next(apiKey, fate);
  const connection = await stage.connection(stage.proxy.port);
  const lost = step(client.fork(connection)).then(
    () => 'answered',
    () => 'lost',
  );
  await until('the proxy has the request', async () => stage.proxy.isDone);
  connection.close();
  expect(await lost).toBe('lost');
  client.reconnect(await stage.connection());
}

describe.each([OLDER, NEWER])('protocol $name', (protocol) => {
  test.each([true, false])('EndTxn that is lost is sent again, commit %s', async (commits) => {
    const client = await throughProxy('a', protocol);
    await client.produce(stage.topic, 0, ['one']);
    await client.commitOffset(stage.group, stage.topic, 1, 5);
    await giveUp(client, API.END_TXN, 'drop', (lost) => lost.end(commits));
    expect(await stage.isStable(0)).toBe(false);
    await client.end(commits);
    await stage.untilStable();
    expect(await stage.committed(0)).toEqual(commits ? ['one'] : []);
  });

  test('EndTxn whose answer is lost is answered again, and ends nothing twice', async () => {
    const client = await throughProxy('a', protocol);
    await client.produce(stage.topic, 0, ['one']);
    const again = client.fork(await stage.connection());
    await client.end(true);
    await again.end(true);
    expect([again.producerId, again.producerEpoch]).toEqual([
      client.producerId,
      client.producerEpoch,
    ]);
    await again.produce(stage.topic, 0, ['two']);
    await again.end(false);
    await stage.untilStable();
    expect(await stage.committed(0)).toEqual(['one']);
  });

  test('EndTxn that comes twice at once ends one transaction', async () => {
    const client = await throughProxy('a', protocol);
    for (const [value, commits] of [
      ['one', true],
      ['two', false],
      ['three', true],
    ] as const) {
      await client.produce(stage.topic, 0, [value]);
      stage.proxy.next(API.END_TXN, 'repeat');
      await client.end(commits);
    }
    await stage.untilStable();
    expect(await stage.committed(0)).toEqual(['one', 'three']);
  });

  test('a batch that comes twice is there once', async () => {
    const client = await throughProxy('a', protocol);
    stage.proxy.next(API.PRODUCE, 'repeat');
    await client.produce(stage.topic, 0, ['one']);
    stage.proxy.next(API.PRODUCE, 'repeat');
    await client.produce(stage.topic, 0, ['two']);
    await client.end(true);
    await stage.untilStable();
    expect(await stage.committed(0)).toEqual(['one', 'two']);
  });

  test('a batch that comes after the end of its transaction opens none', async () => {
    const client = await throughProxy('a', protocol);
    await client.produce(stage.topic, 0, ['one']);
    const topic = stage.topic;
    if (protocol.addsPartitions) await client.addPartitions(topic, [1]);
    await giveUp(client, API.PRODUCE, 'hold', (late) => late.produce(topic, 1, ['late']));
    await client.end(true);
    await stage.untilStable();
    const [answer] = await stage.proxy.release();
    const { errorCode } = answer.responses[0].partitionResponses[0];
    const { TRANSACTION_ABORTABLE, INVALID_PRODUCER_EPOCH } = ERROR;
    expect(errorCode).toBe(protocol === OLDER ? TRANSACTION_ABORTABLE : INVALID_PRODUCER_EPOCH);
    expect(await stage.isStable(1)).toBe(true);
    expect(await stage.committed(1)).toEqual([]);
  });

  test('a batch that comes during the next transaction is no part of it', async () => {
    const client = await throughProxy('a', protocol);
    const { topic } = stage;
    if (protocol.addsPartitions) await client.addPartitions(topic, [1]);
    await giveUp(client, API.PRODUCE, 'hold', (late) => late.produce(topic, 1, ['late']));
    await client.end(false);
    await client.produce(topic, 0, ['next']);
    await stage.proxy.release();
    await client.end(true);
    await stage.untilStable();
    expect(await stage.committed(0)).toEqual(['next']);
    expect(await stage.committed(1)).toEqual([]);
  });

  test('a batch that comes after its transaction timed out opens none', async () => {
    const client = await stage.client('a', protocol, 400);
    await client.init();
    const { topic } = stage;
    await client.produce(topic, 0, ['one']);
    if (protocol.addsPartitions) await client.addPartitions(topic, [1]);
    await giveUp(client, API.PRODUCE, 'hold', (late) => late.produce(topic, 1, ['late']));
    await stage.untilStable();
    const [answer] = await stage.proxy.release();
    const { errorCode } = answer.responses[0].partitionResponses[0];
    expect(errorCode).toBe(ERROR.INVALID_PRODUCER_EPOCH);
    expect(await stage.isStable(0)).toBe(true);
    expect(await stage.isStable(1)).toBe(true);
    expect(await stage.committed(0)).toEqual([]);
  });

  test('offsets that come after the end of their transaction stay pending for nobody', async () => {
    const client = await throughProxy('a', protocol);
    const { topic, group } = stage;
    await client.produce(topic, 0, ['one']);
    if (protocol.addsPartitions) await client.addOffsets(group);
    await giveUp(client, API.TXN_OFFSET_COMMIT, 'hold', (late) => {
      return late.commitOffset(group, topic, 0, 7);
    });
    await client.end(true);
    await stage.untilStable();
    const [answer] = await stage.proxy.release();
    expect(answer.topics[0].partitions[0].errorCode).not.toBe(ERROR.NONE);
    await client.commitOffset(group, topic, 0, 9);
    await client.end(true);
    expect(await stage.committedOffset()).toBe(9);
  });
});

describe('protocol TV2', () => {
  test.each([true, false])(
    'EndTxn that comes late ends not the next one, commit %s',
    async (commits) => {
      const client = await throughProxy('a', NEWER);
      await client.produce(stage.topic, 0, ['one']);
      await giveUp(client, API.END_TXN, 'hold', (late) => late.end(commits));
      await client.end(commits);
      await client.produce(stage.topic, 0, ['two']);
      const [answer] = await stage.proxy.release();
      expect(answer.errorCode).not.toBe(ERROR.NONE);
      expect(await stage.isStable(0)).toBe(false);
      await client.end(!commits);
      await stage.untilStable();
      expect(await stage.committed(0)).toEqual([commits ? 'one' : 'two']);
    },
  );
});

describe('protocol TV1', () => {
  test('EndTxn and AddPartitions that come after a new start are refused', async () => {
    const client = await throughProxy('a', OLDER);
    const { topic } = stage;
    await client.produce(topic, 0, ['one']);
    await giveUp(client, API.ADD_PARTITIONS_TO_TXN, 'hold', (late) => {
      return late.addPartitions(topic, [1]);
    });
    await giveUp(client, API.END_TXN, 'hold', (late) => late.end(true));
    await client.init();
    await client.produce(topic, 0, ['two']);
    const [added, ended] = await stage.proxy.release();
    const [partition] = added.resultsByTopicV3AndBelow[0].resultsByPartition;
    expect(partition.partitionErrorCode).toBe(ERROR.PRODUCER_FENCED);
    expect(ended.errorCode).toBe(ERROR.PRODUCER_FENCED);
    expect(await stage.isStable(0)).toBe(false);
    await client.end(true);
    await stage.untilStable();
    expect(await stage.committed(0)).toEqual(['two']);
  });
});
