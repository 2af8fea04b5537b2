import { expect, test } from 'vitest';
import { type ClientQuota, quotaKey } from '../../../src/metadata/image.ts';
import { ClientQuotas } from '../../../src/security/quotas/client-quotas.ts';
import { ConnectionRates } from '../../../src/security/quotas/connection-rates.ts';
import { QuotaTable } from '../../../src/security/quotas/quota-table.ts';

const WINDOWS = { samples: 11, sampleMs: 1000, mutationSamples: 11, mutationSampleMs: 1000 };
const DEFAULT = null;

type Rule = readonly [entity: Record<string, string | null>, name: string, limit: number];

function quotasOf(...rules: readonly Rule[]): ReadonlyMap<string, ClientQuota> {
  const quotas = new Map<string, ClientQuota>();
  for (const [parts, name, limit] of rules) {
    const entity = Object.entries(parts).sort(([a], [b]) => (a < b ? -1 : 1));
    const key = quotaKey(entity);
    const values = new Map(quotas.get(key)?.values).set(name, limit);
    quotas.set(key, { entity, values });
  }
  return quotas;
}

function sourceOf(...rules: readonly Rule[]) {
  return { image: { quotas: quotasOf(...rules) } };
}

const RATE = 'producer_byte_rate';

test('the most specific quota holds, in the order of Kafka', () => {
  const all: Rule[] = [
    [{ user: 'u', 'client-id': 'c' }, RATE, 1],
    [{ user: 'u', 'client-id': DEFAULT }, RATE, 2],
    [{ user: 'u' }, RATE, 3],
    [{ user: DEFAULT, 'client-id': 'c' }, RATE, 4],
    [{ user: DEFAULT, 'client-id': DEFAULT }, RATE, 5],
    [{ user: DEFAULT }, RATE, 6],
    [{ 'client-id': 'c' }, RATE, 7],
    [{ 'client-id': DEFAULT }, RATE, 8],
  ];
  for (let from = 0; from < all.length; from++) {
    const table = new QuotaTable(quotasOf(...all.slice(from)).values(), RATE);
    expect(table.shareOf('u', 'c')?.limit).toBe(from + 1);
  }
  const table = new QuotaTable(quotasOf(...all).values(), RATE);
  const limitOf = (user: string, client: string) => table.shareOf(user, client)?.limit;
  expect([limitOf('u', 'x'), limitOf('v', 'c'), limitOf('v', 'x')]).toEqual([2, 4, 5]);
  expect([limitOf('u', ''), limitOf('v', '')]).toEqual([3, 6]);
  expect(new QuotaTable(quotasOf(all[7]!).values(), RATE).shareOf('u', '')).toBeNull();
});

test('clients of one user share its quota, and pairs have their own', () => {
  const ofUser = new QuotaTable(quotasOf([{ user: DEFAULT }, RATE, 1]).values(), RATE);
  expect(ofUser.shareOf('u', 'a')!.key).toBe(ofUser.shareOf('u', 'b')!.key);
  expect(ofUser.shareOf('u', 'a')!.key).not.toBe(ofUser.shareOf('v', 'a')!.key);
  const pair = { user: DEFAULT, 'client-id': DEFAULT };
  const ofPair = new QuotaTable(quotasOf([pair, RATE, 1]).values(), RATE);
  expect(ofPair.shareOf('u', 'a')!.key).not.toBe(ofPair.shareOf('u', 'b')!.key);
  const ofClient = new QuotaTable(quotasOf([{ 'client-id': DEFAULT }, RATE, 1]).values(), RATE);
  expect(ofClient.shareOf('u', 'a')!.key).toBe(ofClient.shareOf('v', 'a')!.key);
});

test('who uses more than its quota pauses until the rate is right again', () => {
  const quotas = new ClientQuotas(sourceOf([{ user: 'u' }, RATE, 500]), WINDOWS);
  // Kafka's own example: ten seconds at 400 bytes, then 2,300 at once.
  for (let second = 0; second < 10; second++) {
    expect(quotas.use(RATE, 'u', 'c', 400, second * 1000)).toBe(0);
  }
  // 6,300 bytes in ten and a half seconds are 600 a second, a fifth over the quota.
  expect(quotas.use(RATE, 'u', 'c', 2300, 10_500)).toBe(2100);
  expect(quotas.use(RATE, 'other', 'c', 1_000_000, 10_500)).toBe(0);
  quotas.giveBack(RATE, 'u', 'c', 2300, 10_500);
  expect(quotas.use(RATE, 'u', 'c', 0, 10_500)).toBe(0);
});

test('a changed quota holds at once, with what was used before', () => {
  const source = sourceOf([{ user: 'u' }, RATE, 1_000_000]);
  const quotas = new ClientQuotas(source, WINDOWS);
  expect(quotas.use(RATE, 'u', 'c', 100_000, 0)).toBe(0);
  source.image = { quotas: quotasOf([{ user: 'u' }, RATE, 1000]) };
  expect(quotas.use(RATE, 'u', 'c', 0, 0)).toBe(90_000);
  source.image = { quotas: new Map() };
  expect(quotas.use(RATE, 'u', 'c', 100_000, 0)).toBe(0);
  expect(quotas.areSet(RATE)).toBe(false);
});

test('changes of partitions may come in a burst, and its debt is waited for', () => {
  const rule: Rule = [{ user: 'u' }, 'controller_mutation_rate', 2];
  const quotas = new ClientQuotas(sourceOf(rule), WINDOWS);
  expect(quotas.mutationPauseMs('u', 'c', 0)).toBe(0);
  quotas.countMutations('u', 'c', 22 + 10, 0);
  expect(quotas.mutationPauseMs('u', 'c', 0)).toBe(5000);
  expect(quotas.mutationPauseMs('u', 'c', 4000)).toBe(1000);
  expect(quotas.mutationPauseMs('u', 'c', 5000)).toBe(0);
});

test('an answer may hold what fits in the window', () => {
  const rule: Rule = [{ user: 'u' }, 'consumer_byte_rate', 1000];
  const quotas = new ClientQuotas(sourceOf(rule), WINDOWS);
  expect(quotas.mostAtOnce('consumer_byte_rate', 'u', 'c')).toBe(10_000);
  expect(quotas.mostAtOnce('consumer_byte_rate', 'v', 'c')).toBe(Number.POSITIVE_INFINITY);
});

test('an address is held to its own quota of connections, or to the default', () => {
  const name = 'connection_creation_rate';
  const own: Rule = [{ ip: '10.0.0.1' }, name, 2];
  const rates = new ConnectionRates(sourceOf(own, [{ ip: DEFAULT }, name, 1]), WINDOWS);
  const admitted = (address: string) => {
    let count = 0;
    while (count < 1000 && rates.exceededBy(address, 0) === 0) count++;
    return count;
  };
  expect(admitted('::ffff:10.0.0.1')).toBe(20);
  expect(rates.exceededBy('10.0.0.1', 0)).toBe(2);
  expect(admitted('10.0.0.2')).toBe(10);
  expect(rates.exceededBy('10.0.0.2', 11_000)).toBe(0);
});
