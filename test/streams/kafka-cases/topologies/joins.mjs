/** The topologies of Kafka's tests of joins of streams, by class and case. */

import { text } from '#millrace/client/serde/serdes';
import { int32, int64 } from '#millrace/streams/serde/numbers';
import { both, counted, longs, numbered, same, texts } from './parts.mjs';

const DAY_MS = 86_400_000;
const TEXTS = { key: int32, value: text, otherValue: text };
const LONGS = { key: int32, value: text, otherValue: int64 };

/** Two streams of texts under numbers, joined within windows. */
function ofTexts(op, windows) {
  return (b, see) => {
    const [one, other] = ['topic1', 'topic2'].map((name) => b.stream(numbered(name)));
    one[op](other, both, { ...windows, ...TEXTS }).process(see);
  };
}

/** The second stream has numbers. */
function ofLongs(op, windows) {
  return (b, see) => {
    const one = b.stream(numbered('topic1'));
    const other = b.stream(longs('topic2'));
    one[op](other, both, { ...windows, ...LONGS }).process(see);
  };
}

const within = (ms, grace = 0) => ({ within: ms, grace });

function sums(b, see) {
  const [left, right] = ['left', 'right'].map((name) => b.stream(counted(name)));
  const options = { ...within(100), key: text, value: int32, otherValue: int32 };
  left.join(right, (one, other) => one + other, options).process(see);
}

const selfOptions = (windows) => ({ ...windows, key: text, value: text, otherValue: text });

/**
 * The second run of these cases adds to a builder that was built before, without optimization; here
 * a builder is built once.
 */
function firstRun(build) {
  return Object.assign(build, { runs: 1 });
}

function withItself(windows) {
  return firstRun((b, see) => {
    const stream = b.stream(texts('topic2'));
    stream.join(stream, (one, other) => one + other, selfOptions(windows)).process(see);
  });
}

function withTwin(windows) {
  return firstRun((b, see) => {
    const [one, other] = [0, 1].map(() => b.stream(texts('topic2')));
    one.join(other, (a, c) => a + c, selfOptions(windows)).process(see);
  });
}

function withTable(op) {
  return (b, see) => {
    const stream = b.stream(numbered('streamTopic'));
    const table = b.table(numbered('tableTopic'));
    stream[op](table, both).process(see);
  };
}

/** The second run has another topology, with a versioned table and grace. */
function withGrace(b, see, run) {
  if (run === 0) return withTable('join')(b, see);
  const stream = b.stream(numbered('streamTopic'));
  const table = b.table(numbered('tableTopic2'), { as: 'V-grace', history: 300_000 });
  const options = { key: int32, value: text, otherValue: text, name: 'Grace', grace: 2 };
  return stream.join(table, both, options).process(see);
}

function withGlobal(op) {
  return (b, see) => {
    const stream = b.stream(numbered('streamTopic'));
    const table = b.globalTable(texts('globalTableTopic'));
    const foreign = (value) => value.split(',')[1] ?? null;
    stream[op](table, foreign, both).process(see);
  };
}

export const JOINS = {
  KStreamKStreamJoinTest: {
    testJoin: ofTexts('join', within(100)),
    testOuterJoin: ofTexts('outerJoin', within(100, DAY_MS)),
    testWindowing: ofTexts('join', within(100)),
    testAsymmetricWindowingAfter: ofTexts('join', { before: 0, after: 100, grace: 0 }),
    testAsymmetricWindowingBefore: ofTexts('join', { before: 100, after: 0, grace: 0 }),
    shouldJoinWithDslStoreSuppliersFromStreamsConfig: sums,
    shouldJoinWithNonTimestampedStore: sums,
  },
  KStreamKStreamLeftJoinTest: {
    testLeftJoinDuplicates: ofTexts('leftJoin', within(100, 10)),
    ...same(
      [
        'testLeftExpiredNonJoinedRecordsAreEmittedByTheLeftProcessor',
        'testLeftExpiredNonJoinedRecordsAreEmittedByTheRightProcessor',
        'testRightNonJoinedRecordsAreNeverEmittedByTheLeftProcessor',
        'testRightNonJoinedRecordsAreNeverEmittedByTheRightProcessor',
        'testLeftJoinWithDefaultSuppliers',
        'testOrdering',
        'testWindowing',
      ],
      ofTexts('leftJoin', within(100)),
    ),
    testLeftJoinedRecordsWithZeroAfterAreEmitted: ofTexts('leftJoin', {
      before: 100,
      after: 0,
      grace: 0,
    }),
    testGracePeriod: ofTexts('leftJoin', within(100, 10)),
    shouldNotEmitLeftJoinResultForAsymmetricWindow: ofTexts('leftJoin', {
      before: 0,
      after: 100,
      grace: 0,
    }),
  },
  KStreamKStreamOuterJoinTest: {
    testOuterJoinDuplicates: ofLongs('outerJoin', within(100, 10)),
    ...same(
      [
        'testLeftExpiredNonJoinedRecordsAreEmittedByTheLeftProcessor',
        'testLeftExpiredNonJoinedRecordsAreEmittedByTheRightProcessor',
        'testRightExpiredNonJoinedRecordsAreEmittedByTheLeftProcessor',
        'testRightExpiredNonJoinedRecordsAreEmittedByTheRightProcessor',
        'testOrdering',
        'testOuterJoinWithDefaultSuppliers',
        'testWindowing',
      ],
      ofLongs('outerJoin', within(100)),
    ),
    testGracePeriod: ofLongs('outerJoin', within(100, 10)),
    testEmitAllNonJoinedResultsForAsymmetricWindow: ofLongs('outerJoin', {
      before: 5,
      after: 20,
      grace: 0,
    }),
    testShouldNotEmitLeftJoinResultForAsymmetricBeforeWindow: ofLongs('outerJoin', {
      before: 0,
      after: 100,
      grace: 0,
    }),
    testShouldNotEmitLeftJoinResultForAsymmetricAfterWindow: ofLongs('outerJoin', {
      before: 100,
      after: 0,
      grace: 0,
    }),
    testShouldForwardCurrentHeaders: ofLongs('outerJoin', within(100, 10)),
  },
  KStreamKTableJoinTest: {
    ...same(
      [
        'shouldNotJoinWithEmptyTableOnStreamUpdates',
        'shouldNotJoinOnTableUpdates',
        'shouldJoinOnlyIfMatchFoundOnStreamUpdates',
        'shouldClearTableEntryOnNullValueUpdates',
        'shouldLogAndMeterWhenSkippingNullLeftKey',
        'shouldLogAndMeterWhenSkippingNullLeftValue',
      ],
      withTable('join'),
    ),
    shouldDelayJoinByGracePeriod: withGrace,
    shouldHandleLateJoinsWithGracePeriod: withGrace,
  },
  KStreamKTableLeftJoinTest: same(
    [
      'shouldJoinWithEmptyTableOnStreamUpdates',
      'shouldNotJoinOnTableUpdates',
      'shouldJoinRegardlessIfMatchFoundOnStreamUpdates',
      'shouldClearTableEntryOnNullValueUpdates',
      'shouldNotDropLeftNullKey',
      'shouldLogAndMeterWhenSkippingNullLeftValue',
    ],
    withTable('leftJoin'),
  ),
  KStreamGlobalKTableJoinTest: same(
    [
      'shouldNotJoinWithEmptyGlobalTableOnStreamUpdates',
      'shouldNotJoinOnGlobalTableUpdates',
      'shouldJoinOnlyIfMatchFoundOnStreamUpdates',
      'shouldClearGlobalTableEntryOnNullValueUpdates',
      'shouldNotJoinOnNullKeyMapperValues',
      'shouldNotJoinOnNullKeyMapperValuesWithNullKeys',
      'shouldJoinOnNullKey',
    ],
    withGlobal('join'),
  ),
  KStreamGlobalKTableLeftJoinTest: same(
    [
      'shouldNotJoinWithEmptyGlobalTableOnStreamUpdates',
      'shouldNotJoinOnGlobalTableUpdates',
      'shouldJoinRegardlessIfMatchFoundOnStreamUpdates',
      'shouldClearGlobalTableEntryOnNullValueUpdates',
      'shouldJoinOnNullKeyMapperValues',
      'shouldJoinOnNullKeyMapperValuesWithNullKeys',
      'shouldJoinOnNullKey',
    ],
    withGlobal('leftJoin'),
  ),
  KStreamKStreamSelfJoinTest: {
    shouldMatchInnerJoinWithSelfJoinWithSingleStream: withItself(within(100)),
    shouldMatchInnerJoinWithSelfJoinWithTwoStreams: withTwin(within(100)),
    shouldMatchInnerJoinWithSelfJoinDifferentBeforeAfterWindows: withTwin(within(11_000, 10_000)),
    shouldMatchInnerJoinWithSelfJoinOutOfOrderMessages: withTwin(within(10_000)),
  },
};
