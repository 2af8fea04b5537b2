import { toKafkaError } from '../../errors/kafka-error.ts';
import type { ConsumerRecord } from '../records/consumer-record.ts';
import { int32, int64, readInteger, shortInteger } from './header-bytes.ts';

export type Headers = (readonly [string, string | Uint8Array | null])[];

/** Spring has other names for the dead letters of retry topics than for those without. */
interface Names {
  readonly original: string;
  readonly exception: string;
}

const ALONE: Names = { original: 'kafka_dlt-original-', exception: 'kafka_dlt-exception-' };
const WITH_RETRIES: Names = { original: 'kafka_original-', exception: 'kafka_exception-' };
const ATTEMPTS = 'retry_topic-attempts';
const DUE = 'retry_topic-backoff-timestamp';
const FIRST_TIMESTAMP = 'retry_topic-original-timestamp';
/** What Spring takes for an attempt. */
const ATTEMPTS_MAX = 32_767;

function aboutOrigin<K, V>(
  record: ConsumerRecord<K, V>,
  groupId: string | null,
  prefix: string,
): Headers {
  const { topic, partition, offset, timestamp } = record;
  const { appendTimeMs } = record.batch.origin;
  const headers: Headers = [
    [`${prefix}topic`, topic],
    [`${prefix}partition`, int32(partition)],
    [`${prefix}offset`, int64(offset)],
    [`${prefix}timestamp`, int64(timestamp)],
    [`${prefix}timestamp-type`, appendTimeMs < 0 ? 'CreateTime' : 'LogAppendTime'],
  ];
  if (groupId !== null) headers.push([`${prefix}consumer-group`, groupId]);
  return headers;
}

function aboutError(thrown: unknown, prefix: string): Headers {
  const error = thrown instanceof Error ? thrown : toKafkaError(thrown);
  const headers: Headers = [
    [`${prefix}fqcn`, error.name],
    [`${prefix}message`, error.message],
    [`${prefix}stacktrace`, error.stack ?? ''],
  ];
  const { cause } = error;
  if (cause instanceof Error) headers.push([`${prefix}cause-fqcn`, cause.name]);
  return headers;
}

/** The headers of a dead letter, named and encoded as Spring for Apache Kafka does. */
export function deadLetterHeaders<K, V>(
  record: ConsumerRecord<K, V>,
  groupId: string | null,
  thrown: unknown,
): Headers {
  return [
    ...record.headers,
    ...aboutOrigin(record, groupId, ALONE.original),
    ...aboutError(thrown, ALONE.exception),
  ];
}

/**
 * The headers of a record on its way through retry topics. Where it came from first is kept; the
 * last error and the next attempt replace those before.
 */
export function retryHeaders<K, V>(
  record: ConsumerRecord<K, V>,
  groupId: string | null,
  thrown: unknown,
  dueMs: number,
): Headers {
  const { original, exception } = WITH_RETRIES;
  const attempt = attemptOf(record);
  const first = record.header(FIRST_TIMESTAMP) ?? shortInteger(record.timestamp);
  const kept = [...record.headers].filter(([name]) => {
    return !name.startsWith(exception) && ![ATTEMPTS, DUE, FIRST_TIMESTAMP].includes(name);
  });
  const hasOrigin = record.header(`${original}topic`) !== undefined;
  return [
    ...kept,
    ...(hasOrigin ? [] : aboutOrigin(record, groupId, original)),
    ...aboutError(thrown, exception),
    [FIRST_TIMESTAMP, first],
    [ATTEMPTS, int32(attempt + 1)],
    [DUE, shortInteger(dueMs)],
  ];
}

/** Which attempt the delivery of this record is; 1 for the first. */
export function attemptOf<K, V>(record: ConsumerRecord<K, V>): number {
  const attempt = readInteger(record.header(ATTEMPTS));
  return attempt !== null && attempt >= 1 && attempt <= ATTEMPTS_MAX ? attempt : 1;
}

/** Before which time the record is not to be tried again; 0 where nothing is said. */
export function dueTimeOf<K, V>(record: ConsumerRecord<K, V>): number {
  return readInteger(record.header(DUE)) ?? 0;
}
