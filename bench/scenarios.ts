import type { RivalName, Scenario, Target } from './scenario.ts';
import { SECURED_SCENARIOS } from './secured-scenarios.ts';
import { WEBSOCKET_SCENARIOS } from './websocket-scenarios.ts';

/** One entry for each row of the tables in the issues, in their order, selectable by name. */

const rate = (atLeast: number): Target => ({ figure: 'messagesPerSecond', atLeast, of: 'rival' });
const cpu = (atMost: number): Target => ({ figure: 'brokerCpuPerMillion', atMost, of: 'rival' });
const p99 = (atMost: number): Target => ({ figure: 'p99Ms', atMost, of: 'rival' });
const timesFloor = (atMost: number): Target => ({ figure: 'timesFloorCpu', atMost, of: 'fixed' });
const THIRD = 1 / 3;
/** Who takes the loads that the floor can take. */
const WITH_FLOOR: readonly RivalName[] = ['kafka', 'floor'];

const BATCHES = ['produce', '--batch-bytes', '16384', '--in-flight', '5'];
const SINGLES = ['produce', '--batch-bytes', '0', '--acks', 'all', '--in-flight', '1'];
const SINGLE_TRANSACTIONS = ['transactions', '--transaction-ms', '0', '--batch-bytes', '0'];

function codec(name: string): Scenario {
  return {
    name: `produce-${name}`,
    title: `produce, 16 KB of records a batch, ${name}, acks=1, 1 connection`,
    kind: 'load',
    rivals: WITH_FLOOR,
    args: [...BATCHES, '--codec', name],
    targets: [timesFloor(1.5), rate(4)],
  };
}

export const BROKER_SCENARIOS: readonly Scenario[] = [
  {
    name: 'start',
    title: 'process start to first acknowledged produce; memory idle after it',
    kind: 'start',
    args: [],
    targets: [
      { figure: 'startMs', atMost: 250, of: 'fixed' },
      { figure: 'idleMib', atMost: 70, of: 'fixed' },
    ],
  },
  {
    name: 'produce-acks1',
    title: 'produce, 16 KB batches, acks=1, 1 connection, 5 in flight',
    kind: 'load',
    rivals: WITH_FLOOR,
    args: BATCHES,
    targets: [timesFloor(1.5), rate(2.5), cpu(THIRD)],
  },
  {
    name: 'produce-acks1-4x4',
    title: 'the same, 4 connections, 4 partitions',
    kind: 'load',
    rivals: WITH_FLOOR,
    args: [...BATCHES, '--connections', '4', '--partitions', '4'],
    targets: [timesFloor(1.5), rate(4)],
  },
  {
    name: 'produce-idempotent',
    title: 'idempotent, acks=all, 16 KB batches, 1 connection, 5 in flight',
    kind: 'load',
    rivals: WITH_FLOOR,
    args: [...BATCHES, '--acks', 'all', '--idempotent'],
    targets: [timesFloor(1.5), rate(4)],
  },
  {
    name: 'produce-large',
    title: 'produce, 1 MB batches of 1 KB records, acks=1, 1 connection, 5 in flight',
    kind: 'load',
    rivals: WITH_FLOOR,
    args: ['produce', '--batch-bytes', '1048576', '--record-bytes', '1024', '--in-flight', '5'],
    targets: [timesFloor(1.5), rate(1)],
  },
  codec('gzip'),
  codec('snappy'),
  codec('lz4'),
  codec('zstd'),
  {
    name: 'produce-singles',
    title: 'one-record requests, acks=all, 16 connections, 1 in flight each',
    kind: 'load',
    rivals: WITH_FLOOR,
    args: [...SINGLES, '--connections', '16'],
    targets: [timesFloor(1.4), rate(4), p99(THIRD)],
  },
  {
    name: 'produce-fixed-500k',
    title: 'fixed 500,000 msg/s, 16 KB batches',
    kind: 'load',
    rivals: WITH_FLOOR,
    args: [...BATCHES, '--rate', '500000'],
    targets: [timesFloor(1.4), { figure: 'p99Ms', atMost: 0.5, of: 'fixed' }, p99(THIRD)],
  },
  {
    name: 'end-to-end',
    title: 'end to end, 1,000 single records a second, long-polling consumer',
    kind: 'load',
    rivals: WITH_FLOOR,
    args: ['e2e', '--rate', '1000'],
    targets: [
      timesFloor(2),
      { figure: 'p99Ms', atMost: 0.7, of: 'fixed' },
      { figure: 'p50Ms', atMost: THIRD, of: 'rival' },
      p99(THIRD),
    ],
  },
  {
    name: 'fetch-catch-up',
    title: 'fetch, catching up, 1 MB, 1 connection',
    kind: 'load',
    rivals: WITH_FLOOR,
    args: ['fetch', '--fetch-bytes', '1048576', '--preload-bytes', '1000000000'],
    targets: [
      timesFloor(1.3),
      { figure: 'mbPerSecond', atLeast: 1.3, of: 'rival' },
      { figure: 'brokerCpuPerGb', atMost: 0.5, of: 'rival' },
    ],
  },
  {
    name: 'transactions',
    title: 'transactions of 100 ms, 16 KB batches, 1 producer, 4 partitions, 5 in flight',
    kind: 'load',
    args: ['transactions', '--partitions', '4'],
    targets: [rate(2.5), cpu(THIRD)],
  },
  {
    name: 'transactions-single',
    title: 'transactions of one record in each of two partitions and an offset, 16 producers',
    kind: 'load',
    args: [...SINGLE_TRANSACTIONS, '--partitions', '2', '--connections', '16'],
    targets: [rate(3), { figure: 'p50Ms', atMost: 0.5, of: 'rival' }, p99(0.5)],
  },
  {
    name: 'producer-performance',
    title: 'Kafka’s ProducerPerformance, transactional, 100 ms, 3 M records, 4 partitions',
    kind: 'producer-performance',
    args: ['--num-records', '3000000', '--record-size', '100', '--throughput', '-1'],
    targets: [rate(1.3)],
  },
  {
    name: 'fetch-committed',
    title: 'fetch of transactions, catching up: read_committed beside read_uncommitted',
    kind: 'isolation',
    args: ['fetch', '--transactional', '--abort-every', '10', '--transaction-ms', '10'],
    targets: [{ figure: 'cpuRatio', atMost: 1.05, of: 'fixed' }],
  },
  {
    name: 'restart-producers',
    title: 'start with 1,000,000 known producers and 10,000 open transactions, 10 partitions',
    kind: 'restart',
    args: [],
    mostRounds: 1,
    targets: [
      { figure: 'startMs', atMost: 3000, of: 'fixed' },
      { figure: 'killedStartMs', atMost: 3000, of: 'fixed' },
    ],
  },
  {
    name: 'durability',
    title: 'one-record acks=all, 64 connections: durability `group` beside `os`',
    kind: 'durability',
    args: [...SINGLES, '--connections', '64'],
    targets: [{ figure: 'appendsPerSync', atLeast: 20, of: 'fixed' }],
  },
  {
    name: 'commit',
    title: 'offset commits, 16 connections, 16 groups, 1 in flight each',
    kind: 'load',
    args: ['commit', '--connections', '16', '--in-flight', '1'],
    targets: [rate(4), { figure: 'messagesPerSecond', atLeast: 20_000, of: 'fixed' }],
  },
  {
    name: 'commit-async',
    title:
      'offset commits, 16 connections, 16 groups, 5 in flight each, as `commitAsync` sends them',
    kind: 'load',
    args: ['commit', '--connections', '16', '--in-flight', '5'],
    targets: [rate(4), { figure: 'messagesPerSecond', atLeast: 20_000, of: 'fixed' }],
  },
  {
    name: 'join',
    title: 'a group of one on a fresh `startBroker()`: client made to first record',
    kind: 'join',
    args: [],
    mostRounds: 1,
    targets: [
      { figure: 'franzGoJoinMs', atMost: 50, of: 'fixed' },
      { figure: 'franzGoConsumerJoinMs', atMost: 50, of: 'fixed' },
      { figure: 'kafkaJsJoinMs', atMost: 50, of: 'fixed' },
    ],
  },
  {
    name: 'group-of-four',
    title: 'four franz-go members of one group read 1 GB of 100-byte records, 4 partitions',
    kind: 'group',
    args: ['fill', '--partitions', '4', '--preload-bytes', '1000000000', '--keep-topics'],
    targets: [rate(1.3)],
  },
  {
    name: 'heartbeats-beside',
    title: 'fixed 300,000 msg/s alone, then beside 1,000 members of 100 groups heartbeating',
    kind: 'beside',
    args: [...BATCHES, '--rate', '300000'],
    beside: ['heartbeat', '--groups', '100', '--members', '1000', '--interval-ms', '3000'],
    targets: [{ figure: 'p99Ratio', atMost: 1.2, of: 'fixed' }],
  },
  {
    name: 'compaction-beside',
    title: 'fixed 100,000 msg/s alone, then beside the compaction of 1 GB with 1 M keys',
    kind: 'compaction',
    args: [...BATCHES, '--rate', '100000'],
    mostRounds: 1,
    targets: [
      { figure: 'p99Ratio', atMost: 2, of: 'fixed' },
      { figure: 'leftOver', atMost: 0.5, of: 'fixed' },
    ],
  },
  {
    name: 'idle-partitions',
    title: '5,000 idle partitions: start after a clean stop; memory added',
    kind: 'idle-partitions',
    args: [],
    mostRounds: 1,
    targets: [
      { figure: 'startMs', atMost: 3000, of: 'fixed' },
      { figure: 'addedMib', atMost: 150, of: 'fixed' },
    ],
  },
];

/** The loads that the floor can take; of the codecs one stands for all. */
export const FLOOR_SCENARIOS: readonly Scenario[] = BROKER_SCENARIOS.filter(({ name, rivals }) => {
  return rivals === WITH_FLOOR && !/gzip|snappy|zstd/.test(name);
});

export const SCENARIOS: readonly Scenario[] = [
  ...BROKER_SCENARIOS,
  ...SECURED_SCENARIOS,
  ...WEBSOCKET_SCENARIOS,
];
