import { KafkaError } from '../../errors/kafka-error.ts';
import type { ConsumerRecord } from '../records/consumer-record.ts';
import type { DeadLetterProducer } from './dead-letters.ts';

export interface RunContext {
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Fires when the run ends. */
  readonly signal: AbortSignal;
}

export interface RetryOptions {
  /** With the first one. */
  readonly attempts: number;
  /** The first pause; each further one is twice as long. */
  readonly backoffMs?: number;
  readonly maxBackoffMs?: number;
}

export interface RunOptions<K, V> {
  readonly eachRecord: (record: ConsumerRecord<K, V>, context: RunContext) => unknown;
  /** How many records are worked on at once. */
  readonly concurrency?: number;
  /** What keeps its order: the records of a partition, those of a key, or nothing. */
  readonly order?: 'partition' | 'key' | 'none';
  readonly retry?: RetryOptions;
  /** Takes records whose attempts are used up, to `<topic>-dlt`. Without it the run fails. */
  readonly deadLetter?: DeadLetterProducer | null;
  /** What becomes of records that cannot be read. They are not tried again. */
  readonly onBadPayload?: 'throw' | 'skip' | 'dead-letter';
  /** Told of each record that was given up. */
  readonly onGivenUp?: (record: ConsumerRecord<K, V>, error: unknown) => void;
  readonly signal?: AbortSignal;
}

export type RunSettings<K, V> = Required<Omit<RunOptions<K, V>, 'signal' | 'retry'>> & {
  readonly retry: Required<RetryOptions>;
};

function ignore(): void {}

export function runSettings<K, V>(options: RunOptions<K, V>): RunSettings<K, V> {
  const { eachRecord, concurrency = 1, order = 'partition', deadLetter = null } = options;
  const { onBadPayload = 'throw', onGivenUp = ignore } = options;
  const retry = { backoffMs: 100, maxBackoffMs: 10_000, ...(options.retry ?? { attempts: 1 }) };
  requireCount('concurrency', concurrency);
  requireCount('retry.attempts', retry.attempts);
  if (onBadPayload === 'dead-letter' && deadLetter === null) {
    throw badOption(`'onBadPayload: dead-letter' needs a producer as 'deadLetter'`);
  }
  return { eachRecord, concurrency, order, deadLetter, onBadPayload, onGivenUp, retry };
}

function requireCount(name: string, value: number): void {
  if (Number.isSafeInteger(value) && value >= 1) return;
  throw badOption(`'${name}': expected a whole number from 1, got ${value}`);
}

function badOption(what: string): KafkaError {
  return new KafkaError('BAD_ARGUMENT', `option ${what}`);
}
