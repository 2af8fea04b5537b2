/**
 * What changelogs may meet. Policy: local state that its changelog does not go on from is thrown
 * away, and the store has what the changelog has. A changelog that is gone is made anew, empty, at
 * the next start. One that goes while the application writes to it ends the application.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { EmbeddedBroker } from '#millrace/broker/start-broker';
import { Admin } from '#millrace/client/admin/admin';
import { allRequired } from '#millrace/client/admin/outcome';
import { Producer } from '#millrace/client/producer/producer';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { until } from '../../support/until.ts';
import { brokerWithTopics } from '../support/broker-with-topics.ts';
import {
  allUpTo,
  CHANGELOG,
  counted,
  counting,
  GUARANTEES,
  send,
  untilCounted,
} from '../support/counting.ts';

let stateDir = '';

beforeEach(() => {
  stateDir = mkdtempSync(join(tmpdir(), 'millrace-streams-'));
});

afterEach(() => rmSync(stateDir, { recursive: true, force: true }));

function ready(): Promise<EmbeddedBroker> {
  return brokerWithTopics(['input', 'output'], 1);
}

async function removeChangelog(broker: EmbeddedBroker): Promise<void> {
  await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
  allRequired(await admin.topics.delete([CHANGELOG]));
}

describe.each(GUARANTEES)('a changelog, %s', (processingGuarantee) => {
  const run = (broker: EmbeddedBroker, more: object = {}) =>
    counting(broker.bootstrapServers, { processingGuarantee, ...more });

  it.each(['with', 'without'])(
    'that was deleted %s local state begins anew, and so do the counts',
    async (how) => {
      await using broker = await ready();
      const more = how === 'with' ? { stateDir } : {};
      await send(broker, 50);
      const first = run(broker, more);
      await first.app.start();
      await untilCounted(broker, 5);
      await first.app.close();
      await removeChangelog(broker);
      const second = run(broker, more);
      await using app = await second.app.start();
      await send(broker, 30);
      await untilCounted(broker, 3);
      expect(app.failure).toBeNull();
    },
  );

  it('whose next record was deleted gives what is left of it', async () => {
    await using broker = await ready();
    // Brokers delete no records of topics that are only compacted.
    const topicConfig = { 'cleanup.policy': 'compact,delete' };
    const first = run(broker, { stateDir, topicConfig });
    await send(broker, 50);
    await first.app.start();
    await untilCounted(broker, 5);
    await first.app.close();
    // Another instance goes on elsewhere; meanwhile the beginning of the changelog is deleted.
    await send(broker, 50);
    const elsewhere = run(broker);
    await elsewhere.app.start();
    await untilCounted(broker, 10);
    await elsewhere.app.close();
    await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
    const [found] = await admin.records.offsets([{ topic: CHANGELOG, partition: 0, at: 'latest' }]);
    const { offset } = found!.outcome as { offset: number };
    await admin.records.delete([{ topic: CHANGELOG, partition: 0, before: offset - 10 }]);
    const second = run(broker, { stateDir });
    await using app = await second.app.start();
    expect(app.restoredRows).toBeLessThanOrEqual(10);
    await send(broker, 10);
    await until('all go on from ten or begin anew', async () => {
      const lasts = Array.from((await counted(broker)).values(), (counts) => counts.at(-1)!);
      return lasts.every((last) => last === 11 || last === 1);
    });
  });

  it('that ends with what is no record is restored to its end', async () => {
    await using broker = await ready();
    await send(broker, 50);
    const first = run(broker);
    await first.app.start();
    await untilCounted(broker, 5);
    await first.app.close();
    // An aborted transaction: its records and its marker stand at the very end.
    const { bootstrapServers } = broker;
    await using producer = new Producer({ bootstrapServers, transactionalId: 'other' });
    await producer.beginTransaction();
    producer.send(topic(CHANGELOG, { key: text, value: text }), { key: 'k0', value: 'aborted!' });
    await producer.flush();
    await producer.abortTransaction();
    await using app = await run(broker, { processingGuarantee: 'exactly_once_v2' }).app.start();
    expect(app.restoredRows).toBe(50);
    await send(broker, 10);
    await untilCounted(broker, 6);
    expect(await counted(broker)).toEqual(allUpTo(6));
  });

  it('that is deleted under the application ends it with an error that names it', async () => {
    // A broker that makes missing topics does not make this one, with its own settings.
    const config = { 'auto.create.topics.enable': 'true' };
    await using broker = await brokerWithTopics(['input', 'output'], 1, config);
    const timeouts = { deliveryTimeoutMs: 1_500, requestTimeoutMs: 500, maxBlockMs: 1_500 };
    const { app } = run(broker, { producer: { lingerMs: 0, ...timeouts } });
    await app.start();
    await send(broker, 10);
    await untilCounted(broker, 1);
    await removeChangelog(broker);
    await send(broker, 10);
    await app.ended();
    expect(String(app.failure)).toContain(CHANGELOG);
    await app.close();
    await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
    const names = (await admin.topics.list()).map(({ name }) => name);
    expect(names).not.toContain(CHANGELOG);
  });

  it('with other partitions than the topology needs is refused at the start', async () => {
    await using broker = await ready();
    const first = run(broker);
    await first.app.start();
    await first.app.close();
    await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
    allRequired(await admin.topics.createPartitions([{ topic: CHANGELOG, count: 3 }]));
    const second = run(broker);
    const refused = `internal topic ${CHANGELOG} has 3 partitions where 1 are needed`;
    await expect(second.app.start()).rejects.toThrow(refused);
    await second.app.close();
  });
});

it('is waited for where its last transaction is not decided yet', async () => {
  await using broker = await ready();
  const processingGuarantee = 'exactly_once_v2';
  await send(broker, 50);
  const first = counting(broker.bootstrapServers, { processingGuarantee });
  await first.app.start();
  await untilCounted(broker, 5);
  await first.app.close();
  const { bootstrapServers } = broker;
  const undecided = new Producer({ bootstrapServers, transactionalId: 'undecided' });
  await undecided.beginTransaction();
  const bytes = Buffer.from('0000000000000063', 'hex');
  undecided.send(topic(CHANGELOG, { key: text }), { key: 'k0', value: bytes });
  await undecided.flush();
  const second = counting(bootstrapServers, { processingGuarantee });
  const started = second.app.start();
  await until('it restores', async () => second.app.restoredRows === 50);
  expect(second.app.state).toBe('REBALANCING');
  await undecided.commitTransaction();
  await undecided.close();
  await using app = await started;
  expect(app.restoredRows).toBe(51);
});
