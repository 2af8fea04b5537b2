/** Command line of the cluster suite. */
import { Options, type OptionTable, optionLines } from '../harness/option-table.ts';

export interface ClusterSuiteOptions {
  /** Whose brokers take turns with millrace's; undefined for nobody's. */
  readonly against: 'kafka' | undefined;
  readonly records: number;
  readonly warmupRecords: number;
  readonly rounds: number;
  /** Of the load to each broker. */
  readonly connections: number;
  /** Of each connection. */
  readonly inFlight: number;
  /** GiB of memory that are touched before the first turn. */
  readonly touchGib: number;
  readonly json: boolean;
}

/** Java has compiled what matters by then. */
const WARMUP_LEAST = 500_000;
const MOST_RECORDS = 20_000_000;

const TABLE: OptionTable = {
  suite: { takes: 'text', help: 'cluster' },
  against: {
    takes: 'choice',
    unless: 'kafka',
    choices: ['kafka', 'nobody'],
    help: 'whose brokers take turns with those of millrace',
  },
  records: {
    takes: 'whole',
    unless: 1_000_000,
    least: 10_000,
    most: MOST_RECORDS,
    help: 'of 1,000 bytes that each turn measures',
  },
  warmup: {
    takes: 'whole',
    unless: WARMUP_LEAST,
    least: WARMUP_LEAST,
    most: MOST_RECORDS,
    help: 'records before them',
  },
  rounds: { takes: 'whole', unless: 2, least: 1, most: 20, help: 'turns of each' },
  connections: {
    takes: 'whole',
    unless: 4,
    least: 1,
    most: 64,
    help: 'of the load to each broker; of one connection Kafka serves one request at a time',
  },
  'in-flight': { takes: 'whole', unless: 5, least: 1, most: 64, help: 'requests of a connection' },
  touch: {
    takes: 'whole',
    unless: 8,
    least: 0,
    most: 1024,
    help: 'GiB of memory touched before, which a host gives page by page',
  },
  output: {
    takes: 'choice',
    unless: 'text',
    choices: ['text', 'json'],
    help: 'json: one JSON document in place of the table',
  },
  help: { takes: 'flag', help: 'this text' },
};

export const CLUSTER_USAGE = `usage: npm run bench -- --suite cluster [options]
Three brokers of millrace, then three of Apache Kafka, under three of Kafka's controllers.
${optionLines(TABLE)}`;

/** Undefined where only the usage is asked for. */
export function readClusterOptions(args: readonly string[]): ClusterSuiteOptions | undefined {
  const options = new Options('bench --suite cluster', TABLE, args);
  if (options.flag('help')) return undefined;
  return {
    against: options.text('against') === 'kafka' ? 'kafka' : undefined,
    records: options.number('records'),
    warmupRecords: options.number('warmup'),
    rounds: options.number('rounds'),
    connections: options.number('connections'),
    inFlight: options.number('in-flight'),
    touchGib: options.number('touch'),
    json: options.text('output') === 'json',
  };
}
