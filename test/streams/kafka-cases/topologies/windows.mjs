/** The topologies of Kafka's tests of windows and of groups of streams, by class and case. */

import { text } from '#millrace/client/serde/serdes';
import { hopping, session, sliding, tumbling } from '#millrace/streams/dsl/windows';
import { int32 } from '#millrace/streams/serde/numbers';
import { adding, BOTH_TEXT, joined, removing, same, texts, zero } from './parts.mjs';

const DAY_MS = 86_400_000;
const grouped = (b, name) => b.stream(texts(name)).groupByKey(BOTH_TEXT);
const merging = (one, other) => `${one}+${other}`;
const concatenated = (aggregate, value) => `${aggregate}+${value}`;
const empty = () => '';
const addOne = (aggregate) => aggregate + 1;
const sum = (one, other) => one + other;

/** The last half of the runs of a case emits on close. */
const strategy = (run, runs) => (run < runs / 2 ? 'on-update' : 'on-close');

function windowed(windows, finish, { name = 'input', runs = 1 } = {}) {
  return (b, see, run) => {
    const stream = grouped(b, name).windowedBy(windows);
    finish(runs === 1 ? stream : stream.emitStrategy(strategy(run, runs)), see, run);
  };
}

const counts = (stored) => (stream, see) =>
  stream
    .count(...stored)
    .toStream()
    .process(see);
const reduces = (stored) => (stream, see) =>
  stream
    .reduce(joined, ...stored)
    .toStream()
    .process(see);
const aggregates = (stored) => (stream, see) =>
  stream
    .aggregate(zero, adding, ...stored)
    .toStream()
    .process(see);

/** With its result in a store, and nothing behind it. */
function kept(windows, op, options, runs = 1) {
  return windowed(
    windows,
    (stream) => {
      if (op === 'count') stream.count(options);
      else if (op === 'reduce') stream.reduce(joined, options);
      else stream.aggregate(zero, adding, options);
    },
    { runs },
  );
}

const half = tumbling(500, { grace: 0 });
const slid = sliding(100, { grace: 1_000 });
const gap = session(30, { grace: 0 });
const gap500 = session(500, { grace: 0 });
const SESSION_STORE = { as: 'session-store' };

function sessions(windows, options) {
  return windowed(
    windows,
    (stream, see) =>
      stream
        .aggregate(() => 0, addOne, sum, options)
        .toStream()
        .process(see),
    { name: 'topic' },
  );
}

const reducesTexts = (stored) => (stream, see) =>
  stream
    .reduce((one, other) => `${one}:${other}`, ...stored)
    .toStream()
    .process(see);

function expiring(windows, runs, stored) {
  return windowed(
    windows,
    (stream) =>
      stream
        .aggregate(empty, concatenated, { as: 'topic1-Canonicalized', value: text, ...stored })
        .toStream()
        .map((value, { key, window }) => [`[${key}@${window.start}/${window.end}]`, value])
        .to(texts('output')),
    { name: 'topic', runs },
  );
}

function cogrouped(windows, isSession = false) {
  return (b) => {
    const [one, other] = ['topic', 'topic2'].map((name) => grouped(b, name));
    const both = one.cogroup(adding).cogroup(other, removing).windowedBy(windows);
    aggregated(both, isSession);
  };
}

/** The second stream is there, but nothing reads it. */
function cogroupedOne(windows, isSession = false) {
  return (b) => {
    const [one] = ['topic', 'topic2'].map((name) => grouped(b, name));
    aggregated(one.cogroup(adding).windowedBy(windows), isSession);
  };
}

function aggregated(windowedGroup, isSession) {
  const merger = isSession ? [merging] : [];
  windowedGroup
    .aggregate(zero, ...merger, BOTH_TEXT)
    .toStream()
    .to('output');
}

const hops = (grace, advance = 5) => hopping(10, { advance, grace });

export const WINDOWS = {
  TimeWindowedKStreamImplTest: {
    shouldCountWindowed: windowed(half, counts([]), { runs: 4 }),
    shouldReduceWindowed: windowed(half, reduces([]), { runs: 4 }),
    shouldAggregateWindowed: windowed(half, aggregates([BOTH_TEXT]), { runs: 4 }),
    shouldMaterializeCount: kept(half, 'count', { as: 'count-store', key: text }, 4),
    shouldMaterializeReduced: kept(half, 'reduce', { as: 'reduced', ...BOTH_TEXT }),
    shouldMaterializeAggregated: kept(half, 'aggregate', { as: 'aggregated', ...BOTH_TEXT }),
  },
  SlidingWindowedKStreamImplTest: {
    shouldCountSlidingWindows: windowed(slid, counts([])),
    shouldReduceSlidingWindows: windowed(slid, reduces([])),
    shouldAggregateSlidingWindows: windowed(slid, aggregates([BOTH_TEXT])),
    shouldMaterializeCount: kept(slid, 'count', { as: 'count-store', key: text }),
    shouldMaterializeReduced: kept(slid, 'reduce', { as: 'reduced', ...BOTH_TEXT }),
    shouldMaterializeAggregated: kept(slid, 'aggregate', { as: 'aggregated', ...BOTH_TEXT }),
  },
  KGroupedStreamImplTest: {
    shouldCountSlidingWindows: windowed(
      sliding(500, { grace: 2_000 }),
      counts([{ as: 'aggregate-by-key-windowed' }]),
      { name: 'topic' },
    ),
    shouldCountSlidingWindowsWithInternalStoreName: windowed(
      sliding(500, { grace: 2_000 }),
      counts([]),
      { name: 'topic' },
    ),
    shouldAggregateSessionWindows: sessions(gap, { ...SESSION_STORE, value: int32 }),
    shouldAggregateSessionWindowsWithInternalStoreName: sessions(gap, { value: int32 }),
    sessionGapOfZeroShouldOnlyPutRecordsWithSameTsIntoSameSession: sessions(
      session(0, { grace: 0 }),
      { value: int32 },
    ),
    shouldCountSessionWindows: windowed(gap, counts([SESSION_STORE]), { name: 'topic' }),
    shouldCountSessionWindowsWithInternalStoreName: windowed(gap, counts([]), { name: 'topic' }),
    shouldReduceSessionWindows: windowed(gap, reducesTexts([SESSION_STORE]), { name: 'topic' }),
    shouldReduceSessionWindowsWithInternalStoreName: windowed(gap, reducesTexts([]), {
      name: 'topic',
    }),
    ...same(['shouldCountAndMaterializeResults', 'shouldLogAndMeasureSkipsInAggregate'], (b) =>
      grouped(b, 'topic').count({ as: 'count', key: text }),
    ),
    ...same(['shouldReduceAndMaterializeResults', 'shouldLogAndMeasureSkipsInReduce'], (b) =>
      grouped(b, 'topic').reduce(joined, { as: 'reduce', ...BOTH_TEXT }),
    ),
    shouldAggregateAndMaterializeResults: (b) =>
      grouped(b, 'topic').aggregate(zero, adding, { as: 'aggregate', ...BOTH_TEXT }),
    shouldAggregateWithDefaultSerdes: (b, see) =>
      grouped(b, 'topic').aggregate(zero, adding).toStream().process(see),
    shouldCountWindowed: windowed(
      tumbling(500, { grace: 100 }),
      counts([{ as: 'aggregate-by-key-windowed' }]),
      { name: 'topic' },
    ),
    shouldCountWindowedWithInternalStoreName: windowed(tumbling(500, { grace: 100 }), counts([]), {
      name: 'topic',
    }),
  },
  SessionWindowedKStreamImplTest: {
    ...same(
      [
        'shouldCountSessionWindowedWithCachingDisabled',
        'shouldCountSessionWindowedWithCachingEnabled',
      ],
      windowed(gap500, counts([]), { runs: 4 }),
    ),
    shouldReduceWindowed: windowed(gap500, reduces([]), { runs: 4 }),
    shouldAggregateSessionWindowed: windowed(
      gap500,
      (stream, see) => stream.aggregate(zero, adding, merging, BOTH_TEXT).toStream().process(see),
      { runs: 4 },
    ),
    shouldMaterializeCount: windowed(gap500, (stream) => stream.count({ as: 'count-store' }), {
      runs: 4,
    }),
    shouldMaterializeReduced: windowed(
      gap500,
      (stream) => stream.reduce(joined, { as: 'reduced' }),
      {
        runs: 4,
      },
    ),
    shouldMaterializeAggregated: windowed(
      gap500,
      (stream) => stream.aggregate(zero, adding, merging, { as: 'aggregated', value: text }),
      { runs: 4 },
    ),
  },
  KStreamWindowAggregateTest: {
    testAggBasic: windowed(hops(100), aggregates([{ as: 'topic1-Canonized', value: text }]), {
      name: 'topic1',
      runs: 4,
    }),
    shouldLogAndMeterWhenSkippingNullKey: windowed(
      hops(0),
      (stream) => stream.aggregate(zero, concatenated, { as: 'topic1-Canonicalized', value: text }),
      { name: 'topic', runs: 4 },
    ),
    shouldLogAndMeterWhenSkippingExpiredWindow: expiring(hops(90), 4, { retention: 100 }),
    shouldLogAndMeterWhenSkippingExpiredWindowByGrace: expiring(hops(90, 10), 4, {}),
  },
  TimeWindowedCogroupedKStreamImplTest: {
    timeWindowAggregateTestStreamsTest: cogrouped(half),
    timeWindowMixAggregatorsTest: cogrouped(half),
    timeWindowAggregateManyWindowsTest: cogroupedOne(half),
    timeWindowAggregateOverlappingWindowsTest: cogroupedOne(
      hopping(500, { advance: 200, grace: 0 }),
    ),
    timeWindowMixAggregatorsManyWindowsTest: cogrouped(half),
  },
  SlidingWindowedCogroupedKStreamImplTest: {
    slidingWindowAggregateStreamsTest: cogrouped(sliding(500, { grace: 2_000 })),
    slidingWindowAggregateOverlappingWindowsTest: cogroupedOne(sliding(500, { grace: 2_000 })),
  },
  SessionWindowedCogroupedKStreamImplTest: {
    ...same(
      ['sessionWindowAggregateTest', 'sessionWindowAggregate2Test'],
      cogroupedOne(gap500, true),
    ),
    ...same(
      [
        'sessionWindowAggregateTest2StreamsTest',
        'sessionWindowMixAggregatorsTest',
        'sessionWindowMixAggregatorsManyWindowsTest',
      ],
      cogrouped(session(100, { grace: DAY_MS }), true),
    ),
  },
};
