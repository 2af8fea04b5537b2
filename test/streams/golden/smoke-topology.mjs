/** What Kafka's SmokeTestClient builds, in the same order, so that names and numbers are the same. */

import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import { untilWindowCloses } from '#millrace/streams/dsl/suppressed';
import { hopping, tumbling } from '#millrace/streams/dsl/windows';
import { float64, int32, int64 } from '#millrace/streams/serde/numbers';
import { windowedKeyText } from '#millrace/streams/topology/windowed-key';

const INT_MAX = 2 ** 31 - 1;
const INT_MIN = -(2 ** 31);
/** The record that ends a run. */
const END = INT_MAX;

const ints = (name) => topic(name, { key: text, value: int32 });
const longs = (name) => topic(name, { key: text, value: int64 });
const isFlush = (_value, key) => key === 'flush';
const unwindow = (_value, key) => key.key;

/** Java's program counts records here. */
function counting() {
  return { process: () => undefined };
}

function streamify(windowedTable, name) {
  windowedTable
    .toStream()
    .filterNot((_value, key) => key.key === 'flush')
    .map((value, key) => [windowedKeyText(key), value])
    .to(ints(name));
}

/** The builder of it, for who adds to it. */
export function smokeBuilder() {
  const builder = new StreamsBuilder();
  const source = builder.stream(ints('data'));
  source.filterNot(isFlush).to(ints('echo'));
  const data = source.filter((value) => value === null || value !== END);
  data.process(counting);

  const grouped = data.groupByKey({ key: text, value: int32 });
  const minAggregation = grouped.windowedBy(tumbling('1d', { grace: '1m' })).aggregate(
    () => INT_MAX,
    (least, value) => (value < least ? value : least),
    { as: 'uwin-min', value: int32, retention: '25h' },
  );
  streamify(minAggregation, 'min-raw');
  streamify(minAggregation.suppress(untilWindowCloses()), 'min-suppressed');
  minAggregation.toStream(unwindow).filterNot(isFlush).to(ints('min'));

  const smallWindowSum = grouped
    .windowedBy(hopping('2s', { advance: '1s', grace: '30s' }))
    .reduce((sum, value) => (sum + value) | 0);
  streamify(smallWindowSum, 'sws-raw');
  streamify(smallWindowSum.suppress(untilWindowCloses()), 'sws-suppressed');

  const minTable = builder.table(ints('min'), { as: 'minStoreName' });
  minTable.toStream().process(counting);

  grouped
    .windowedBy(tumbling('2d'))
    .aggregate(
      () => INT_MIN,
      (most, value) => (value > most ? value : most),
      { as: 'uwin-max', value: int32 },
    )
    .toStream(unwindow)
    .filterNot(isFlush)
    .to(ints('max'));
  const maxTable = builder.table(ints('max'), { as: 'maxStoreName' });
  maxTable.toStream().process(counting);

  grouped
    .windowedBy(tumbling('2d'))
    .aggregate(
      () => 0,
      (sum, value) => value + sum,
      { as: 'win-sum', value: int64 },
    )
    .toStream(unwindow)
    .filterNot(isFlush)
    .to(longs('sum'));
  const sumTable = builder.table(longs('sum'));
  sumTable.toStream().process(counting);

  grouped
    .windowedBy(tumbling('2d'))
    .count({ as: 'uwin-cnt' })
    .toStream(unwindow)
    .filterNot(isFlush)
    .to(longs('cnt'));
  const cntTable = builder.table(longs('cnt'), { as: 'cntStoreName' });
  cntTable.toStream().process(counting);

  maxTable
    .join(minTable, (most, least) => most - least)
    .toStream()
    .filterNot(isFlush)
    .to(ints('dif'));
  sumTable
    .join(cntTable, (sum, count) => sum / count)
    .toStream()
    .filterNot(isFlush)
    .to(topic('avg', { key: text, value: float64 }));

  cntTable
    .groupBy((count) => [count === null ? null : String(count), 1], { key: text, value: int64 })
    .aggregate(
      () => 0,
      (sum, value) => sum + value,
      (sum, value) => sum - value,
      { as: 'cntByCnt', key: text, value: int64, persistent: false },
    )
    .toStream()
    .to(longs('tagg'));
  return builder;
}

export function smokeTopology() {
  return smokeBuilder().build();
}
