/** Stores that keep the headers of their records (KIP-1271). */
import { describe, expect, it } from 'vitest';
import { RecordHeaders } from '../../../src/client/consumer/records/record-headers.ts';
import { text } from '../../../src/client/serde/serdes.ts';
import { CacheBudget } from '../../../src/streams/state/cache/cache-budget.ts';
import { ArenaKeyValueStore } from '../../../src/streams/state/stores/arena-key-value-store.ts';
import { ArenaSessionStore } from '../../../src/streams/state/stores/arena-session-store.ts';
import { ArenaWindowStore } from '../../../src/streams/state/stores/arena-window-store.ts';
import { FakeContext, SETTINGS } from './store-harness.ts';

const GIVEN = new RecordHeaders([
  ['a', Buffer.from('1')],
  ['a', null],
  ['ü', Buffer.alloc(200, 'x')],
]);
const IN_HAND = new RecordHeaders([['hand', Buffer.from('h')]]);

const BASE = { ...SETTINGS, key: text, value: text, headers: true, caching: true } as const;
const TIMED = { ...BASE, retentionMs: 1000, timeOrdered: false } as const;

function pairsOf(headers: RecordHeaders): unknown[] {
  return Array.from(headers, ([name, value]) => [name, value?.toString()]);
}

describe.each([
  ['without a cache', 0],
  ['with a cache', 1 << 20],
])('stores with headers %s', (_name, cacheBytes) => {
  function context(): FakeContext {
    const made = new FakeContext();
    made.headers = IN_HAND;
    return made;
  }

  const cache = () => ({ cache: new CacheBudget(cacheBytes) });

  function loggedHeaders({ logged }: FakeContext): unknown[] {
    return logged.map(({ value, headers }) => [value?.toString(), pairsOf(headers)]);
  }

  const expectedLog = [
    ['one', pairsOf(GIVEN)],
    ['two', pairsOf(IN_HAND)],
    [undefined, pairsOf(IN_HAND)],
  ];

  it('keeps those of key-value rows, and restores them', () => {
    const task = context();
    const spec = { ...BASE, kind: 'key-value', timestamped: true } as const;
    const store = new ArenaKeyValueStore<string, string>(spec, cache());
    store.open(task);
    store.put('k', 'one', 5, GIVEN);
    store.put('l', 'two');
    expect([store.get('k'), store.foundTimestamp]).toEqual(['one', 5]);
    expect(pairsOf(store.foundHeaders)).toEqual(pairsOf(GIVEN));
    expect(Array.from(store.all(), ({ value }) => value)).toEqual(['one', 'two']);
    store.flush();
    store.delete('l');
    store.flush();
    expect(store.get('l')).toBeNull();
    expect(store.foundHeaders.size).toBe(0);
    expect(loggedHeaders(task)).toEqual(expectedLog);
    const restored = new ArenaKeyValueStore<string, string>(spec, {});
    restored.open(task);
    for (const { key, value, timestamp, headers } of task.logged) {
      restored.restore(key, value, timestamp, headers);
    }
    expect(restored.get('k')).toBe('one');
    expect(pairsOf(restored.foundHeaders)).toEqual(pairsOf(GIVEN));
  });

  it('keeps those of windows', () => {
    const task = context();
    const spec = { ...TIMED, kind: 'window', windowMs: 10, retainDuplicates: false } as const;
    const store = new ArenaWindowStore<string, string>({ ...spec, timestamped: true }, cache());
    store.open(task);
    store.put('k', 'one', 0, 5, GIVEN);
    store.put('k', 'two', 10);
    expect(store.get('k', 0)).toBe('one');
    expect(pairsOf(store.foundHeaders)).toEqual(pairsOf(GIVEN));
    store.flush();
    store.put('k', null, 10);
    store.flush();
    expect(Array.from(store.fetch('k', 0, 100), ({ value }) => value)).toEqual(['one']);
    expect(loggedHeaders(task)).toEqual(expectedLog);
    store.clear();
    const [first] = task.logged;
    store.restore(first!.key, first!.value, first!.timestamp, first!.headers);
    expect(store.get('k', 0)).toBe('one');
    expect(pairsOf(store.foundHeaders)).toEqual(pairsOf(GIVEN));
  });

  it('keeps those of sessions', () => {
    const task = context();
    const store = new ArenaSessionStore<string, string>({ ...TIMED, kind: 'session' }, cache());
    store.open(task);
    store.put('k', 0, 10, 'one', 5, GIVEN);
    store.put('k', 20, 30, 'two');
    expect(store.get('k', 0, 10)).toBe('one');
    expect(pairsOf(store.foundHeaders)).toEqual(pairsOf(GIVEN));
    store.flush();
    store.remove('k', 20, 30);
    store.flush();
    expect(Array.from(store.fetch('k'), ({ value }) => value)).toEqual(['one']);
    expect(loggedHeaders(task)).toEqual(expectedLog);
  });
});
