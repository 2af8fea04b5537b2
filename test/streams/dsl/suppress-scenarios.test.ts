/** The cases of Kafka's SuppressScenarioTest, by their names. */
import { expect, it } from 'vitest';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import type { KTable } from '#millrace/streams/dsl/ktable';
import { StreamsBuilder } from '#millrace/streams/dsl/streams-builder';
import {
  type Suppressed,
  untilTimeLimit,
  untilWindowCloses,
} from '#millrace/streams/dsl/suppressed';
import { session, sliding, tumbling } from '#millrace/streams/dsl/windows';
import { int64 } from '#millrace/streams/serde/numbers';
import { TestDriver } from '#millrace/streams/testing/test-driver';
import { type WindowedKey, windowedKeyText } from '#millrace/streams/topology/windowed-key';

const texts = (name: string) => topic(name, { key: text, value: text });
const counts = (name: string) => topic(name, { key: text, value: int64 });
const newBuilder = () => new StreamsBuilder({ defaults: { key: text, value: text } });

/** What goes in, or `[topic, expected]` for what has come out since: `key=value@timestamp`. */
type Step =
  | readonly [topic: string, key: string, value: string, timestamp: number]
  | readonly [topic: string, expected: readonly string[]];

function play(
  builder: ReturnType<typeof newBuilder>,
  ofOutput: typeof counts | typeof texts,
  steps: Step[],
) {
  // Suppressions count the name of the topic as part of what they hold: it is as long as Kafka's.
  const applicationId = 'dummy-topology-test-driver-app-id-1234567890';
  using driver = new TestDriver(builder.build(), { applicationId });
  for (const step of steps) {
    if (step.length === 4) {
      const [name, key, value, timestamp] = step;
      driver.input(texts(name)).send({ key, value, timestamp });
    } else {
      const [name, expected] = step;
      const found = driver.output(ofOutput(name) as ReturnType<typeof texts>).readAll();
      expect(found.map(({ key, value, timestamp }) => `${key}=${value}@${timestamp}`)).toEqual(
        expected,
      );
    }
  }
}

/** How often each value is in a table, as it is and suppressed. */
function valueCounts(how: Suppressed) {
  const builder = newBuilder();
  const table = builder
    .table(texts('input'), { caching: false, logging: false })
    .groupBy((value, key) => [value, key])
    .count();
  table.suppress(how).toStream().to(counts('suppressed'));
  table.toStream().to(counts('raw'));
  return builder;
}

const FIRST: Step[] = [
  ['input', 'k1', 'v1', 0],
  ['input', 'k1', 'v2', 1],
  ['input', 'k2', 'v1', 2],
  ['raw', ['v1=1@0', 'v1=0@1', 'v2=1@1', 'v1=1@2']],
];

it('shouldImmediatelyEmitEventsWithZeroEmitAfter', () => {
  play(valueCounts(untilTimeLimit(0)), counts, [
    ...FIRST,
    ['suppressed', ['v1=1@0', 'v1=0@1', 'v2=1@1', 'v1=1@2']],
    ['input', 'x', 'x', 3],
    ['raw', ['x=1@3']],
    ['suppressed', ['x=1@3']],
    ['input', 'x', 'y', 4],
    ['raw', ['x=0@4', 'y=1@4']],
    ['suppressed', ['x=0@4', 'y=1@4']],
  ]);
});

it('shouldSuppressIntermediateEventsWithTimeLimit', () => {
  play(valueCounts(untilTimeLimit(2)), counts, [
    ...FIRST,
    ['suppressed', ['v1=1@2']],
    ['input', 'tick', 'tick', 3],
    ['raw', ['tick=1@3']],
    ['suppressed', ['v2=1@1']],
    ['input', 'tick', 'tock', 4],
    ['raw', ['tick=0@4', 'tock=1@4']],
    ['suppressed', []],
  ]);
});

it.each([
  ['shouldSuppressIntermediateEventsWithRecordLimit', { maxRecords: 1 }],
  ['shouldSuppressIntermediateEventsWithBytesLimit', { maxBytes: 200 }],
])('%s', (_name, limit) => {
  play(valueCounts(untilTimeLimit(Number.MAX_SAFE_INTEGER, limit)), counts, [
    ...FIRST,
    ['suppressed', ['v1=0@1', 'v2=1@1']],
    ['input', 'x', 'x', 3],
    ['raw', ['x=1@3']],
    ['suppressed', ['v1=1@2']],
  ]);
});

function grouped(builder: ReturnType<typeof newBuilder>) {
  return builder.stream(texts('input')).groupBy((_value, key) => key);
}

/** What windows count, as it is and suppressed until they close. */
function windowCounts(
  counted: (
    group: ReturnType<typeof grouped>,
  ) => KTable<WindowedKey<string>, number, 'default' | 'key' | 'value'>,
) {
  const builder = newBuilder();
  const table = counted(grouped(builder));
  table
    .suppress(untilWindowCloses())
    .toStream((_count, key) => windowedKeyText(key))
    .to(counts('suppressed'));
  table.toStream((_count, key) => windowedKeyText(key)).to(counts('raw'));
  return builder;
}

function sent(times: readonly number[], key = 'k1'): Step[] {
  return times.map((time): Step => ['input', key, 'v1', time]);
}

const COUNTS = { as: 'counts', caching: false };

it('shouldSupportFinalResultsForTimeWindows', () => {
  const builder = windowCounts((group) =>
    group.windowedBy(tumbling(2, { grace: 1 })).count(COUNTS),
  );
  play(builder, counts, [
    ...sent([0, 1, 2, 1, 0, 5, 0]),
    [
      'raw',
      [
        '[k1@0/2]=1@0',
        '[k1@0/2]=2@1',
        '[k1@2/4]=1@2',
        '[k1@0/2]=3@1',
        '[k1@0/2]=4@1',
        '[k1@4/6]=1@5',
      ],
    ],
    ['suppressed', ['[k1@0/2]=4@1', '[k1@2/4]=1@2']],
  ]);
});

it('shouldSupportFinalResultsForTimeWindowsWithLargeJump', () => {
  const builder = windowCounts((group) =>
    group.windowedBy(tumbling(2, { grace: 2 })).count(COUNTS),
  );
  play(builder, counts, [
    ...sent([0, 1, 2, 0, 3, 0, 4, 0, 30]),
    [
      'raw',
      [
        '[k1@0/2]=1@0',
        '[k1@0/2]=2@1',
        '[k1@2/4]=1@2',
        '[k1@0/2]=3@1',
        '[k1@2/4]=2@3',
        '[k1@0/2]=4@1',
        '[k1@4/6]=1@4',
        '[k1@30/32]=1@30',
      ],
    ],
    ['suppressed', ['[k1@0/2]=4@1', '[k1@2/4]=2@3', '[k1@4/6]=1@4']],
  ]);
});

it('shouldSupportFinalResultsForSlidingWindows', () => {
  const builder = windowCounts((group) =>
    group.windowedBy(sliding(5, { grace: 15 })).count(COUNTS),
  );
  play(builder, counts, [
    ...sent([10, 11, 10, 13, 10, 24, 5, 7, 90]),
    [
      'suppressed',
      [
        '[k1@5/10]=5@10',
        '[k1@6/11]=5@11',
        '[k1@8/13]=5@13',
        '[k1@11/16]=2@13',
        '[k1@12/17]=1@13',
        '[k1@19/24]=1@24',
      ],
    ],
  ]);
});

it('shouldSupportFinalResultsForSessionWindows', () => {
  const builder = windowCounts((group) => group.windowedBy(session(5)).count(COUNTS));
  play(builder, counts, [
    ...sent([0, 5, 1]),
    ...sent([11], 'k2'),
    ...sent([5, 30]),
    [
      'raw',
      [
        '[k1@0/0]=1@0',
        '[k1@0/0]=null@0',
        '[k1@0/5]=2@5',
        '[k1@0/5]=null@5',
        '[k1@0/5]=3@5',
        '[k2@11/11]=1@11',
        '[k1@30/30]=1@30',
      ],
    ],
    ['suppressed', ['[k1@0/5]=3@5', '[k2@11/11]=1@11']],
  ]);
});

it('shouldWorkBeforeGroupBy', () => {
  const builder = newBuilder();
  builder
    .table(texts('topic'))
    .suppress(untilTimeLimit(10))
    .groupBy((value, key) => [key, value])
    .count()
    .toStream()
    .to(counts('output'));
  play(builder, counts, [
    ['topic', 'A', 'a', 0],
    ['topic', 'tick', 'tick', 10],
    ['output', ['A=1@0']],
  ]);
});

const pair = (left: string | null, right: string | null) => `(${left},${right})`;

it('shouldWorkBeforeJoinRight', () => {
  const builder = newBuilder();
  const right = builder.table(texts('right')).suppress(untilTimeLimit(10));
  builder.table(texts('left')).outerJoin(right, pair).toStream().to(texts('output'));
  play(builder, texts, [
    ['right', 'B', '1', 0],
    ['right', 'A', '1', 0],
    ['output', []],
    ['right', 'tick', 'tick', 10],
    ['output', ['A=(null,1)@0', 'B=(null,1)@0']],
    ['right', 'A', '2', 11],
    ['output', []],
    ['left', 'A', 'a', 12],
    ['output', ['A=(a,1)@12']],
    ['left', 'B', 'b', 12],
    ['output', ['B=(b,1)@12']],
    ['left', 'A', 'b', 13],
    ['output', ['A=(b,1)@13']],
    ['right', 'tick', 'tick1', 21],
    ['output', ['tick=(null,tick1)@21', 'A=(b,2)@13']],
  ]);
});

it('shouldWorkBeforeJoinLeft', () => {
  const builder = newBuilder();
  const left = builder.table(texts('left')).suppress(untilTimeLimit(10));
  left
    .outerJoin(builder.table(texts('right')), pair)
    .toStream()
    .to(texts('output'));
  play(builder, texts, [
    ['left', 'B', '1', 0],
    ['left', 'A', '1', 0],
    ['output', []],
    ['left', 'tick', 'tick', 10],
    ['output', ['A=(1,null)@0', 'B=(1,null)@0']],
    ['left', 'A', '2', 11],
    ['output', []],
    ['right', 'A', 'a', 12],
    ['output', ['A=(1,a)@12']],
    ['right', 'B', 'b', 12],
    ['output', ['B=(1,b)@12']],
    ['right', 'A', 'b', 13],
    ['output', ['A=(1,b)@13']],
    ['left', 'tick', 'tick1', 21],
    ['output', ['tick=(tick1,null)@21', 'A=(2,b)@13']],
  ]);
});

it.each([
  ['shouldWorkWithCogroupedTimeWindows', tumbling('15m')],
  ['shouldWorkWithCogroupedSlidingWindows', sliding('15m')],
  ['shouldWorkWithCogroupedSessionWindows', session('15m', { grace: '5m' })],
])('%s', (_name, windows) => {
  const builder = newBuilder();
  const [one, two] = [builder.stream(texts('one')), builder.stream(texts('two'))];
  const cogrouped = one
    .groupByKey()
    .cogroup((sum: string, value) => sum + value)
    .cogroup(two.groupByKey(), (sum: string, value) => sum + value);
  const options = { name: 'test', as: 'store', value: text };
  const table =
    windows.kind === 'session'
      ? cogrouped.windowedBy(windows).aggregate(
          () => '',
          () => '',
          options,
        )
      : cogrouped.windowedBy(windows as ReturnType<typeof tumbling>).aggregate(() => '', options);
  table.suppress(untilWindowCloses()).toStream();
  expect(builder.build().toString()).toContain('SUPPRESS');
});
