/** Two clients with one transactional.id: at every step the older one learns that it is no more. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { NEWER, OLDER, type TransactionalClient } from '../../support/transactional-client.mjs';
import { refusalOf, Stage } from './stage.ts';

let stage: Stage;

beforeEach(async () => {
  stage = await Stage.open();
});

afterEach(async () => {
  await stage.close();
});

type Step = (client: TransactionalClient) => Promise<unknown>;

const STEPS: Readonly<Record<string, Step>> = {
  'InitProducerId with its identity': (client) => client.init({ keepsIdentity: true }),
  AddPartitionsToTxn: (client) => client.addPartitions(stage.topic, [2]),
  Produce: (client) => client.send(stage.topic, 0, client.makeBatch(stage.topic, 0, ['older'])),
  AddOffsetsToTxn: (client) => client.addOffsets(stage.group),
  TxnOffsetCommit: (client) => client.commitOffset(stage.group, stage.topic, 0, 77),
  'EndTxn, commit': (client) => client.end(true),
  'EndTxn, abort': (client) => client.end(false),
};

const FENCED = [ERROR.INVALID_PRODUCER_EPOCH, ERROR.PRODUCER_FENCED];

describe.each([OLDER, NEWER])('protocol $name', (protocol) => {
  test.each(Object.keys(STEPS))('the older one is fenced at %s', async (name) => {
    const older = await stage.client('same', protocol);
    await older.init();
    await older.produce(stage.topic, 0, ['open']);
    await older.commitOffset(stage.group, stage.topic, 0, 11);
    const newer = await stage.client('same', protocol);
    await newer.init();
    expect(FENCED).toContain(await refusalOf(STEPS[name]!(older)));
    await newer.produce(stage.topic, 0, ['newer']);
    // Apache Kafka lets an older one that asks so abort what the newer one has open.
    if (stage.isKafka && name.startsWith('InitProducerId')) return;
    expect(FENCED).toContain(await refusalOf(STEPS[name]!(older)));
    await newer.end(true);
    await stage.untilStable();
    expect(await stage.committed(0)).toEqual(['newer']);
    expect(await stage.committedOffset()).toBe(0);
  });

  test('the older one does not end what the newer one began, of whichever protocol', async () => {
    const older = await stage.client('same', protocol === OLDER ? NEWER : OLDER);
    await older.init();
    await older.produce(stage.topic, 0, ['one']);
    await older.end(true);
    const newer = await stage.client('same', protocol);
    await newer.init();
    await newer.produce(stage.topic, 0, ['two']);
    expect(FENCED).toContain(await refusalOf(older.end(false)));
    await newer.end(true);
    await stage.untilStable();
    expect(await stage.committed(0)).toEqual(['one', 'two']);
  });
});
