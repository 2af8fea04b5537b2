/** What one run of the load generator does, from its command line. */
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { CODECS, type Codec } from './batches.ts';
import { LoadError } from './load-error.ts';
import type { LoadSecurity } from './load-security.ts';

export const MODES = [
  'produce',
  'fill',
  'fetch',
  'e2e',
  'commit',
  'transactions',
  'heartbeat',
  'connect',
  'fan-out',
  'ws-catch-up',
  'ws-produce',
  'sse',
] as const;
export type Mode = (typeof MODES)[number];

export const SUBPROTOCOLS = [
  'millrace.batch',
  'millrace.json',
  'nats',
  'jetstream',
  'bare',
] as const;
export type Subprotocol = (typeof SUBPROTOCOLS)[number];

export interface LoadOptions {
  readonly mode: Mode;
  readonly host: string;
  readonly port: number;
  readonly brokerPid: number;
  readonly security: LoadSecurity;
  readonly acks: number;
  readonly codec: Codec;
  readonly recordBytes: number;
  /** Records of a batch before compression; 0 means one record a batch. */
  readonly batchBytes: number;
  readonly connections: number;
  readonly inFlight: number;
  readonly partitions: number;
  readonly topics: number;
  /** Records a second over all connections; 0 is as fast as it goes. */
  readonly rate: number;
  readonly idempotent: boolean;
  /** How long writes go into one transaction; 0: one write over all partitions, and offsets. */
  readonly transactionMs: number;
  readonly transactionVersion: 1 | 2;
  /** Of the transactions one in so many is aborted; 0: none. */
  readonly abortEvery: number;
  /** What is fetched was written in transactions. */
  readonly transactional: boolean;
  readonly readCommitted: boolean;
  /** Distinct record keys; 0: records without keys. */
  readonly keys: number;
  readonly fetchBytes: number;
  readonly preloadBytes: number;
  readonly groups: number;
  readonly members: number;
  readonly intervalMs: number;
  /** WebSocket: where, and in which language ('nats', 'jetstream': NATS, 'bare': no broker). */
  readonly ws: { readonly host: string; readonly port: number };
  readonly subprotocol: Subprotocol;
  readonly consumers: number;
  /** Batches that a publisher without a rate may be ahead of the slowest consumer. */
  readonly window: number;
  readonly topicConfig: Readonly<Record<string, string>>;
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly keepTopics: boolean;
  readonly json: boolean;
}

const FLAGS = {
  broker: { type: 'string', default: '127.0.0.1:9092' },
  'broker-pid': { type: 'string', default: '0' },
  ca: { type: 'string' },
  scram: { type: 'string' },
  acks: { type: 'string', default: '1' },
  codec: { type: 'string', default: 'none' },
  'record-bytes': { type: 'string', default: '100' },
  'batch-bytes': { type: 'string', default: '16384' },
  connections: { type: 'string', default: '1' },
  'in-flight': { type: 'string', default: '5' },
  partitions: { type: 'string', default: '1' },
  topics: { type: 'string', default: '1' },
  rate: { type: 'string', default: '0' },
  idempotent: { type: 'boolean', default: false },
  'transaction-ms': { type: 'string', default: '100' },
  'transaction-version': { type: 'string', default: '2' },
  'abort-every': { type: 'string', default: '0' },
  transactional: { type: 'boolean', default: false },
  'read-committed': { type: 'boolean', default: false },
  keys: { type: 'string', default: '0' },
  'fetch-bytes': { type: 'string', default: '1048576' },
  'preload-bytes': { type: 'string', default: '500000000' },
  groups: { type: 'string', default: '100' },
  members: { type: 'string', default: '1000' },
  'interval-ms': { type: 'string', default: '3000' },
  ws: { type: 'string', default: '127.0.0.1:9080' },
  subprotocol: { type: 'string', default: 'millrace.batch' },
  consumers: { type: 'string', default: '1' },
  window: { type: 'string', default: '64' },
  'topic-config': { type: 'string', multiple: true },
  seconds: { type: 'string', default: '10' },
  warmup: { type: 'string', default: '5' },
  'keep-topics': { type: 'boolean', default: false },
  output: { type: 'string', short: 'o', default: 'text' },
} as const;

export const USAGE = `usage: load ${MODES.join('|')} --broker HOST:PORT [options]
${Object.keys(FLAGS)
  .map((name) => `  --${name}`)
  .join('\n')}`;

function wholeNumber(name: string, text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) {
    throw new LoadError(`--${name} takes a whole number, not "${text}"`);
  }
  return value;
}

function oneOf<T extends string>(name: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found === undefined) {
    throw new LoadError(`${name} is one of ${choices.join(', ')}, not "${text}"`);
  }
  return found;
}

function hostAndPort(name: string, text: string): { host: string; port: number } {
  const colon = text.lastIndexOf(':');
  return { host: text.slice(0, colon), port: wholeNumber(name, text.slice(colon + 1)) };
}

/** `--ca FILE`: TLS. `--scram USER:PASSWORD`: everybody logs in. */
function securityOf(caFile: string | undefined, login: string | undefined): LoadSecurity {
  const [user = '', password = ''] = login?.split(/:(.*)/, 2) ?? [];
  return {
    ca: caFile === undefined ? null : readFileSync(caFile, 'utf8'),
    login: login === undefined ? null : { user, password },
  };
}

function seconds(name: string, text: string): number {
  const value = Number(text);
  if (!(value >= 0)) throw new LoadError(`--${name} takes seconds, not "${text}"`);
  return value;
}

function topicConfigs(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => [pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1)]),
  );
}

export function readOptions(args: readonly string[]): LoadOptions {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: FLAGS,
    allowPositionals: true,
  });
  if (values.idempotent && values.keys !== '0') {
    throw new LoadError('--idempotent and --keys cannot be had together');
  }
  return {
    mode: oneOf('the mode', positionals[0] ?? '', MODES),
    ...hostAndPort('broker', values.broker),
    brokerPid: wholeNumber('broker-pid', values['broker-pid']),
    security: securityOf(values.ca, values.scram),
    acks: values.acks === 'all' ? -1 : Number(oneOf('--acks', values.acks, ['0', '1', 'all'])),
    codec: oneOf('--codec', values.codec, CODECS),
    recordBytes: wholeNumber('record-bytes', values['record-bytes']),
    batchBytes: wholeNumber('batch-bytes', values['batch-bytes']),
    connections: wholeNumber('connections', values.connections),
    inFlight: wholeNumber('in-flight', values['in-flight']),
    partitions: wholeNumber('partitions', values.partitions),
    topics: wholeNumber('topics', values.topics),
    rate: wholeNumber('rate', values.rate),
    idempotent: values.idempotent,
    transactionMs: wholeNumber('transaction-ms', values['transaction-ms']),
    transactionVersion:
      oneOf('--transaction-version', values['transaction-version'], ['1', '2']) === '1' ? 1 : 2,
    abortEvery: wholeNumber('abort-every', values['abort-every']),
    transactional: values.transactional,
    readCommitted: values['read-committed'],
    keys: wholeNumber('keys', values.keys),
    fetchBytes: wholeNumber('fetch-bytes', values['fetch-bytes']),
    preloadBytes: wholeNumber('preload-bytes', values['preload-bytes']),
    groups: wholeNumber('groups', values.groups),
    members: wholeNumber('members', values.members),
    intervalMs: wholeNumber('interval-ms', values['interval-ms']),
    ws: hostAndPort('ws', values.ws),
    subprotocol: oneOf('--subprotocol', values.subprotocol, SUBPROTOCOLS),
    consumers: wholeNumber('consumers', values.consumers),
    window: wholeNumber('window', values.window),
    topicConfig: topicConfigs(values['topic-config'] ?? []),
    seconds: seconds('seconds', values.seconds),
    warmupSeconds: seconds('warmup', values.warmup),
    keepTopics: values['keep-topics'],
    json: values.output === 'json',
  };
}
