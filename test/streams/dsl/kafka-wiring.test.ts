/** More wiring of Kafka's own tests, by their names: cogroups, and tables made of streams. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { untilTimeLimit } from '#millrace/streams/dsl/suppressed';
import { int32, int64 } from '#millrace/streams/serde/numbers';

const EXPECTED: Record<string, string> = JSON.parse(
  readFileSync(join(import.meta.dirname, 'kafka-descriptions.json'), 'utf8'),
);

const texts = (name: string) => topic(name, { key: text, value: text });
const newBuilder = () => new StreamsBuilder({ defaults: { key: text, value: text } });
type Builder = ReturnType<typeof newBuilder>;
type Wiring = readonly [optimization: 'all' | 'none', build: (builder: Builder) => void];
const both = (one: string, other: string) => `(${one},${other})`;
const add = (aggregate: string, value: string) => aggregate + value;
const initial = () => '';

/** The streams of Kafka's cogroup tests; the first has new keys. */
function groups(builder: Builder, names: readonly string[], as?: string) {
  const streams = names.map((name) => builder.stream(texts(name)));
  const [first, ...others] = streams;
  const moved = first!.map((value, key) => [value, key] as const);
  const options = as === undefined ? {} : { as };
  const rest = others.map((stream) => stream.groupByKey());
  return { first: first!, one: moved.groupByKey(options), two: rest[0]!, three: rest[1]! };
}

function reusedInSame(builder: Builder): void {
  const { one, two } = groups(builder, ['one', 'two']);
  const second = one.cogroup(add).cogroup(two, add).aggregate(initial);
  const first = one.cogroup(add).cogroup(two, add).aggregate(initial);
  first.toStream().to('output');
  second.toStream().to('OUTPUT2');
}

function reusedInDifferent(builder: Builder): void {
  const { one, two, three } = groups(builder, ['one', 'two', 'three']);
  one.cogroup(add).cogroup(three, add).aggregate(initial);
  one.cogroup(add).cogroup(two, add).aggregate(initial);
}

function reused(builder: Builder): void {
  const { one, two } = groups(builder, ['one', 'two']);
  one.cogroup(add).cogroup(two, add).aggregate(initial);
  one.aggregate(initial, add);
}

const UPSTREAM = 'shouldInsertRepartitionsTopicForUpstreamKeyModificationWithGrouped';
const COGROUPS: Record<string, Wiring> = {
  [`${UPSTREAM}ReusedInSameCogroups`]: ['none', reusedInSame],
  [`${UPSTREAM}ReusedInSameCogroupsWithOptimization`]: ['all', reusedInSame],
  [`${UPSTREAM}ReusedInDifferentCogroups`]: ['none', reusedInDifferent],
  [`${UPSTREAM}ReusedInDifferentCogroupsWithOptimization`]: ['all', reusedInDifferent],
  [`${UPSTREAM}Reused`]: ['none', reused],
  [`${UPSTREAM}ReusedWithOptimization`]: ['all', reused],
  [`${UPSTREAM}RemadeWithOptimization`]: [
    'all',
    (builder) => {
      const { first, one, two, three } = groups(builder, ['one', 'two', 'three']);
      const four = first.map((value, key) => [value, key] as const).groupByKey();
      one.cogroup(add).cogroup(two, add).aggregate(initial);
      three.cogroup(add).cogroup(four, add).aggregate(initial);
    },
  ],
  shouldInsertRepartitionsTopicForCogroupsUsedTwice: [
    'none',
    (builder) => {
      const cogrouped = groups(builder, ['one'], 'foo').one.cogroup(add);
      cogrouped.aggregate(initial);
      cogrouped.aggregate(initial);
    },
  ],
};

describe("Kafka's CogroupedKStreamImplTest", () => {
  it.each(Object.entries(COGROUPS))('%s', (name, [optimization, build]) => {
    const builder = newBuilder();
    build(builder);
    const expected = EXPECTED[`CogroupedKStreamImplTest.${name}`];
    expect(builder.build({ optimization }).toString()).toBe(expected);
  });
});

const tableOf = (builder: Builder, name: string) => builder.stream(texts(name)).toTable();

const STREAMS: Record<string, (builder: Builder) => void> = {
  shouldNotMaterializedKTableFromKStream: (b) => tableOf(b, 'input').toStream().to('output'),
  shouldSupportForeignKeyTableTableJoinWithKTableFromKStream: (b) => {
    const left = tableOf(b, 'input1');
    const right = tableOf(b, 'input2');
    left
      .join(right, (value) => value.split('|')[1] ?? null, both)
      .toStream()
      .to('output');
  },
  shouldSupportTableTableJoinWithKStreamToKTable: (b) => {
    const left = tableOf(b, 'left');
    left.join(tableOf(b, 'right'), both).toStream().to('output');
  },
  shouldSupportStreamTableJoinWithKStreamToKTable: (b) => {
    const stream = b.stream(texts('streamTopic'));
    stream.join(tableOf(b, 'tableTopic'), both).to('output');
  },
  shouldSupportGroupByCountWithKStreamToKTable: (b) =>
    tableOf(b, 'input')
      .groupBy((value) => [value, value])
      .count()
      .toStream()
      .to(topic('output', { key: text, value: int64 })),
  shouldSupportTriggerMaterializedWithKTableFromKStream: (b) =>
    tableOf(b, 'input')
      .mapValues((value) => value.charCodeAt(0), { as: 'store', value: int32 })
      .toStream()
      .to('output'),
};

describe("Kafka's KStreamImplTest", () => {
  it.each(Object.entries(STREAMS))('%s', (name, build) => {
    const builder = newBuilder();
    build(builder);
    expect(builder.build().toString()).toBe(EXPECTED[`KStreamImplTest.${name}`]);
  });
});

describe("Kafka's StreamsGraphTest", () => {
  it('shouldNotThrowNPEWithMergeNodes', () => {
    const builder = newBuilder();
    const retry = builder
      .stream(texts('retryTopic'))
      .process<string, string>(() => ({ process: () => undefined }))
      .groupByKey()
      .aggregate(initial, add, { value: text })
      .suppress(untilTimeLimit('500s', { maxBytes: 64_000_000 }))
      .toStream()
      .flatMap<string, string>(() => []);
    const ids = builder
      .stream(texts('id-table-topic'))
      .flatMap<string, string>(() => [])
      .peek(() => undefined)
      .groupByKey()
      .aggregate(initial, add, { value: text });
    builder
      .stream(texts('internal-topic-command'))
      .peek(() => undefined)
      .mapValues((value) => value)
      .merge(retry)
      .leftJoin(ids, (one, other) => `${one}${other}`)
      .split()
      .branch((value) => value === 'some-value', {
        into: (branch) => {
          const moved = branch.map((value, key) => [key, value]);
          moved.peek(() => undefined).to('external-command');
          return undefined;
        },
      })
      .defaultBranch({
        into: (branch) => {
          const kept = branch.filter((value) => value !== null).peek(() => undefined);
          kept.mapValues((value) => value).to('dlq-topic');
          branch.map((value, key) => [key, value]).to('retryTopic');
          return undefined;
        },
      });
    const expected = EXPECTED['StreamsGraphTest#expectedComplexMergeOptimizeTopology'];
    expect(builder.build({ optimization: 'all' }).toString()).toBe(expected);
  });

  it('refuses generated names of what keeps data, where names are required', () => {
    const builder = newBuilder();
    builder
      .stream(texts('input'))
      .groupBy((value) => value)
      .count();
    const store = 'KSTREAM-AGGREGATE-STATE-STORE-0000000002';
    const found = `state store ${store}, topic ${store}-repartition`;
    expect(() => builder.build({ requireNames: true })).toThrow(`not been named: ${found}.`);
    const named = newBuilder();
    named
      .stream(texts('input'))
      .groupBy((value) => value, { as: 'words' })
      .count({ as: 'counts' });
    expect(() => named.build({ requireNames: true })).not.toThrow();
  });
});
