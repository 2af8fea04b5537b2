/** The options of what millrace's client does: produce, consume and e2e. */

import type { ProducerOptions } from 'millrace/client';
import type { DriveSpec } from '../drive/drive-spec.ts';
import { driveTurn } from '../drive/drive-turn.ts';
import { figuresOf } from '../figures.ts';
import type { TakeTurn } from '../harness/command.ts';
import type { Options, OptionTable } from '../harness/option-table.ts';
import type { Path } from '../limits/distance.ts';

const MEGABYTE = 1024 * 1024;
/** A record that must hold the moment at which it was meant to leave. */
const TOLD_BYTES = 8;
/** Of a request, besides the records of one batch. */
const REQUEST_BYTES = 65_536;
const MOST_PROCESSES = 4;
/** From so many seconds on, old segments go while the load runs. */
const LONG_SECONDS = 60;
const RETENTION = { 'retention.bytes': '1000000000', 'segment.bytes': '250000000' };

export const TOPIC_OPTIONS: OptionTable = {
  'record-size': {
    takes: 'bytes',
    unless: 100,
    least: 1,
    most: 8 * MEGABYTE,
    help: 'bytes of a value',
  },
  values: {
    takes: 'choice',
    unless: 'plain',
    choices: ['plain', 'orders'],
    help: 'one letter over and over, or JSON, which codecs do not pack to nothing',
  },
  partitions: { takes: 'whole', unless: 1, least: 1, most: 10_000, help: 'of the topic' },
  durability: {
    takes: 'choice',
    unless: 'os',
    choices: ['os', 'group'],
    help: 'group: an fdatasync before each answer, shared by those who wait',
  },
  'topic-config': { takes: 'texts', help: 'name=value of the topic; may be repeated' },
};

export const PRODUCER_OPTIONS: OptionTable = {
  producers: { takes: 'whole', unless: 1, least: 1, most: 1_000, help: 'in one process' },
  acks: { takes: 'choice', unless: '1', choices: ['0', '1', 'all'], help: 'who acknowledges' },
  linger: { takes: 'number', unless: 5, least: 0, help: 'ms that a batch waits for more' },
  'batch-size': {
    takes: 'bytes',
    unless: 16_384,
    least: 0,
    most: 16 * MEGABYTE,
    help: 'bytes of a batch',
  },
  codec: {
    takes: 'choice',
    unless: 'none',
    choices: ['none', 'gzip', 'snappy', 'lz4', 'zstd'],
    help: 'of the batches',
  },
  'in-flight': {
    takes: 'whole',
    unless: 5,
    least: 1,
    most: 1_000,
    help: 'requests without an answer',
  },
  idempotent: { takes: 'flag', help: 'each batch is appended once; needs --acks all' },
  transactions: {
    takes: 'whole',
    unless: 0,
    least: 0,
    most: 60_000,
    help: 'transactions of so many ms; needs --acks all',
  },
};

export const RATE_OPTIONS: OptionTable = {
  awaited: {
    takes: 'whole',
    unless: 0,
    least: 0,
    most: 100_000,
    help: 'so many sends of a producer are awaited at a time; 0 enqueues',
  },
  rate: {
    takes: 'whole',
    unless: 0,
    least: 0,
    most: 100_000_000,
    help: 'records a second of all producers; 0 is flat out',
  },
};

export const CONSUMER_OPTIONS: OptionTable = {
  groups: { takes: 'whole', unless: 1, least: 1, most: 1_000, help: 'each reads everything' },
  consumers: {
    takes: 'wholes',
    unless: '1',
    most: 1_000,
    help: 'of each group; 1,2,4,2,1 grows and shrinks over the measured time',
  },
  'consumer-processes': {
    takes: 'whole',
    unless: 0,
    least: 0,
    most: 64,
    help: 'that all consumers are spread over; 0: one for each, four at most',
  },
};

export function producerOf(options: Options): Partial<ProducerOptions> {
  const acks = options.text('acks');
  const bytes = Math.max(options.number('batch-size'), options.number('record-size'));
  const isIdempotent = options.flag('idempotent') || options.number('transactions') > 0;
  if (isIdempotent && acks !== 'all') {
    throw new Error('--idempotent and --transactions need --acks all');
  }
  return {
    acks: acks === 'all' ? 'all' : (Number(acks) as 0 | 1),
    lingerMs: options.number('linger'),
    batchSize: options.number('batch-size'),
    compressionType: options.text('codec') as 'none',
    maxInFlightRequestsPerConnection: options.number('in-flight'),
    enableIdempotence: isIdempotent,
    ...(bytes + REQUEST_BYTES > MEGABYTE ? { maxRequestSize: bytes + REQUEST_BYTES } : {}),
  };
}

function topicConfigOf(options: Options): Record<string, string> {
  const bytes = Math.max(options.number('batch-size'), options.number('record-size'));
  const given = options.texts('topic-config').map((pair): [string, string] => {
    const at = pair.indexOf('=');
    if (at < 1) throw new Error(`--topic-config takes name=value, not "${pair}"`);
    return [pair.slice(0, at), pair.slice(at + 1)];
  });
  return {
    ...(options.text('durability') === 'group' ? { 'flush.messages': '1' } : {}),
    ...(bytes + REQUEST_BYTES > MEGABYTE
      ? { 'max.message.bytes': String(bytes + REQUEST_BYTES) }
      : {}),
    ...Object.fromEntries(given),
  };
}

export function driveSpec(mode: DriveSpec['mode'], options: Options): DriveSpec {
  const recordBytes = options.number('record-size');
  const members = mode === 'produce' ? [0] : options.numbers('consumers');
  const groups = mode === 'produce' ? 0 : options.number('groups');
  const most = Math.max(...members);
  if (mode === 'e2e' && recordBytes < TOLD_BYTES) {
    throw new Error(`--record-size is at least ${TOLD_BYTES} here: a record holds its moment`);
  }
  if (mode !== 'produce' && most === 0) throw new Error('--consumers: nobody would read');
  if (members[0]! < 1 && mode !== 'produce') {
    throw new Error('--consumers begins with at least 1');
  }
  const processes = mode === 'produce' ? 0 : options.number('consumer-processes');
  const isPaced = mode !== 'consume';
  return {
    mode,
    recordBytes,
    values: options.text('values') as 'plain' | 'orders',
    partitions: options.number('partitions'),
    topicConfig: topicConfigOf(options),
    producers: options.number('producers'),
    producer: producerOf(options),
    awaited: isPaced ? options.number('awaited') : 0,
    transactionMs: options.number('transactions'),
    rate: isPaced ? options.number('rate') : 0,
    groups,
    members,
    consumerProcesses: processes === 0 ? Math.min(MOST_PROCESSES, groups * most) : processes,
  };
}

/** `isConsumed`: somebody reads it in the same turn. */
export function drivePath(options: Options, isProduced: boolean, isConsumed: boolean): Path {
  return {
    isProduced,
    isConsumed,
    isPacked: options.text('codec') !== 'none',
    isTimed: options.isGiven('rate') || options.isGiven('awaited'),
    isSynced: options.text('durability') === 'group',
  };
}

/** A turn by the client of millrace. */
export function driving(spec: DriveSpec): TakeTurn {
  return async (who, { warmupSeconds, seconds, profileFolder }) => {
    const broker = await who.shared();
    const topicConfig = { ...(seconds >= LONG_SECONDS ? RETENTION : {}), ...spec.topicConfig };
    const timing = { warmupMs: 1000 * warmupSeconds, measureMs: 1000 * seconds, profileFolder };
    const result = await driveTurn({ ...spec, topicConfig }, broker, timing);
    const mbPerSecond = (result.messagesPerSecond * spec.recordBytes) / 1e6;
    return { figures: { ...figuresOf(result), mbPerSecond }, result };
  };
}
