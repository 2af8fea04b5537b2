/**
 * The wiring of Kafka's own tests, by their names: the same calls give the same text. The texts are
 * those that the tests of Kafka Streams 4.3.1 expect.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { untilTimeLimit, untilWindowCloses } from '#millrace/streams/dsl/suppressed';
import { session, sliding, tumbling } from '#millrace/streams/dsl/windows';
import { int32, int64 } from '#millrace/streams/serde/numbers';
import { windowedKeyText } from '#millrace/streams/topology/windowed-key';

const EXPECTED: Record<string, string> = JSON.parse(
  readFileSync(join(import.meta.dirname, 'kafka-descriptions.json'), 'utf8'),
);

const texts = (name: string) => topic(name, { key: text, value: text });
const newBuilder = () => new StreamsBuilder({ defaults: { key: text, value: text } });
const both = (one: string | null, other: string | null) => `${one}${other}`;
const add = (aggregate: string, value: string) => aggregate + value;
const passing = () => ({ process: () => undefined });
type Builder = ReturnType<typeof newBuilder>;
const BOTH = { key: text, value: text };

const grouped = (builder: Builder) => builder.stream(texts('input-topic')).groupByKey();
const table = (builder: Builder) => builder.table(texts('input-topic'));
const groupedTable = (builder: Builder) => table(builder).groupBy(() => ['', '']);
const twoStreams = (builder: Builder) =>
  [builder.stream(texts('input-topic1')), builder.stream(texts('input-topic2'))] as const;

function joined(kind: 'join' | 'leftJoin' | 'outerJoin', names: object) {
  return (builder: Builder) => {
    const [one, other] = twoStreams(builder);
    const join = one[kind].bind(one) as typeof one.outerJoin;
    join(other, both, { within: 100, ...names });
  };
}

const ofTopologyTest: Record<string, (builder: Builder) => void> = {
  streamStreamJoinTopologyWithDefaultStoresNames: joined('join', {}),
  streamStreamJoinTopologyWithCustomStoresNames: joined('join', { as: 'custom-name' }),
  streamStreamJoinTopologyWithCustomStoresSuppliers: joined('join', {
    stores: ['in-memory-join-store', 'in-memory-join-store-other'],
  }),
  streamStreamLeftJoinTopologyWithDefaultStoresNames: joined('leftJoin', {}),
  streamStreamLeftJoinTopologyWithCustomStoresNames: joined('leftJoin', { as: 'custom-name' }),
  streamStreamOuterJoinTopologyWithDefaultStoresNames: joined('outerJoin', {}),
  streamStreamOuterJoinTopologyWithCustomStoresNames: joined('outerJoin', { as: 'custom-name' }),
  streamStreamOuterJoinTopologyWithCustomStoresSuppliers: joined('outerJoin', {
    stores: ['in-memory-join-store', 'in-memory-join-store-other'],
  }),
  kGroupedStreamZeroArgCountShouldPreserveTopologyStructure: (b) => grouped(b).count(),
  kGroupedStreamNamedMaterializedCountShouldPreserveTopologyStructure: (b) =>
    grouped(b).count({ as: 'count-store' }),
  kGroupedStreamAnonymousMaterializedCountShouldPreserveTopologyStructure: (b) =>
    grouped(b).count({ key: text }),
  timeWindowZeroArgCountShouldPreserveTopologyStructure: (b) =>
    grouped(b).windowedBy(tumbling(1)).count(),
  timeWindowNamedMaterializedCountShouldPreserveTopologyStructure: (b) =>
    grouped(b).windowedBy(tumbling(1)).count({ as: 'count-store' }),
  timeWindowAnonymousMaterializedCountShouldPreserveTopologyStructure: (b) =>
    grouped(b).windowedBy(tumbling(1)).count({ key: text }),
  slidingWindowZeroArgCountShouldPreserveTopologyStructure: (b) =>
    grouped(b).windowedBy(sliding(1)).count(),
  slidingWindowNamedMaterializedCountShouldPreserveTopologyStructure: (b) =>
    grouped(b).windowedBy(sliding(1)).count({ as: 'count-store' }),
  sessionWindowZeroArgCountShouldPreserveTopologyStructure: (b) =>
    grouped(b).windowedBy(session(1)).count(),
  sessionWindowNamedMaterializedCountShouldPreserveTopologyStructure: (b) =>
    grouped(b).windowedBy(session(1)).count({ as: 'count-store' }),
  sessionWindowAnonymousMaterializedCountShouldPreserveTopologyStructure: (b) =>
    grouped(b).windowedBy(session(1)).count({ key: text }),
  timeWindowedCogroupedZeroArgCountShouldPreserveTopologyStructure: (b) =>
    grouped(b)
      .cogroup(add)
      .windowedBy(tumbling(1))
      .aggregate(() => ''),
  timeWindowedCogroupedNamedMaterializedCountShouldPreserveTopologyStructure: (b) =>
    grouped(b)
      .cogroup(add)
      .windowedBy(tumbling(1))
      .aggregate(() => '', { as: 'aggregate-store' }),
  slidingWindowedCogroupedZeroArgCountShouldPreserveTopologyStructure: (b) =>
    grouped(b)
      .cogroup(add)
      .windowedBy(sliding(1))
      .aggregate(() => ''),
  slidingWindowedCogroupedNamedMaterializedCountShouldPreserveTopologyStructure: (b) =>
    grouped(b)
      .cogroup(add)
      .windowedBy(sliding(1))
      .aggregate(() => '', { as: 'aggregate-store' }),
  sessionWindowedCogroupedZeroArgCountShouldPreserveTopologyStructure: (b) =>
    grouped(b)
      .cogroup(add)
      .windowedBy(session(1))
      .aggregate(() => '', both),
  sessionWindowedCogroupedNamedMaterializedCountShouldPreserveTopologyStructure: (b) =>
    grouped(b)
      .cogroup(add)
      .windowedBy(session(1))
      .aggregate(() => '', both, { as: 'aggregate-store' }),
  tableZeroArgCountShouldPreserveTopologyStructure: (b) => groupedTable(b).count(),
  tableNamedMaterializedCountShouldPreserveTopologyStructure: (b) =>
    groupedTable(b).count({ as: 'count-store' }),
  tableAnonymousMaterializedCountShouldPreserveTopologyStructure: (b) =>
    groupedTable(b).count({ caching: true }),
  kTableNonMaterializedMapValuesShouldPreserveTopologyStructure: (b) =>
    table(b).mapValues(() => ''),
  kTableAnonymousMaterializedMapValuesShouldPreserveTopologyStructure: (b) =>
    table(b).mapValues(() => '', { value: text }),
  kTableNamedMaterializedMapValuesShouldPreserveTopologyStructure: (b) =>
    table(b).mapValues(() => '', { as: 'store-name' }),
  kTableNonMaterializedFilterShouldPreserveTopologyStructure: (b) => table(b).filter(() => false),
  kTableAnonymousMaterializedFilterShouldPreserveTopologyStructure: (b) =>
    table(b).filter(() => false, { value: text }),
  kTableNamedMaterializedFilterShouldPreserveTopologyStructure: (b) =>
    table(b).filter(() => false, { as: 'store-name' }),
};

describe("Kafka's TopologyTest", () => {
  it.each(Object.entries(ofTopologyTest))('%s', (name, build) => {
    const builder = newBuilder();
    build(builder);
    expect(builder.build().toString()).toBe(EXPECTED[`TopologyTest.${name}`]);
  });
});

function optimizing(builder: Builder): void {
  const mapped = builder
    .stream(texts('input'), { name: 'sourceStream' })
    .map((value, key) => [key, value], { name: 'source-map' });
  mapped
    .filter((_value, key) => key === 'B', { name: 'process-filter' })
    .mapValues((value) => value, { name: 'process-mapValues' })
    .process(passing, { name: 'process' });
  const counts = mapped
    .groupByKey({ as: 'count-groupByKey' })
    .count({ name: 'count', as: 'count-store' })
    .toStream({ name: 'count-toStream' });
  counts.to(topic('outputTopic_0', { key: text, value: int64 }), { name: 'count-to' });
  mapped
    .groupByKey({ as: 'aggregate-groupByKey' })
    .aggregate(
      () => 0,
      (sum, value) => sum + value.length,
      { name: 'aggregate', as: 'aggregate-store', value: int32 },
    )
    .toStream({ name: 'aggregate-toStream' })
    .to(topic('outputTopic_1', { key: text, value: int32 }), { name: 'reduce-to' });
  mapped
    .filter(() => true, { name: 'reduce-filter' })
    .peek(() => undefined, { name: 'reduce-peek' })
    .groupByKey({ as: 'reduce-groupByKey' })
    .reduce(add, { name: 'reducer', as: 'reduce-store' })
    .toStream({ name: 'reduce-toStream' })
    .to('outputTopic_2');
  mapped
    .filter((_value, key) => key === 'A', { name: 'join-filter' })
    .join(counts, (one, other) => `${one}:${other}`, {
      within: 5000,
      name: 'join',
      stores: ['join-store', 'other-join-store'],
    })
    .to('joinedOutputTopic', { name: 'join-to' });
}

function optimizingMerge(builder: Builder): void {
  const one = builder.stream(texts('inputA'), { name: 'sourceAStream' });
  const other = builder.stream(texts('inputB'), { name: 'sourceBStream' });
  const merged = one
    .map((value, key) => [key, value], { name: 'mappedAStream' })
    .merge(
      other.map((value, key) => [key, value], { name: 'mappedBStream' }),
      { name: 'mergedStream' },
    );
  merged
    .groupByKey({ as: 'long-groupByKey' })
    .count({ name: 'long-count', as: 'long-store' })
    .toStream({ name: 'long-toStream' })
    .to(topic('outputTopic_0', { key: text, value: int64 }), { name: 'long-to' });
  merged
    .groupByKey({ as: 'string-groupByKey' })
    .count({ name: 'string-count', as: 'string-store' })
    .toStream({ name: 'string-toStream' })
    .mapValues((value) => String(value), { name: 'string-mapValues' })
    .to('outputTopic_1', { name: 'string-to' });
}

function naming(builder: Builder): void {
  const mapped = builder.stream(texts('input')).map((value, key) => [key, value]);
  mapped
    .filter((_value, key) => key === 'B')
    .mapValues((value) => value)
    .process(passing);
  const counts = mapped.groupByKey({ as: 'count-stream' }).count({ key: text }).toStream();
  counts.to(topic('outputTopic_0', { key: text, value: int64 }));
  mapped
    .groupByKey({ as: 'aggregate-stream' })
    .aggregate(
      () => 0,
      (sum, value) => sum + value.length,
      { value: int32 },
    )
    .toStream()
    .to(topic('outputTopic_1', { key: text, value: int32 }));
  mapped
    .filter(() => true)
    .peek(() => undefined)
    .groupByKey({ as: 'reduced-stream' })
    .reduce(add, { value: text })
    .toStream()
    .to('outputTopic_2');
  mapped
    .filter((_value, key) => key === 'A')
    .join(counts, (one, other) => `${one}:${other}`, {
      within: 5000,
      as: 'joined-stream',
      name: 'joined-stream',
    })
    .to('outputTopicForJoin');
}

describe("Kafka's tests of optimisations", () => {
  it.each([
    ['RepartitionOptimizingTest', optimizing],
    ['RepartitionWithMergeOptimizingTest', optimizingMerge],
    ['RepartitionTopicNamingTest', naming],
  ])('%s, without and with them', (name, build) => {
    for (const [optimization, text] of [
      ['none', 'UNOPTIMIZED'],
      ['all', 'OPTIMIZED'],
    ] as const) {
      const builder = newBuilder();
      build(builder);
      const expected = EXPECTED[`${name}#EXPECTED_${text}_TOPOLOGY`];
      expect(builder.build({ optimization }).toString()).toBe(expected);
    }
  });
});

function cogrouped(builder: Builder, as?: string) {
  const one = builder.stream(texts('one'));
  const two = builder.stream(texts('two'));
  const options = as === undefined ? {} : { as };
  const first = one.map((value, key) => [value, key] as const).groupByKey(options);
  return { first, second: two.groupByKey() };
}

const ofStreamTests: Record<string, (builder: Builder) => void> = {
  'SuppressTopologyTest#NAMED_INTERMEDIATE_TOPOLOGY': (b) =>
    b
      .stream(texts('input'))
      .groupByKey()
      .count()
      .suppress(untilTimeLimit('1s', { name: 'asdf' }))
      .toStream()
      .to(topic('output', { key: text, value: int64 })),
  'SuppressTopologyTest#ANONYMOUS_INTERMEDIATE_TOPOLOGY': (b) =>
    b
      .stream(texts('input'))
      .groupByKey()
      .count()
      .suppress(untilTimeLimit('1s'))
      .toStream()
      .to(topic('output', { key: text, value: int64 })),
  'SuppressTopologyTest#NAMED_FINAL_TOPOLOGY': (b) => suppressedSessions(b, { name: 'myname' }),
  'SuppressTopologyTest#ANONYMOUS_FINAL_TOPOLOGY': (b) => suppressedSessions(b, {}),
  'CogroupedKStreamImplTest.shouldNameProcessorsAndStoreBasedOnNamedParameter': (b) => {
    const one = b.stream(texts('one'));
    const two = b.stream(texts('two'));
    one
      .groupByKey()
      .cogroup(add)
      .cogroup(two.groupByKey(), add)
      .aggregate(() => '', { name: 'test', as: 'store' })
      .toStream()
      .to('output');
  },
  'CogroupedKStreamImplTest.shouldNameRepartitionTopic': (b) => {
    const { first, second } = cogrouped(b, 'repartition-test');
    first
      .cogroup(add)
      .cogroup(second, add)
      .aggregate(() => '')
      .toStream()
      .to('output');
  },
  'CogroupedKStreamImplTest.shouldInsertRepartitionsTopicForUpstreamKeyModification': (b) => {
    const { first, second } = cogrouped(b);
    first
      .cogroup(add)
      .cogroup(second, add)
      .aggregate(() => '', { name: 'test', as: 'store' })
      .toStream()
      .to('output');
  },
  'TimeWindowedCogroupedKStreamImplTest.namedParamShouldSetName': (b) =>
    b
      .stream(texts('topic'))
      .groupByKey(BOTH)
      .cogroup(add)
      .windowedBy(tumbling(500))
      .aggregate(() => '', { name: 'foo' }),
  'KStreamImplTest.shouldMaterializeKTableFromKStream': (b) =>
    b.stream(texts('input')).toTable({ as: 'store' }),
  'KStreamImplTest.shouldSupportKeyChangeKTableFromKStream': (b) =>
    b
      .stream(texts('input'))
      .map((value, key) => [key.charCodeAt(0), value] as const)
      .toTable({ key: int32 })
      .toStream()
      .to('output'),
  'KStreamKTableJoinTest#expectedTopologyWithGeneratedRepartitionTopicNames': (b) => {
    const stream = b.stream(texts('topic'));
    const second = b.table(texts('topic2'));
    const third = b.table(texts('topic3'));
    const moved = stream.map((value, key) => [value, key] as const);
    moved.join(second, both).to('out-one');
    moved.join(third, both).to('out-two');
  },
};

function suppressedSessions(builder: Builder, names: object): void {
  builder
    .stream(texts('input'))
    .groupBy((_value, key) => key, BOTH)
    .windowedBy(session(5, { grace: 5 }))
    .count({ as: 'counts', caching: false })
    .suppress(untilWindowCloses(names))
    .toStream()
    .map((value, key) => [windowedKeyText(key), value])
    .to(topic('output-suppressed', { key: text, value: int64 }));
}

describe("Kafka's tests of streams and tables", () => {
  it.each(Object.entries(ofStreamTests))('%s', (name, build) => {
    const builder = newBuilder();
    build(builder);
    expect(builder.build().toString()).toBe(EXPECTED[name]);
  });

  it('shouldOptimizeSeveralMergeNodesWithCommonKeyChangingParent', () => {
    const builder = newBuilder();
    const parent = builder.stream(texts('input_topic')).selectKey((value, key) => key + value);
    const [one, two, three] = [1, 2, 3].map((n) => parent.mapValues((value) => value + n));
    one!.merge(two!).merge(three!).to('output_topic');
    const expected = EXPECTED['StreamsGraphTest#expectedMergeOptimizedTopology'];
    expect(builder.build({ optimization: 'all' }).toString()).toBe(expected);
  });

  it('shouldBeAbleToBuildTopologyIncrementally', () => {
    const builder = newBuilder();
    const one = builder.stream(texts('topic'));
    const other = builder.stream(texts('other-topic'));
    const joined = one.join(other, both, { within: 5000 });
    const expectText = (name: string) => {
      expect(builder.build().toString()).toBe(EXPECTED[`StreamsGraphTest#expected${name}Topology`]);
    };
    expectText('Joined');
    const filtered = joined.filter((value) => value === 'foo');
    expectText('JoinedFiltered');
    filtered.mapValues((value) => `${value}some value`).to('output-topic');
    expectText('Full');
  });

  it.each([
    ['GeneratedRepartitionTopic', [{}, {}]],
    ['UserNamedRepartitionTopics', [{ name: 'first-join' }, { name: 'second-join' }]],
  ] as const)('KStreamKStreamJoinTest with %s', (name, names) => {
    const builder = newBuilder();
    const one = builder.stream(texts('topic'));
    const second = builder.stream(texts('topic2'));
    const third = builder.stream(texts('topic3'));
    const moved = one.map((value, key) => [value, key] as const);
    const out = name === 'GeneratedRepartitionTopic' ? 'out-to' : 'out-two';
    moved.join(second, both, { within: 100, ...names[0] }).to('out-one');
    moved.join(third, both, { within: 100, ...names[1] }).to(out);
    const expected = EXPECTED[`KStreamKStreamJoinTest#expectedTopologyWith${name}`];
    expect(builder.build().toString()).toBe(expected);
  });
});
