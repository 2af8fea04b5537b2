/** The topologies of Kafka's tests of tables, by class and case. */

import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { float64, int32, int64 } from '#millrace/streams/serde/numbers';
import {
  adding,
  BOTH_TEXT,
  both,
  counted,
  numbered,
  removing,
  same,
  texts,
  zero,
} from './parts.mjs';

const NAMES = new Map([
  [1, 'ONE'],
  [2, 'TWO'],
  [3, 'THREE'],
]);
const HISTORY = { as: 'versioned', history: 300_000 };
const isEven = (value) => value % 2 === 0;
const byValue = (value) => [value, value];

function joinedTables(op, stored = []) {
  return (b) => {
    const [one, other] = ['topic1', 'topic2'].map((name) => b.table(numbered(name)));
    one[op](other, both, ...stored)
      .toStream()
      .to(numbered('output'));
  };
}

/** The key says that there is none, or that the record goes away. */
function repartitioned(value, key) {
  if (key === 'NULL') return null;
  return key === 'null' ? [null, value] : [value, value];
}

function canonized(select, options = {}) {
  return (b, see) => {
    b.table(texts('topic1'), options)
      .groupBy(select, BOTH_TEXT)
      .aggregate(zero, adding, removing, { as: 'topic1-Canonized', value: text })
      .toStream()
      .process(see);
  };
}

function countedRows(stored, options = {}) {
  return (b, see) => {
    b.table(texts('count-test-input'), options)
      .groupBy(byValue, BOTH_TEXT)
      .count(...stored)
      .toStream()
      .process(see);
  };
}

function reduced(source, stored) {
  return (b, see) => {
    // Kafka's test class makes another table first.
    b.table(texts('blah')).groupBy(byValue);
    b.table(topic('input', { key: text, value: float64 }), source)
      .groupBy((value, key) => [key, Math.trunc(value)], { key: text, value: int32 })
      .reduce(
        (one, other) => one + other,
        (one, other) => one - other,
        ...stored,
      )
      .toStream()
      .process(see);
  };
}

function filtered(stored) {
  return (b, see) => {
    const table = b.table(counted('topic1'));
    const even = table.filter(isEven, ...stored);
    const odd = table.filterNot(isEven);
    even.toStream().process(see);
    odd.toStream().process(see);
  };
}

function fourTables(options) {
  return (b, see) => {
    const one = b.table(texts('topic1'), options);
    one.toStream().process(see);
    const two = one.mapValues(Number);
    two.toStream().process(see);
    two.filter(isEven).toStream().process(see);
    one.toStream().to(texts('topic2'));
    b.table(texts('topic2')).toStream().process(see);
  };
}

function digits(stored) {
  return (b, see) => {
    b.table(texts('topic1'))
      .mapValues((value) => value.charCodeAt(0) - 48, ...stored)
      .toStream()
      .process(see);
  };
}

export const TABLES = {
  KTableMapKeysTest: {
    testMapKeysConvertingToStream: (b, see) => {
      const name = (_value, key) => NAMES.get(key);
      b.table(numbered('topic_map_keys')).toStream(name).process(see);
    },
  },
  KTableSourceTest: {
    testKTable: (b, see) => b.table(counted('topic1')).toStream().process(see),
    kTableShouldLogAndMeterOnSkippedRecords: (b) => b.table(texts('topic')),
    kTableShouldLogOnOutOfOrder: (b) => b.table(texts('topic'), { as: 'store' }),
  },
  KTableMapValuesTest: {
    testKTable: digits([]),
    testQueryableKTable: digits([{ as: 'anyName', value: int32 }]),
  },
  KTableImplTest: {
    testKTable: fourTables({}),
    testMaterializedKTable: fourTables({ as: 'fred' }),
  },
  KTableFilterTest: {
    shouldPassThroughWithoutMaterialization: filtered([]),
    shouldPassThroughOnMaterialization: filtered([{ as: 'store2' }]),
  },
  KTableKTableInnerJoinTest: {
    testJoin: joinedTables('join'),
    testQueryableJoin: joinedTables('join', [{ key: int32, value: text }]),
  },
  KTableKTableLeftJoinTest: { testJoin: joinedTables('leftJoin') },
  KTableKTableOuterJoinTest: { testJoin: joinedTables('outerJoin') },
  KTableAggregateTest: {
    testAggBasic: canonized((value, key) => [key, value]),
    testAggRepartition: canonized(repartitioned),
    testAggOfVersionedStore: canonized(repartitioned, HISTORY),
    testCount: countedRows([{ as: 'count' }]),
    testCountWithInternalStore: countedRows([]),
    testCountOfVersionedStore: countedRows([], HISTORY),
    testRemoveOldBeforeAddNew: (b, see) => {
      b.table(texts('count-test-input'))
        .groupBy((_value, key) => [key.charAt(0), key.charAt(1)], BOTH_TEXT)
        .aggregate(
          () => '',
          (aggregate, value) => aggregate + value,
          (aggregate, value) => aggregate.replaceAll(value, ''),
          { as: 'someStore', value: text },
        )
        .toStream()
        .process(see);
    },
    testShouldNotSendTransientStateIfNotUpgrading: (b) => {
      b.table(texts('input-topic'))
        .groupBy((value, key) => [key, value], BOTH_TEXT)
        .count()
        .toStream()
        .to(topic('output-topic', { key: text, value: int64 }));
    },
  },
  KGroupedTableImplTest: {
    shouldReduce: reduced({ as: 'store' }, [{ as: 'reduced' }]),
    shouldReduceWithInternalStoreName: reduced({ as: 'store' }, []),
    shouldReduceAndMaterializeResults: reduced({}, [{ as: 'reduce', key: text, value: int32 }]),
    ...same(['shouldCountAndMaterializeResults'], (b) => {
      b.table(texts('blah')).groupBy(byValue);
      b.table(texts('input')).groupBy(byValue, BOTH_TEXT).count({ as: 'count' });
    }),
    shouldAggregateAndMaterializeResults: (b) => {
      b.table(texts('blah')).groupBy(byValue);
      b.table(texts('input'))
        .groupBy(byValue, BOTH_TEXT)
        .aggregate(zero, adding, removing, { as: 'aggregate', ...BOTH_TEXT });
    },
  },
};
