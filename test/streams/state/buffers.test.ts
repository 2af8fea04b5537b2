/** The cases of Kafka's TimeOrderedKeyValueBufferTest by name, then the buffers of joins. */
import { beforeEach, describe, expect, it } from 'vitest';
import { RecordHeaders } from '../../../src/client/consumer/records/record-headers.ts';
import { text } from '../../../src/client/serde/serdes.ts';
import { int32 } from '../../../src/streams/serde/numbers.ts';
import { ArenaJoinBuffer } from '../../../src/streams/state/stores/arena-join-buffer.ts';
import { ArenaOuterJoinBuffer } from '../../../src/streams/state/stores/arena-outer-join-buffer.ts';
import { ArenaSuppressBuffer } from '../../../src/streams/state/stores/arena-suppress-buffer.ts';
import type { Change } from '../../../src/streams/topology/change.ts';
import type { RecordOrigin } from '../../../src/streams/topology/record-origin.ts';
import { FakeContext, SETTINGS } from './store-harness.ts';

const NO_HEADERS = new RecordHeaders([]);

function originAt(timestamp: number): RecordOrigin {
  return { topic: 'topic', partition: 0, offset: 0, timestamp, headers: NO_HEADERS };
}

function change(newValue: string | null, oldValue: string | null = null): Change<string> {
  return { newValue, oldValue, isLatest: true };
}

/** Of the headers that say which form a changelog record has. */
function form(number: number): RecordHeaders {
  return new RecordHeaders([['v', Buffer.of(number)]]);
}

describe('the buffer of suppress', () => {
  let context: FakeContext;
  let buffer: ArenaSuppressBuffer<string, string>;

  beforeEach(() => {
    context = new FakeContext();
    const spec = { ...SETTINGS, kind: 'suppress', key: text, value: text } as const;
    buffer = new ArenaSuppressBuffer(spec, {});
    buffer.open(context);
  });

  function put(time: number, timestamp: number, key: string, value: string): void {
    expect(buffer.put(time, key, change(value), originAt(timestamp))).toBe(true);
  }

  function evictAll(): [string, string | null, string | null, RecordOrigin][] {
    const evicted: [string, string | null, string | null, RecordOrigin][] = [];
    buffer.evictWhile(
      () => true,
      ({ key, change: { newValue, oldValue }, origin }) =>
        void evicted.push([key, newValue, oldValue, origin]),
    );
    return evicted;
  }

  function restore(key: string, hex: string | null, headers = NO_HEADERS, timestamp = 0): void {
    const value = hex === null ? null : Buffer.from(hex, 'hex');
    buffer.restore(Buffer.from(key), value, timestamp, headers);
  }

  it('shouldRemoveData', () => {
    put(0, 0, 'asdf', 'qwer');
    expect(buffer.count).toBe(1);
    expect(evictAll()).toHaveLength(1);
    expect(buffer.count).toBe(0);
  });

  it('shouldRespectEvictionPredicate', () => {
    put(0, 0, 'asdf', 'eyt');
    put(1, 0, 'zxcv', 'rtg');
    const evicted: unknown[] = [];
    buffer.evictWhile(
      () => buffer.count > 1,
      (each) => evicted.push(each),
    );
    expect(buffer.count).toBe(1);
    expect(evicted).toEqual([{ key: 'asdf', change: change('eyt'), origin: originAt(0) }]);
  });

  it('shouldTrackCount, shouldTrackSize and shouldTrackMinTimestamp', () => {
    put(0, 0, 'asdf', '23roni');
    expect([buffer.count, buffer.bytes, buffer.minTimestamp]).toEqual([1, 43, 0]);
    put(1, 0, 'asdf', '3l');
    expect([buffer.count, buffer.bytes, buffer.minTimestamp]).toEqual([1, 39, 0]);
    put(0, 0, 'zxcv', 'qfowin');
    expect([buffer.count, buffer.bytes, buffer.minTimestamp]).toEqual([2, 82, 0]);
  });

  it('shouldEvictOldestAndUpdateSizeAndCountAndMinTimestamp', () => {
    put(1, 0, 'zxcv', 'o23i4');
    expect([buffer.count, buffer.bytes, buffer.minTimestamp]).toEqual([1, 42, 1]);
    put(0, 0, 'asdf', '3ng');
    expect([buffer.count, buffer.bytes, buffer.minTimestamp]).toEqual([2, 82, 0]);
    const seen: unknown[] = [];
    buffer.evictWhile(
      () => true,
      ({ key }) => seen.push([key, buffer.count, buffer.bytes, buffer.minTimestamp]),
    );
    expect(seen).toEqual([
      ['asdf', 2, 82, 0],
      ['zxcv', 1, 42, 1],
    ]);
    const after = [buffer.count, buffer.bytes, buffer.minTimestamp];
    expect(after).toEqual([0, 0, Number.POSITIVE_INFINITY]);
  });

  it('shouldReturnUndefinedOnPriorValueForNotBufferedKey and shouldReturnPriorValueForBufferedKey', () => {
    expect(buffer.priorValueForBuffered('ASDF')).toBeUndefined();
    buffer.put(1, 'A', change('new-value', 'old-value'), originAt(0));
    buffer.put(1, 'B', change('new-value'), originAt(0));
    buffer.put(1, 'A', change('newer', 'new-value'), originAt(0));
    expect(buffer.priorValueForBuffered('A')).toEqual({ value: 'old-value', timestamp: -1 });
    expect(buffer.priorValueForBuffered('B')).toEqual({ value: null, timestamp: -1 });
  });

  it('shouldCommit', () => {
    put(2, 0, 'asdf', '2093j');
    put(1, 1, 'zxcv', '3gon4i');
    put(0, 2, 'deleteme', 'deadbeef');
    buffer.evictWhile(
      () => buffer.minTimestamp < 1,
      () => undefined,
    );
    expect(context.logged).toEqual([]);
    buffer.flush();
    const logged = context.logged.map(({ key, value, headers }) => [
      key.toString(),
      value?.toString('hex'),
      headers.get('v')?.[0],
    ]);
    const head = (timestamp: string) =>
      `${timestamp}0000000000000000${'00000005'}746f706963${'00000000'.repeat(2)}`;
    const none = 'ffffffff'.repeat(2);
    expect(logged).toEqual([
      [
        'asdf',
        `${head('0000000000000000')}${none}0000000532303933 6a0000000000000002`.replace(' ', ''),
        3,
      ],
      ['zxcv', `${head('0000000000000001')}${none}0000000633676f6e3469${'0000000000000001'}`, 3],
      ['deleteme', undefined, undefined],
    ]);
    buffer.flush();
    expect(context.logged).toHaveLength(3);
  });

  it('is restored from its own changelog, headers and prior values included', () => {
    const headers = new RecordHeaders([
      ['h', Buffer.from('x')],
      ['none', null],
    ]);
    const origin = { topic: 'söurce', partition: 3, offset: 2 ** 40, timestamp: 7, headers };
    buffer.put(5, 'k', change('new', 'old'), origin);
    buffer.put(6, 'k', change('newer', 'new'), origin);
    buffer.put(4, 'first', change(null, 'old'), originAt(1));
    buffer.flush();
    const { logged } = context;
    const { bytes } = buffer;
    buffer.close();
    buffer.open(context);
    for (const each of logged) buffer.restore(each.key, each.value, each.timestamp, each.headers);
    expect([buffer.count, buffer.bytes, buffer.minTimestamp]).toEqual([2, bytes, 4]);
    expect(buffer.priorValueForBuffered('k')).toEqual({ value: 'old', timestamp: -1 });
    const [first, second] = evictAll();
    expect(first!.slice(0, 3)).toEqual(['first', null, 'old']);
    expect(second!.slice(0, 3)).toEqual(['k', 'newer', 'new']);
    const [, , , { headers: restored, ...rest }] = second!;
    expect(rest).toEqual({ topic: 'söurce', partition: 3, offset: 2 ** 40, timestamp: 7 });
    expect([...restored]).toEqual([...headers]);
  });

  it('shouldRestoreOldUnversionedFormat', () => {
    restore('todelete', '0000000000000000FFFFFFFF00000006646F6F6D6564');
    restore('asdf', '0000000000000002FFFFFFFF0000000471776572', NO_HEADERS, 1);
    restore('zxcv', '00000000000000010000000870726576696F757300000005656F34696D', NO_HEADERS, 2);
    restore('zxcv', '000000000000000100000005656F34696D000000046E657874', NO_HEADERS, 3);
    expect([buffer.count, buffer.minTimestamp]).toEqual([3, 0]);
    restore('todelete', null);
    expect([buffer.count, buffer.minTimestamp]).toEqual([2, 1]);
    expect(buffer.priorValueForBuffered('todelete')).toBeUndefined();
    expect(buffer.priorValueForBuffered('asdf')).toEqual({ value: null, timestamp: -1 });
    expect(buffer.priorValueForBuffered('zxcv')).toEqual({ value: 'previous', timestamp: -1 });
    const evicted = evictAll().map(([key, next, old, { timestamp }]) => [
      key,
      next,
      old,
      timestamp,
    ]);
    expect(evicted).toEqual([
      ['zxcv', 'next', 'eo4im', 3],
      ['asdf', 'qwer', null, 1],
    ]);
  });

  it('shouldRestoreV1Format', () => {
    const context1 = '000000000000000000000005746F70696300000000FFFFFFFF';
    restore(
      'todelete',
      `00000000000000000000000000000000${context1}0000000EFFFFFFFF00000006646F6F6D6564`,
      form(1),
    );
    restore(
      'asdf',
      `00000000000000020000000000000001${context1}0000000CFFFFFFFF0000000471776572`,
      form(1),
    );
    restore(
      'zxcv',
      `00000000000000010000000000000002${context1}000000150000000870726576696F757300000005336F34696D`,
      form(1),
    );
    restore(
      'zxcv',
      `00000000000000010000000000000003${context1}0000001100000005336F34696D000000046E657874`,
      form(1),
    );
    expect([buffer.count, buffer.minTimestamp, buffer.bytes]).toEqual([3, 0, 142]);
    restore('todelete', null);
    expect([buffer.count, buffer.minTimestamp, buffer.bytes]).toEqual([2, 1, 95]);
    expect(buffer.priorValueForBuffered('zxcv')).toEqual({ value: 'previous', timestamp: -1 });
    expect(evictAll()).toEqual([
      ['zxcv', 'next', '3o4im', originAt(3)],
      ['asdf', 'qwer', null, originAt(1)],
    ]);
  });

  it('shouldRestoreV2Format, and the third form under its number', () => {
    const origin = '000000000000000000000005746F70696300000000FFFFFFFF';
    restore(
      'asdf',
      `0000000000000001${origin}0000000CFFFFFFFF0000000471776572FFFFFFFF0000000000000002`,
      form(2),
    );
    restore(
      'zxcv',
      `0000000000000003${origin}0000001100000005336F34696D000000046E6578740000000870726576696F75730000000000000001`,
      form(2),
    );
    restore(
      'third',
      `0000000000000000${origin}FFFFFFFFFFFFFFFF00000006646F6F6D65640000000000000000`,
      form(2),
    );
    expect(buffer.priorValueForBuffered('zxcv')).toEqual({ value: 'previous', timestamp: -1 });
    expect(evictAll()).toEqual([
      ['third', 'doomed', null, originAt(0)],
      ['zxcv', 'next', '3o4im', originAt(3)],
      ['asdf', 'qwer', null, originAt(1)],
    ]);
  });

  it('shouldNotRestoreUnrecognizedVersionRecord, nor bytes that are cut off', () => {
    const code = expect.objectContaining({ code: 'STATE_BYTES' });
    expect(() => restore('k', '00', form(255))).toThrow(code);
    expect(() => restore('k', '0000', form(3))).toThrow(code);
  });

  it('gives the same updates again after an abort', () => {
    buffer.manage();
    put(1, 1, 'a', 'one');
    put(2, 2, 'b', 'two');
    buffer.flush();
    buffer.settle();
    const { bytes } = buffer;
    put(0, 3, 'c', 'three');
    put(3, 4, 'a', 'changed');
    expect(evictAll().map(([key]) => key)).toEqual(['c', 'a', 'b']);
    put(9, 5, 'a', 'later');
    buffer.revert();
    expect([buffer.count, buffer.bytes, buffer.minTimestamp]).toEqual([2, bytes, 1]);
    expect(evictAll().map(([key, value]) => [key, value])).toEqual([
      ['a', 'one'],
      ['b', 'two'],
    ]);
  });

  it('gives many updates in the order of time and key', () => {
    const times = Array.from({ length: 2000 }, (_each, at) => (at * 7919) % 500);
    for (const [at, time] of times.entries()) put(time, 0, `k${at}`, 'v');
    const order = evictAll().map(([key]) => key);
    const expected = [...times.keys()]
      .sort((one, other) => {
        return times[one]! - times[other]! || (`k${one}` < `k${other}` ? -1 : 1);
      })
      .map((at) => `k${at}`);
    expect(order).toEqual(expected);
  });
});

describe('the buffer of an outer join', () => {
  let context: FakeContext;
  let buffer: ArenaOuterJoinBuffer<string, string, number>;

  beforeEach(() => {
    context = new FakeContext();
    const spec = { ...SETTINGS, kind: 'outer-join', key: text, windowMs: 10 } as const;
    buffer = new ArenaOuterJoinBuffer({ ...spec, left: text, right: int32 }, {});
    buffer.open(context);
  });

  it('keeps several records of one time, side and key, in the order of Kafka’s bytes', () => {
    buffer.put(20, true, 'a', 'later');
    buffer.put(10, true, 'b', 'one');
    buffer.put(10, false, 'b', 7);
    buffer.put(10, true, 'a', 'two');
    buffer.put(10, true, 'b', 'three');
    const found = Array.from(buffer.all(), ({ timestamp, isLeft, key, value }) => [
      timestamp,
      isLeft,
      key,
      value,
    ]);
    expect(found).toEqual([
      [10, false, 'b', 7],
      [10, true, 'a', 'two'],
      [10, true, 'b', 'one'],
      [10, true, 'b', 'three'],
      [20, true, 'a', 'later'],
    ]);
  });

  it('logs whole lists as Kafka’s ListSerde writes them', () => {
    buffer.put(10, true, 'b', 'one');
    buffer.put(10, true, 'b', 'xy');
    buffer.put(10, true, 'b', null);
    const key = '000000000000000a0162';
    const first = '00000004016f6e65';
    expect(context.logged.map((each) => each.key.toString('hex'))).toEqual([key, key, key]);
    expect(context.logged.map((each) => each.value?.toString('hex'))).toEqual([
      `0100000001${first}`,
      `0100000002${first}00000003017879`,
      undefined,
    ]);
    expect(buffer.has(10, true, 'b')).toBe(false);
    for (const { key: each, value } of context.logged.slice(0, 2)) buffer.restore(each, value);
    expect(buffer.has(10, true, 'b')).toBe(true);
    expect(Array.from(buffer.all(), ({ value }) => value)).toEqual(['one', 'xy']);
  });

  it('lets a loop remove what it has seen', () => {
    for (let each = 0; each < 10; each++) buffer.put(each, true, 'k', `v${each}`);
    for (const { timestamp, isLeft, key } of buffer.all()) {
      if (timestamp === 5) break;
      buffer.put(timestamp, isLeft, key, null);
    }
    expect(Array.from(buffer.all(), ({ value }) => value)).toEqual(['v5', 'v6', 'v7', 'v8', 'v9']);
  });
});

describe('the buffer of a stream-table join', () => {
  let context: FakeContext;
  let buffer: ArenaJoinBuffer<string, string>;
  const spec = { ...SETTINGS, kind: 'join-buffer', key: text, value: text, graceMs: 5 } as const;

  beforeEach(() => {
    context = new FakeContext();
    buffer = new ArenaJoinBuffer(spec, {});
    buffer.open(context);
  });

  function evict(): [string, string, number][] {
    const evicted: [string, string, number][] = [];
    buffer.evictWhile(
      () => true,
      ({ key, value, timestamp }) => void evicted.push([key, value, timestamp]),
    );
    return evicted;
  }

  it('gives records when their grace is over, oldest first, and refuses older ones', () => {
    expect(buffer.put('b', 'one', 10, originAt(10))).toBe(true);
    expect(buffer.put('a', 'two', 10, originAt(10))).toBe(true);
    expect(buffer.put('a', 'three', 10, originAt(10))).toBe(true);
    expect(evict()).toEqual([]);
    expect(buffer.put('c', 'four', 16, originAt(16))).toBe(true);
    expect(buffer.put('d', 'five', 10, originAt(10))).toBe(false);
    expect([buffer.count, buffer.minTimestamp]).toEqual([4, 10]);
    expect(evict()).toEqual([
      ['a', 'two', 10],
      ['a', 'three', 10],
      ['b', 'one', 10],
    ]);
    expect([buffer.count, buffer.minTimestamp]).toEqual([1, 16]);
  });

  it('has the keys and values of Kafka in its changelog, and is restored from it', () => {
    buffer.put('k', 'v', 16, { ...originAt(16), offset: 9 });
    const { key, value } = context.logged[0]!;
    expect(key.toString('hex')).toBe(`00${'0000000000000010'}6b00000001`);
    const expected = [
      '00000000000000100000000000000009',
      '00000005746f706963',
      '0000000000000000',
      'ffffffffffffffff',
      '0000000176',
      '0000000000000000',
    ];
    expect(value!.toString('hex')).toBe(expected.join(''));
    const restored = new ArenaJoinBuffer<string, string>(spec, {});
    restored.open(context);
    restored.restore(key, value);
    restored.put('l', 'w', 100, originAt(100));
    const seen: unknown[] = [];
    restored.evictWhile(
      () => true,
      (each) => seen.push(each),
    );
    expect(seen).toEqual([
      { key: 'k', value: 'v', timestamp: 16, origin: { ...originAt(16), offset: 9 } },
    ]);
    expect(context.logged.at(-1)).toMatchObject({ key, value: null });
    expect(context.logged[1]!.key.readInt32BE(10)).toBe(2);
  });
});
