/** Operators run in the test driver. The differential judge compares most of them with Kafka Streams. */
import { describe, expect, it } from 'vitest';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import type { KStream } from '#millrace/streams/dsl/kstream';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { untilTimeLimit, untilWindowCloses } from '#millrace/streams/dsl/suppressed';
import { hopping, session, sliding, tumbling } from '#millrace/streams/dsl/windows';
import { int32, int64 } from '#millrace/streams/serde/numbers';
import { TestDriver } from '#millrace/streams/testing/test-driver';
import { timestamps } from '#millrace/streams/topology/timestamps';
import { windowedKeyText } from '#millrace/streams/topology/windowed-key';

const texts = (name: string) => topic(name, { key: text, value: text });
const input = texts('in');
const output = texts('out');
const counts = topic('out', { key: text, value: int64 });
const both = (one: string | null, other: string | null) => `${one}+${other}`;

type Sent = readonly [key: string | null, value: string | null, timestamp?: number];

/** What comes out of `out` for what goes into `in`, as `key=value@timestamp`. */
function run(builder: StreamsBuilder, sent: readonly Sent[], from = output): string[] {
  using driver = new TestDriver(builder.build());
  const source = driver.input(input);
  for (const [key, value, timestamp = 0] of sent) source.send({ key, value, timestamp });
  const records = driver.output(from).readAll();
  return records.map(({ key, value, timestamp }) => `${key}=${value}@${timestamp}`);
}

describe('stateless operators', () => {
  it('pass, change, multiply and drop records', () => {
    const builder = new StreamsBuilder();
    const seen: string[] = [];
    builder
      .stream(input)
      .filter((value) => value !== 'no')
      .filterNot((_value, key) => key === 'x')
      .peek((value, key, { timestamp }) => seen.push(`${key}${value}${timestamp}`))
      .flatMapValues((value) => [value, `${value}2`])
      .flatMap((value, key) => (value === 'b2' ? [] : [[value, key] as const]))
      .selectKey((value) => value.toUpperCase())
      .to(output);
    expect(
      run(builder, [
        ['a', 'b', 5],
        ['a', 'no'],
        ['x', 'b'],
      ]),
    ).toEqual(['A=a@5']);
    expect(seen).toEqual(['ab5']);
  });

  it('split into the first branch that takes a record', () => {
    const builder = new StreamsBuilder();
    const branches = builder
      .stream(input)
      .split({ name: 'by-' })
      .branch((value) => value.length > 1, { name: 'long' })
      .branch((value) => value > 'm', {
        into: (branch) => {
          branch.mapValues((value) => `${value}!`).to(output);
          return undefined;
        },
      })
      .defaultBranch();
    expect([...branches.keys()]).toEqual(['by-long', 'by-0']);
    branches.get('by-long')?.to(output);
    const sent: Sent[] = [
      ['1', 'aa'],
      ['2', 'z'],
      ['3', 'a'],
    ];
    expect(run(builder, sent)).toEqual(['1=aa@0', '2=z!@0']);
  });

  it('print lines as Kafka does', () => {
    const builder = new StreamsBuilder();
    const lines: string[] = [];
    builder.stream(input).print({ to: (line) => lines.push(line) });
    builder.stream(input).print({ label: 'x', format: (value) => value, to: (l) => lines.push(l) });
    run(builder, [['a', 'b']]);
    expect(lines).toEqual(['[KSTREAM-SOURCE-0000000000]: a, b', '[x]: b']);
  });

  it('choose the topic of each record', () => {
    const builder = new StreamsBuilder();
    builder.stream(input).to((value, key, record) => (value === 'b' ? 'out' : key + record.offset));
    using driver = new TestDriver(builder.build());
    driver.input(input).send({ key: 'k', value: 'b' });
    driver.input(input).send({ key: 'k', value: 'c' });
    expect(driver.output(output).readPairs()).toEqual([['k', 'b']]);
    expect(driver.output(texts('k1')).readPairs()).toEqual([['k', 'c']]);
  });

  it('refuse a promise at run time', () => {
    const builder = new StreamsBuilder();
    const later = (value: string) => Promise.resolve(value) as unknown as string;
    builder.stream(input).mapValues(later).to(output);
    expect(() => run(builder, [['a', 'b']])).toThrow(/MAPVALUES-0000000001 returned a promise/);
  });
});

describe('processors of the program', () => {
  it('forward, keep state, and are called by the clock', () => {
    const builder = new StreamsBuilder();
    builder
      .stream(input)
      .process<string, string>(() => {
        let sum = '';
        return {
          init(context) {
            context.schedule(10, 'wall-clock', (timestamp) => {
              context.forward({ key: 'sum', value: sum, timestamp });
            });
          },
          process({ value }) {
            sum += value;
          },
        };
      })
      .to('out', { key: text, value: text });
    using driver = new TestDriver(builder.build());
    driver.input(input).send({ key: 'k', value: 'a' });
    driver.input(input).send({ key: 'k', value: 'b' });
    driver.advance(10);
    expect(driver.output(output).readValues()).toEqual(['ab']);
  });

  it('cannot change keys in processValues', () => {
    const builder = new StreamsBuilder();
    builder
      .stream(input)
      .processValues<string>(() => {
        let send: (value: string) => void;
        return {
          init: (context) => {
            send = (key) => context.forward({ key, value: key } as never);
          },
          process: (record) => send(record.value),
        };
      })
      .to('out', { value: text });
    expect(() => run(builder, [['k', 'v']])).toThrow(/keeps keys/);
  });

  it('give all records that come of one in processAsync', async () => {
    const builder = new StreamsBuilder();
    builder
      .stream(input)
      .processAsync(async ({ key, value }) => [
        { key, value },
        { key: value, value: key, timestamp: 9 },
      ])
      .to('out', { key: text, value: text });
    using driver = new TestDriver(builder.build());
    driver.input(input).send({ key: 'k', value: 'v', timestamp: 1 });
    await driver.settled();
    const found = driver.output(output).readAll();
    expect(found.map(({ key, timestamp }) => [key, timestamp])).toEqual([
      ['k', 1],
      ['v', 9],
    ]);
  });
});

describe('aggregates', () => {
  it('count through a repartition, over all partitions', () => {
    const builder = new StreamsBuilder();
    builder
      .stream(input)
      .groupBy((value) => value, { key: text, as: 'words' })
      .count({ as: 'counts' })
      .toStream()
      .to(counts);
    using driver = new TestDriver(builder.build(), { partitions: 4 });
    for (const key of ['a', 'b', 'c', 'd']) driver.input(input).send({ key, value: 'same' });
    expect(driver.output(counts).readValues()).toEqual([1, 2, 3, 4]);
    expect(driver.records('test-words-repartition')).toHaveLength(4);
  });

  it('leave records without key or value out', () => {
    const builder = new StreamsBuilder();
    builder.stream(input).groupByKey().count().toStream().to(counts);
    using driver = new TestDriver(builder.build());
    driver.input(input).send({ key: null, value: 'v' });
    driver.input(input).send({ key: 'k', value: null });
    expect(driver.output(counts).isEmpty).toBe(true);
    expect(driver.dropped.map(({ reason }) => reason)).toEqual([
      'null-key-or-value',
      'null-key-or-value',
    ]);
  });

  it('of several streams are one table', () => {
    const builder = new StreamsBuilder();
    const add = (all: string, value: string) => all + value;
    const other = builder.stream(texts('other')).groupByKey();
    builder
      .stream(input)
      .groupByKey()
      .cogroup(add)
      .cogroup(other, (all: string, value) => `${all}(${value})`)
      .aggregate(() => '', { value: text })
      .toStream()
      .to(output);
    using driver = new TestDriver(builder.build());
    driver.input(input).send({ key: 'k', value: 'a' });
    driver.input(texts('other')).send({ key: 'k', value: 'b' });
    driver.input(input).send({ key: 'k', value: 'c' });
    expect(driver.output(output).readValues()).toEqual(['a', 'a(b)', 'a(b)c']);
  });

  it('of a table subtract what was there', () => {
    const builder = new StreamsBuilder();
    builder
      .table(input)
      .groupBy((value, key) => [value.slice(0, 1), key], { key: text, value: text })
      .aggregate(
        () => '',
        (all, key) => `${all}+${key}`,
        (all, key) => `${all}-${key}`,
        { value: text },
      )
      .toStream()
      .to(output);
    const sent: Sent[] = [
      ['1', 'ax'],
      ['1', 'ay'],
      ['1', 'b'],
      ['1', null],
    ];
    expect(run(builder, sent)).toEqual([
      'a=+1@0',
      'a=+1-1+1@0',
      'a=+1-1+1-1@0',
      'b=+1@0',
      'b=+1-1@0',
    ]);
  });
});

describe('windows', () => {
  const late = (windows: Parameters<typeof tumbling>[0], take: (text: string) => void) => {
    const builder = new StreamsBuilder();
    builder
      .stream(input)
      .groupByKey()
      .windowedBy(tumbling(windows, { grace: 5 }), {
        onLate: (records) => {
          records.forEach((value, key) => {
            take(`${key}${value}`);
          });
        },
      })
      .count()
      .toStream((_count, key) => windowedKeyText(key))
      .to(counts);
    return builder;
  };

  it('give what came too late to a stream of its own', () => {
    const found: string[] = [];
    const builder = late(10, (record) => found.push(record));
    const sent: Sent[] = [
      ['a', '1', 0],
      ['a', '2', 14],
      ['a', '3', 5],
      ['a', '4', 15],
      ['a', '5', 9],
    ];
    expect(run(builder, sent, counts as never)).toEqual([
      '[a@0/10]=1@0',
      '[a@10/20]=1@14',
      '[a@0/10]=2@5',
      '[a@10/20]=2@15',
    ]);
    expect(found).toEqual(['a5']);
  });

  it.each([
    ['sliding', sliding(10)],
    ['session', session(10)],
  ] as const)('of kind %s too', (_kind, windows) => {
    const builder = new StreamsBuilder();
    const found: string[] = [];
    const grouped = builder.stream(input).groupByKey();
    const onLate = (records: KStream<string, string>) => {
      records.forEach((value) => {
        found.push(value);
      });
    };
    if (windows.kind === 'session') grouped.windowedBy(windows, { onLate }).count();
    else grouped.windowedBy(windows, { onLate }).count();
    run(builder, [
      ['a', 'x', 100],
      ['a', 'y', 20],
      ['a', 'z', 95],
    ]);
    expect(found).toEqual(['y']);
  });

  it('emit once when they close', () => {
    const builder = new StreamsBuilder();
    builder
      .stream(input)
      .groupByKey()
      .windowedBy(hopping(10, { advance: 5, grace: 2 }))
      .emitStrategy('on-close')
      .count()
      .toStream((_count, key) => windowedKeyText(key))
      .to(counts);
    const sent: Sent[] = [
      ['a', '1', 0],
      ['b', '2', 6],
      ['a', '3', 3],
      ['a', '4', 12],
      ['a', '5', 17],
    ];
    expect(run(builder, sent, counts as never)).toEqual([
      '[a@0/10]=2@3',
      '[b@0/10]=1@6',
      '[a@5/15]=1@12',
      '[b@5/15]=1@6',
    ]);
  });

  it('held back by suppress give their last result only', () => {
    const builder = new StreamsBuilder();
    builder
      .stream(input)
      .groupByKey()
      .windowedBy(tumbling(10))
      .count()
      .suppress(untilWindowCloses())
      .toStream((_count, key) => windowedKeyText(key))
      .to(counts);
    const sent: Sent[] = [
      ['a', '1', 0],
      ['a', '2', 5],
      ['b', '3', 9],
      ['a', '4', 10],
    ];
    expect(run(builder, sent, counts as never)).toEqual(['[a@0/10]=2@5', '[b@0/10]=1@9']);
  });

  it('need a grace for suppress, which only windows have', () => {
    const table = new StreamsBuilder().table(input);
    expect(() => table.suppress(untilWindowCloses())).toThrow(/only defined for windowed/);
  });

  it('shut down where a full buffer must not emit', () => {
    const builder = new StreamsBuilder();
    const limit = untilTimeLimit('1h', { maxRecords: 1, whenFull: 'shut-down' });
    builder.table(input).suppress(limit).toStream().to(output);
    expect(() =>
      run(builder, [
        ['a', '1'],
        ['b', '2'],
      ]),
    ).toThrow(/over its capacity: 2\/1 records/);
  });
});

describe("Kafka's KStreamKTableJoinTest with grace", () => {
  const ints = (name: string) => topic(name, { key: int32, value: text });

  function graceJoin(): TestDriver {
    const builder = new StreamsBuilder();
    const table = builder.table(ints('table'), { as: 'V-grace', history: '5m' });
    builder.stream(ints('stream')).join(table, both, { name: 'Grace', grace: 2 }).to('out', {
      value: text,
    });
    return new TestDriver(builder.build());
  }

  function push(driver: TestDriver, name: string, count: number, prefix: string): string[] {
    for (let key = 0; key < count; key++) {
      driver.input(ints(name)).send({ key, value: prefix + key, timestamp: key });
    }
    const found = driver.output(ints('out')).readAll();
    return found.map(({ value, timestamp }) => `${value}@${timestamp}`);
  }

  it('shouldDelayJoinByGracePeriod', () => {
    using driver = graceJoin();
    expect(push(driver, 'table', 4, 'Y')).toEqual([]);
    expect(push(driver, 'stream', 4, 'X')).toEqual(['X0+Y0@0', 'X1+Y1@1']);
    expect(push(driver, 'table', 4, 'YY')).toEqual([]);
    expect(push(driver, 'stream', 4, 'X')).toEqual(['X0+YY0@0', 'X1+YY1@1']);
    driver.input(ints('stream')).send({ key: 5, value: 'test', timestamp: 7 });
    expect(driver.output(ints('out')).readValues()).toEqual([
      'X2+YY2',
      'X2+YY2',
      'X3+YY3',
      'X3+YY3',
    ]);
  });

  it('shouldHandleLateJoinsWithGracePeriod', () => {
    using driver = graceJoin();
    push(driver, 'table', 4, 'Y');
    expect(push(driver, 'stream', 4, 'X')).toEqual(['X0+Y0@0', 'X1+Y1@1']);
    expect(push(driver, 'stream', 1, 'X')).toEqual(['X0+Y0@0']);
  });

  it('shouldFailIfTableIsNotVersioned', () => {
    const builder = new StreamsBuilder();
    const table = builder.table(ints('table'), { as: 'plain' });
    const join = () => builder.stream(ints('stream')).join(table, both, { grace: 2 });
    expect(join).toThrow(/must be versioned/);
  });

  it('shouldFailIfGracePeriodIsLongerThanHistoryRetention', () => {
    const builder = new StreamsBuilder();
    const table = builder.table(ints('table'), { as: 'V', history: 10 });
    builder.stream(ints('stream')).join(table, both, { grace: 11 });
    expect(() => builder.build()).toThrow(/grace period longer than V's history/);
  });
});

describe('versioned tables', () => {
  const sent: Sent[] = [
    ['k', 'a', 10],
    ['k', 'b', 5],
    ['k', 'c', 20],
  ];

  it('are looked into as of the time of a stream record', () => {
    const builder = new StreamsBuilder();
    const table = builder.table(texts('table'), { as: 'V', history: '1h' });
    builder.stream(input).leftJoin(table, both).to('out', { value: text });
    using driver = new TestDriver(builder.build());
    for (const [key, value, timestamp = 0] of sent) {
      driver.input(texts('table')).send({ key, value, timestamp });
    }
    for (const timestamp of [4, 7, 12, 30])
      driver.input(input).send({ key: 'k', value: 's', timestamp });
    expect(driver.output(output).readValues()).toEqual(['s+null', 's+b', 's+a', 's+c']);
  });

  it('do not count what is out of order', () => {
    const builder = new StreamsBuilder();
    builder
      .table(input, { as: 'V', history: '1h' })
      .groupBy((value) => ['all', value], { key: text, value: text })
      .reduce(
        (all, value) => `${all}+${value}`,
        (all, value) => `${all}-${value}`,
      )
      .toStream()
      .to(output);
    expect(run(builder, sent)).toEqual(['all=a@10', 'all=a-a+c@20']);
  });

  it('cannot be suppressed, even through a filter', () => {
    const builder = new StreamsBuilder();
    builder
      .table(input, { as: 'V', history: '1h' })
      .filter(() => true)
      .suppress(untilTimeLimit('1s'));
    expect(() => builder.build()).toThrow(/only supported for tables that are not versioned/);
  });
});

describe('joins', () => {
  it('of a stream with itself give the same with one store as with two', () => {
    const results = ['none', 'single.store.self.join'].map((optimization) => {
      const builder = new StreamsBuilder();
      const stream = builder.stream(input);
      stream.join(stream, both, { within: 10, grace: 100 }).to('out', { value: text });
      using driver = new TestDriver(builder.build({ optimization }), { oneTask: true });
      for (const [value, timestamp] of [
        ['a', 0],
        ['b', 5],
        ['c', 5],
        ['d', 2],
        ['e', 40],
      ] as const) {
        driver.input(input).send({ key: 'k', value, timestamp });
      }
      return driver
        .output(output)
        .readAll()
        .map(({ value, timestamp }) => [value, timestamp]);
    });
    expect(results[0]).toHaveLength(17);
    expect(results[1]).toEqual(results[0]);
  });

  it('with a global table look up any key', () => {
    const builder = new StreamsBuilder();
    const global = builder.globalTable(texts('global'), { as: 'G' });
    const stream = builder.stream(input);
    stream
      .join(
        global,
        (value) => value,
        (value, found) => value + found,
      )
      .to('out', { value: text });
    using driver = new TestDriver(builder.build(), { partitions: { in: 3 } });
    driver.input(texts('global')).send({ key: 'x', value: '!' });
    driver.input(input).send({ key: 'a', value: 'x' });
    driver.input(input).send({ key: 'b', value: 'y' });
    expect(driver.output(output).readPairs()).toEqual([['a', 'x!']]);
  });

  it('by a foreign key follow changes on both sides, over partitions', () => {
    const builder = new StreamsBuilder();
    const users = builder.table(texts('users'));
    builder
      .table(input)
      .leftJoin(users, (value) => value || null, both, { value: text })
      .toStream()
      .to(output);
    using driver = new TestDriver(builder.build(), { partitions: { in: 3, users: 3 } });
    const orders = driver.input(input);
    const user = driver.input(texts('users'));
    orders.send({ key: 'o1', value: 'u1' });
    user.send({ key: 'u1', value: 'Ann' });
    orders.send({ key: 'o2', value: 'u1' });
    user.send({ key: 'u1', value: 'Eve' });
    orders.send({ key: 'o1', value: 'u2' });
    orders.send({ key: 'o2', value: null });
    const last = new Map<string | null, (string | null)[]>();
    for (const { key, value } of driver.output(output).readAll()) {
      last.set(key, [...(last.get(key) ?? []), value]);
    }
    expect(last.get('o1')).toEqual(['u1+null', 'u1+Ann', 'u1+Eve', 'u2+null']);
    expect(last.get('o2')).toEqual(['u1+Ann', 'u1+Eve', null]);
  });
});

describe('sources', () => {
  it('give records the time that an extractor says', () => {
    const builder = new StreamsBuilder();
    const extractor = timestamps.maxAhead('1s', { clock: () => 5000 });
    builder.stream(input, { extractor }).to(output);
    expect(
      run(builder, [
        ['a', '1', 4000],
        ['b', '2', 99_000],
      ]),
    ).toEqual(['a=1@4000', 'b=2@6000']);
  });

  it('can be a changelog where the optimisation says so', () => {
    const builder = new StreamsBuilder();
    builder.table(input, { as: 'rows' }).toStream().to(output);
    const topology = builder.build({ optimization: 'reuse.ktable.source.topics' });
    using driver = new TestDriver(topology);
    driver.input(input).send({ key: 'a', value: 'b' });
    expect(driver.topics()).toEqual(['in', 'out']);
    driver.crash();
    expect(driver.store<never>('rows')).toBeDefined();
  });

  it('of overlapping topics are refused', () => {
    const builder = new StreamsBuilder();
    builder.stream([input, texts('other')]);
    builder.stream(input);
    expect(() => builder.build()).toThrow(/overlapping but not equal input topics/);
  });
});

describe('transformers of tables', () => {
  it('see rows that are gone, read stores, and give values to joins', () => {
    const builder = new StreamsBuilder();
    const supplier = {
      get: () => ({
        transform: (key: string, value: string | null) => (value === null ? null : key + value),
      }),
    };
    const table = builder.table(texts('table')).transformValues(supplier);
    builder.stream(input).leftJoin(table, both).to('out', { value: text });
    table.toStream().to('rows', { value: text });
    using driver = new TestDriver(builder.build());
    driver.input(texts('table')).send({ key: 'k', value: 'v' });
    driver.input(input).send({ key: 'k', value: 's' });
    driver.input(texts('table')).send({ key: 'k', value: null });
    driver.input(input).send({ key: 'k', value: 's' });
    expect(driver.output(output).readValues()).toEqual(['s+kv', 's+null']);
    expect(driver.output(texts('rows')).readValues()).toEqual(['kv', null]);
  });
});
