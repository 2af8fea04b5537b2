import { errorMessage } from '../../base/kafka-error-texts.ts';
import { ERROR, errorName } from '../../base/kafka-errors.ts';
import {
  CLIENT_CATEGORY,
  type ClientErrorCode,
  categoryOf,
  type ErrorCategory,
  type KafkaErrorCode,
} from './error-category.ts';

export interface KafkaErrorDetails {
  readonly topic?: string | undefined;
  readonly partition?: number | undefined;
  readonly cause?: unknown;
  /** Where the situation changes it: a retriable error is abortable once its retries ran out. */
  readonly category?: ErrorCategory;
}

/** Every error that the client throws or reports. */
export class KafkaError extends Error {
  /** Kafka's name of it, such as `NOT_LEADER_OR_FOLLOWER`, or one of the client's own. */
  readonly code: KafkaErrorCode;
  /** What the caller can do about it (KIP-1050). */
  readonly category: ErrorCategory;
  /** Whether another attempt may succeed. */
  readonly retriable: boolean;
  /** The topic that it is about, where it is about one. */
  readonly topic: string | undefined;
  /** The partition that it is about, where it is about one. */
  readonly partition: number | undefined;

  constructor(code: KafkaErrorCode, message: string, details: KafkaErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    // What code that waits with an AbortSignal looks for.
    this.name = code === 'ABORTED' ? 'AbortError' : 'KafkaError';
    this.code = code;
    this.category = details.category ?? defaultCategory(code);
    this.retriable = this.category === 'retriable' || this.category === 'refresh-retriable';
    this.topic = details.topic;
    this.partition = details.partition;
  }

  /** Kafka's number; -1 for the client's own codes. */
  get errorCode(): number {
    return this.code in ERROR ? ERROR[this.code as keyof typeof ERROR] : -1;
  }
}

function defaultCategory(code: KafkaErrorCode): ErrorCategory {
  if (code in CLIENT_CATEGORY) return CLIENT_CATEGORY[code as ClientErrorCode];
  return categoryOf(ERROR[code as keyof typeof ERROR]);
}

/** The error that a broker's number stands for. `subject` says what it is about. */
export function answerError(
  errorCode: number,
  text: string | null,
  subject: string,
  details: KafkaErrorDetails = {},
): KafkaError {
  const said = text === null || text === '' ? errorMessage(errorCode) : text;
  const known = errorName(errorCode);
  const code = known in ERROR ? (known as KafkaErrorCode) : 'UNKNOWN_SERVER_ERROR';
  return new KafkaError(code, `${subject}: ${said} (${known})`, details);
}

/** Throws where a broker's answer about `subject` is an error. */
export function throwAnswerError(
  errorCode: number,
  text: string | null,
  subject: string,
  details: KafkaErrorDetails = {},
): void {
  if (errorCode !== ERROR.NONE) throw answerError(errorCode, text, subject, details);
}

/** Whatever was thrown as a KafkaError; what is none already becomes the cause of one. */
export function toKafkaError(thrown: unknown, code: KafkaErrorCode = 'UNKNOWN_SERVER_ERROR') {
  if (thrown instanceof KafkaError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new KafkaError(code, message, { cause: thrown });
}

/** Whether it is a KafkaError, and has one of the codes where some are named. */
export function isKafkaError(thrown: unknown, ...codes: readonly KafkaErrorCode[]): boolean {
  return thrown instanceof KafkaError && (codes.length === 0 || codes.includes(thrown.code));
}

/** Throws where the caller's signal has fired. */
export function throwIfAborted(signal: AbortSignal | undefined, what: string): void {
  if (signal?.aborted === true) throw abortedError(signal, what);
}

export function abortedError(signal: AbortSignal, what: string): KafkaError {
  return new KafkaError('ABORTED', `${what} was aborted`, { cause: signal.reason });
}
