/**
 * What the network and the group may do to an application with exactly once. Policy: an outcome
 * that is not known is asked of the broker, by a new epoch of the same transactional id; what was
 * not committed is taken back, and comes again from the committed offsets.
 */
import { describe, expect, it } from 'vitest';
import type { EmbeddedBroker } from '#millrace/broker/start-broker';
import { Admin } from '#millrace/client/admin/admin';
import { Producer } from '#millrace/client/producer/producer';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { API } from '../../../src/protocol/api-keys.ts';
import { type Fault, FaultyProxy } from '../../client/producer/faulty-proxy.ts';
import { until } from '../../support/until.ts';
import { brokerWithTopics } from '../support/broker-with-topics.ts';
import { allUpTo, counted, counting, progress, send, untilCounted } from '../support/counting.ts';

const EXACT = { processingGuarantee: 'exactly_once_v2' };
const REPARTITION = 'app-counts-repartition';
/** Waits of the clients, so that lost answers do not cost seconds. */
const QUICK = { requestTimeoutMs: 400, retryBackoffMs: 5, retryBackoffMaxMs: 20 };

describe('exactly once', () => {
  it.each([
    ['the answer to EndTxn', API.END_TXN, { kind: 'cut-answer', bytes: 0 }],
    ['the request EndTxn', API.END_TXN, { kind: 'cut-request', bytes: 7 }],
    ['the answer to TxnOffsetCommit', API.TXN_OFFSET_COMMIT, { kind: 'cut-answer', bytes: 0 }],
    ['the answer to a heartbeat', API.HEARTBEAT, { kind: 'cut-answer', bytes: 0 }],
    ['the answer to Produce', API.PRODUCE, { kind: 'cut-answer', bytes: 0 }],
  ] as const)('outlives %s being lost, each third time', async (_what, apiKey, fault) => {
    await using broker = await brokerWithTopics(['input', 'output'], 1);
    await using proxy = await FaultyProxy.start(broker.port);
    let asked = 0;
    proxy.faulty = [apiKey];
    proxy.next = (): Fault => (++asked % 3 === 0 ? fault : { kind: 'pass' });
    const { app } = counting(`127.0.0.1:${proxy.port}`, { ...EXACT, ...QUICK });
    await app.start();
    for (let i = 1; i <= 12; i++) {
      await send(broker, 10);
      if (i % 3 === 0) await untilCounted(broker, i);
    }
    await until('some were lost', async () => asked >= 6);
    proxy.next = () => ({ kind: 'pass' });
    await app.close();
    expect(app.failure).toBeNull();
    expect(await counted(broker)).toEqual(allUpTo(12));
  });

  it('loses nothing where instances come and go while they restore', async () => {
    await using broker = await brokerWithTopics(['input', 'output'], 2);
    await send(broker, 20_000);
    const first = counting(broker.bootstrapServers, EXACT);
    await first.app.start();
    await until('all is counted', async () => (await total(broker)) === 20_000);
    await first.app.close();
    const one = counting(broker.bootstrapServers, EXACT);
    const starting = one.app.start();
    await until('it restores', async () => one.app.restoredRows > 0);
    const other = counting(broker.bootstrapServers, EXACT);
    await other.app.start();
    await other.app.close();
    await starting;
    await send(broker, 1_000);
    await until('all is counted', async () => (await total(broker)) === 21_000);
    await one.app.close();
    expect(await counted(broker, 2)).toEqual(allUpTo(2_100));
  });

  it('begins anew where another one takes its transactional id', async () => {
    await using broker = await brokerWithTopics(['input', 'output'], 1);
    const { app } = counting(broker.bootstrapServers, EXACT);
    await app.start();
    await send(broker, 20);
    await untilCounted(broker, 2);
    const [open] = await transactionalIds(broker);
    await using usurper = new Producer({
      bootstrapServers: broker.bootstrapServers,
      transactionalId: open!,
    });
    await usurper.beginTransaction();
    usurper.send(topic('other', { value: text }), { value: 'x' }).toldElsewhere();
    await send(broker, 20);
    await untilCounted(broker, 4);
    await app.close();
    expect(await counted(broker)).toEqual(allUpTo(4));
  });
});

it.each(['at_least_once', 'exactly_once_v2'])(
  'repartition topics lose what is committed and nothing else, %s',
  async (processingGuarantee) => {
    await using broker = await brokerWithTopics(['input', 'output'], 1);
    const more = { processingGuarantee, repartitionPurgeIntervalMs: 30 };
    const { app } = counting(broker.bootstrapServers, more, true);
    await app.start();
    for (let i = 1; i <= 5; i++) {
      await send(broker, 20);
      await untilCounted(broker, 2 * i);
    }
    await until('what was read is deleted', async () => {
      const { committed, first } = await progress(broker, REPARTITION);
      return first > 0 && first === committed;
    });
    await app.close();
    expect(await counted(broker)).toEqual(allUpTo(10));
    // The next life begins at the committed offset, which is the first that is still there.
    const next = counting(broker.bootstrapServers, more, true);
    await next.app.start();
    await send(broker, 10);
    await untilCounted(broker, 11);
    await next.app.close();
    expect(await counted(broker)).toEqual(allUpTo(11));
  },
);

async function transactionalIds(broker: EmbeddedBroker): Promise<string[]> {
  await using admin = new Admin({ bootstrapServers: broker.bootstrapServers });
  return (await admin.transactions.list()).map(({ transactionalId }) => transactionalId);
}

async function total(broker: EmbeddedBroker): Promise<number> {
  let sum = 0;
  for (const counts of (await counted(broker, 2)).values()) sum += counts.length;
  return sum;
}
