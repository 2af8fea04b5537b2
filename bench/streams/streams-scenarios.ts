/** The rows of the streams table: what an application does, and what is wanted of it. */
import type { RowScenario, Target } from '../scenario.ts';

export type StreamsTopologyName =
  | 'filter-map'
  | 'count'
  | 'window-count'
  | 'join'
  | 'async'
  | 'rows';

export type Guarantee = 'at_least_once' | 'exactly_once_v2';

export interface StreamsScenario extends RowScenario {
  /** A flow or a latency is measured for some seconds; the others are timed once a round. */
  readonly kind: 'flow' | 'latency' | 'restart' | 'restore' | 'driver';
  readonly topology: StreamsTopologyName;
  readonly guarantee: Guarantee;
}

export const STREAMS_RIVALS = ['java', 'kafkats', 'kafka-streams'] as const;

export type StreamsRivalName = (typeof STREAMS_RIVALS)[number];

/** What the program of the other library can run. */
export function isComparable(
  { kind, topology, guarantee }: StreamsScenario,
  rival: StreamsRivalName,
): boolean {
  if (kind !== 'flow' || topology === 'async') return false;
  if (rival === 'java') return true;
  const isSimple = topology === 'filter-map' || topology === 'count';
  return isSimple && guarantee === 'at_least_once';
}

const COUNT_RSS_MIB = 200;
const TIMES_JAVA = 3;
const A_QUARTER = 1 / 4;
const A_THIRD = 1 / 3;

/** What is wanted by itself, and beside Java in the same run. */
function flow(perSecond: number, cpuUs: number, ofJavaCpu = A_QUARTER): readonly Target[] {
  return [
    { figure: 'messagesPerSecond', atLeast: perSecond, of: 'fixed' },
    atMost('clientCpuUs', cpuUs),
    { figure: 'messagesPerSecond', atLeast: TIMES_JAVA, of: 'rival' },
    { figure: 'clientCpuUs', atMost: ofJavaCpu, of: 'rival' },
  ];
}

function atMost(figure: string, most: number): Target {
  return { figure, atMost: most, of: 'fixed' };
}

export const STREAMS_SCENARIOS: readonly StreamsScenario[] = [
  {
    name: 'streams-filter-map',
    title: 'filter that lets all through, mapValues; at least once',
    kind: 'flow',
    topology: 'filter-map',
    guarantee: 'at_least_once',
    targets: flow(800_000, 1, A_THIRD),
  },
  {
    name: 'streams-filter-map-exactly-once',
    title: 'the same; exactly once',
    kind: 'flow',
    topology: 'filter-map',
    guarantee: 'exactly_once_v2',
    targets: flow(800_000, 1, A_THIRD),
  },
  {
    name: 'streams-count',
    title: 'count by key, every update out; at least once',
    kind: 'flow',
    topology: 'count',
    guarantee: 'at_least_once',
    targets: [...flow(450_000, 1.8), atMost('clientRssMib', COUNT_RSS_MIB)],
  },
  {
    name: 'streams-count-exactly-once',
    title: 'the same; exactly once',
    kind: 'flow',
    topology: 'count',
    guarantee: 'exactly_once_v2',
    targets: [...flow(400_000, 2), atMost('clientRssMib', COUNT_RSS_MIB)],
  },
  {
    name: 'streams-window-count',
    title: 'count by key in windows of 10 s, every update out; at least once',
    kind: 'flow',
    topology: 'window-count',
    guarantee: 'at_least_once',
    targets: flow(300_000, 2.5),
  },
  {
    name: 'streams-join',
    title: 'stream joined with a table of 100,000 rows; at least once',
    kind: 'flow',
    topology: 'join',
    guarantee: 'at_least_once',
    targets: flow(450_000, 1.8),
  },
  {
    name: 'streams-async',
    title: 'a call of 10 ms for each record, 256 at once, in the order of each key; at least once',
    kind: 'flow',
    topology: 'async',
    guarantee: 'at_least_once',
    targets: [{ figure: 'messagesPerSecond', atLeast: 20_000, of: 'fixed' }],
  },
  {
    name: 'streams-latency',
    title: 'filter and mapValues of 1,000 records a second, linger 0, from send to receipt',
    kind: 'latency',
    topology: 'filter-map',
    guarantee: 'at_least_once',
    targets: [atMost('p50Ms', 1.5), atMost('p99Ms', 10)],
  },
  {
    name: 'streams-latency-exactly-once',
    title: 'the same; exactly once, committed every 100 ms',
    kind: 'latency',
    topology: 'filter-map',
    guarantee: 'exactly_once_v2',
    targets: [atMost('p50Ms', 60), atMost('p99Ms', 125)],
  },
  {
    name: 'streams-restore',
    title: 'a table of 1,000,000 rows, exactly once: restored without its state, and after kill -9',
    kind: 'restore',
    topology: 'rows',
    guarantee: 'exactly_once_v2',
    targets: [
      { figure: 'restoredPerSecond', atLeast: 1_000_000, of: 'fixed' },
      atMost('killedStartMs', 1_000),
    ],
  },
  {
    name: 'streams-restart',
    title: 'count, exactly once: process start to the first record, after close and after kill -9',
    kind: 'restart',
    topology: 'count',
    guarantee: 'exactly_once_v2',
    targets: [atMost('startMs', 1_000), atMost('killedStartMs', 2_000)],
  },
  {
    name: 'streams-test-driver',
    title:
      'the test driver: 20,000 records, 10 ms apart, of 1,000 keys, into sliding windows of 60 s',
    kind: 'driver',
    topology: 'count',
    guarantee: 'at_least_once',
    targets: [atMost('driverMs', 500)],
  },
];
