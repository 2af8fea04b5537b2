import type { InputName } from './plan-inputs.ts';

export type PlanUnit = 'records' | 'records/s' | 'requests/s' | 'bytes' | 'ms' | 'count';

type Values = Readonly<Record<InputName, number>>;

/** A line of the plan: how a figure follows from its inputs. */
export interface Formula {
  readonly name: string;
  readonly title: string;
  readonly unit: PlanUnit;
  /** As it is shown, in the names of the options. */
  readonly text: string;
  readonly needs: readonly InputName[];
  readonly value: (of: Values) => number;
}

const SECOND = 1000;

const fullBatch = (of: Values) => Math.max(1, Math.floor(of['batch-size'] / of['record-size']));
const batchAtRate = (of: Values) =>
  Math.max(1, Math.min(fullBatch(of), Math.floor((of.rate * of.linger) / SECOND)));
const fetchRate = (of: Values) => of['fetch-bytes'] / of['record-size'];
const consumerRate = (of: Values) =>
  Math.min((of['records-per-poll'] * SECOND) / of['poll-interval'], fetchRate(of));
const groupRate = (of: Values) => consumerRate(of) * of.consumers;
const partitionRate = (of: Values) => of['partition-bytes'] / of['record-size'];

const CONSUMER_NEEDS = ['poll-interval', 'records-per-poll', 'fetch-bytes', 'record-size'] as const;
const GROUP_NEEDS = [...CONSUMER_NEEDS, 'consumers'] as const;

/** In the order of the printed plan. */
export const FORMULAS: readonly Formula[] = [
  {
    name: 'batchRecords',
    title: 'records of a full batch',
    unit: 'records',
    text: 'batch-size / record-size',
    needs: ['batch-size', 'record-size'],
    value: fullBatch,
  },
  {
    name: 'producerRate',
    title: 'one producer at most',
    unit: 'records/s',
    text: 'records of a full batch * in-flight / round-trip',
    needs: ['batch-size', 'record-size', 'in-flight', 'round-trip'],
    value: (of) => (fullBatch(of) * of['in-flight'] * SECOND) / of['round-trip'],
  },
  {
    name: 'batchRecordsAtRate',
    title: 'records of a batch at the rate, from one producer',
    unit: 'records',
    text: 'smaller of records of a full batch and rate * linger, at least 1',
    needs: ['rate', 'linger', 'batch-size', 'record-size'],
    value: batchAtRate,
  },
  {
    name: 'produceRequests',
    title: 'produce requests at the rate',
    unit: 'requests/s',
    text: 'rate / records of a batch at the rate',
    needs: ['rate', 'linger', 'batch-size', 'record-size'],
    value: (of) => of.rate / batchAtRate(of),
  },
  {
    name: 'consumerRate',
    title: 'one consumer at most',
    unit: 'records/s',
    text: 'smaller of records-per-poll / poll-interval and fetch-bytes / record-size',
    needs: CONSUMER_NEEDS,
    value: consumerRate,
  },
  {
    name: 'lagGrowth',
    title: 'lag grows by (shrinks where below 0)',
    unit: 'records/s',
    text: 'rate - consumers * one consumer at most',
    needs: ['rate', ...GROUP_NEEDS],
    value: (of) => of.rate - groupRate(of),
  },
  {
    name: 'catchUp',
    title: 'time to catch up',
    unit: 'ms',
    text: 'lag / (consumers * one consumer at most - rate)',
    needs: ['lag', 'rate', ...GROUP_NEEDS],
    value: (of) => {
      const gain = groupRate(of) - of.rate;
      return gain > 0 ? (of.lag * SECOND) / gain : Number.POSITIVE_INFINITY;
    },
  },
  {
    name: 'disk',
    title: 'disk for the retention, of all brokers',
    unit: 'bytes',
    text: 'rate * record-size * retention * replicas',
    needs: ['rate', 'record-size', 'retention', 'replicas'],
    value: (of) => of.rate * of['record-size'] * (of.retention / SECOND) * of.replicas,
  },
  {
    name: 'partitionsToProduce',
    title: 'partitions that take the rate',
    unit: 'count',
    text: 'rate / (partition-bytes / record-size), rounded up',
    needs: ['rate', 'partition-bytes', 'record-size'],
    value: (of) => Math.ceil(of.rate / partitionRate(of)),
  },
  {
    name: 'partitionsToConsume',
    title: 'partitions, and consumers, that keep up with the rate',
    unit: 'count',
    text: 'rate / one consumer at most, rounded up',
    needs: ['rate', ...CONSUMER_NEEDS],
    value: (of) => Math.ceil(of.rate / consumerRate(of)),
  },
  {
    name: 'replicasPerBroker',
    title: 'replicas of a broker',
    unit: 'count',
    text: 'partitions * replicas / brokers, rounded up',
    needs: ['partitions', 'replicas', 'brokers'],
    value: (of) => Math.ceil((of.partitions * of.replicas) / of.brokers),
  },
];
