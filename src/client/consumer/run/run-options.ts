import { requireChoice } from '../../config/option-names.ts';
import { KafkaError } from '../../errors/kafka-error.ts';
import type { ConsumerRecord } from '../records/consumer-record.ts';
import type { DeadLetterProducer } from './side-topics.ts';

/** What a handler learns beside its record. */
export interface RunContext {
  /** 1 for the first attempt. */
  readonly attempt: number;
  /** Fires when the run ends. */
  readonly signal: AbortSignal;
}

/** How often a record is tried again, and when. */
export interface RetryOptions {
  /** With the first one. */
  readonly attempts: number;
  /** The first pause; each further one is twice as long. */
  readonly backoffMs?: number;
  /** The longest pause; 10,000. */
  readonly maxBackoffMs?: number;
  /**
   * A record that failed waits for its next attempt in a topic of its own, `<topic>-retry-0` and so
   * on, and holds up no other. Records of one key may then pass each other.
   */
  readonly topics?: boolean;
}

/** How `run` works on records. */
export interface RunOptions<K, V> {
  /** The handler. A record is done once what it returns is awaited. */
  readonly eachRecord: (record: ConsumerRecord<K, V>, context: RunContext) => unknown;
  /** How many records are worked on at once. */
  readonly concurrency?: number;
  /** What keeps its order: the records of a partition, those of a key, or nothing. */
  readonly order?: 'partition' | 'key' | 'none';
  /** By default there is one attempt. */
  readonly retry?: RetryOptions;
  /**
   * Where records go whose attempts are used up: to `<topic>-dlt`, by this producer or, with true,
   * by one of the run's own, which makes the topic. Without it the run fails.
   */
  readonly deadLetter?: DeadLetterProducer | boolean | null;
  /** What becomes of records that cannot be read. They are not tried again. */
  readonly onBadPayload?: 'throw' | 'skip' | 'dead-letter';
  /** Told of each record that was given up. */
  readonly onGivenUp?: (record: ConsumerRecord<K, V>, error: unknown) => void;
  /** Ends the run once the handlers at work are done. */
  readonly signal?: AbortSignal;
}

export type RetrySettings = Required<RetryOptions>;

export type RunSettings<K, V> = Required<Omit<RunOptions<K, V>, 'signal' | 'retry'>> & {
  readonly retry: RetrySettings;
};

function ignore(): void {}

export function runSettings<K, V>(options: RunOptions<K, V>): RunSettings<K, V> {
  const { eachRecord, concurrency = 1, order = 'partition' } = options;
  const deadLetter = options.deadLetter === false ? null : (options.deadLetter ?? null);
  const { onBadPayload = 'throw', onGivenUp = ignore } = options;
  const defaults = { backoffMs: 100, maxBackoffMs: 10_000, topics: false };
  const retry = { ...defaults, ...(options.retry ?? { attempts: 1 }) };
  requireCount('concurrency', concurrency);
  requireCount('retry.attempts', retry.attempts);
  requireChoice('order', order, ['partition', 'key', 'none']);
  requireChoice('onBadPayload', onBadPayload, ['throw', 'skip', 'dead-letter']);
  if (onBadPayload === 'dead-letter' && deadLetter === null) {
    throw badOption(`'onBadPayload: dead-letter' needs 'deadLetter', a producer or true`);
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
