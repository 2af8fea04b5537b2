import { expect, it } from 'vitest';
import { text } from '../../../src/client/serde/serdes.ts';
import { stores } from '../../../src/streams/dsl/stores.ts';
import { int64 } from '../../../src/streams/serde/numbers.ts';

const SERDES = { key: text, value: int64 };
const SETTINGS = { logging: true, logConfig: {}, caching: false, persistent: true };

it('describes stores with the defaults of Kafka’s builders', () => {
  const none = { ttlMs: undefined, headers: undefined };
  expect(stores.keyValue({ name: 'a', ...SERDES })).toEqual({
    kind: 'key-value',
    name: 'a',
    timestamped: false,
    ...SERDES,
    ...SETTINGS,
    ...none,
  });
  const logging = { 'segment.bytes': '1000' };
  const options = {
    name: 'b',
    ...SERDES,
    logging,
    caching: true,
    ttl: '1h',
    headers: true,
  } as const;
  expect(stores.timestampedKeyValue(options)).toMatchObject({
    timestamped: true,
    logging: true,
    logConfig: logging,
    caching: true,
    ttlMs: 3_600_000,
    headers: true,
  });
  expect(stores.versionedKeyValue({ name: 'c', ...SERDES, history: '5m' })).toMatchObject({
    kind: 'versioned',
    historyMs: 300_000,
    segmentMs: 60_000,
  });
  const window = { name: 'd', ...SERDES, size: '10s', retention: '1d' } as const;
  expect(stores.window({ ...window, logging: false })).toMatchObject({
    kind: 'window',
    timestamped: false,
    logging: false,
    windowMs: 10_000,
    retentionMs: 86_400_000,
    retainDuplicates: false,
  });
  expect(stores.timestampedWindow(window).timestamped).toBe(true);
  expect(stores.session({ name: 'e', ...SERDES, retention: 5 })).toMatchObject({
    kind: 'session',
    retentionMs: 5,
  });
});

it('refuses windows longer than their retention, and names that no topic could have', () => {
  const window = { ...SERDES, size: '2s', retention: '1s' } as const;
  expect(() => stores.window({ name: 'w', ...window })).toThrow(/is shorter than its windows/);
  expect(() => stores.keyValue({ name: 'not a name', ...SERDES })).toThrow();
  const untyped = { name: 'a', key: text } as unknown as { name: string } & typeof SERDES;
  expect(() => stores.keyValue(untyped)).toThrow(/needs a serde for its values/);
});
