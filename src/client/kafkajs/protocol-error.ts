import { errorMessage } from '../../base/kafka-error-texts.ts';
import { errorName, isRetriable } from '../../base/kafka-errors.ts';
import { KafkaError } from '../errors/kafka-error.ts';
import {
  KafkaJSConnectionClosedError,
  KafkaJSConnectionError,
  KafkaJSError,
  KafkaJSNonRetriableError,
  KafkaJSOffsetOutOfRange,
  KafkaJSProtocolError,
  KafkaJSRequestTimeoutError,
  KafkaJSSASLAuthenticationError,
  KafkaJSServerDoesNotSupportApiKey,
  KafkaJSTimeout,
} from './errors.ts';
import { OLDER_ERRORS } from './older-errors.ts';
import { saslFailure } from './sasl.ts';

/** The error that KafkaJS makes of a broker's number. The broker may say more than it means. */
export function protocolError(errorCode: number, text?: string | null): KafkaJSProtocolError {
  const meaning = errorMessage(errorCode);
  const older = OLDER_ERRORS.get(errorCode);
  const saysMore = text !== undefined && text !== null && text !== '' && text !== meaning;
  return new KafkaJSProtocolError({
    type: older?.type ?? errorName(errorCode),
    code: errorCode,
    retriable: isRetriable(errorCode),
    message: saysMore ? text : (older?.message ?? meaning.replace(/\.$/, '')),
  });
}

export function isRebalancing(e: unknown): boolean {
  const { type } = e as { type?: unknown };
  return (
    type === 'REBALANCE_IN_PROGRESS' ||
    type === 'NOT_COORDINATOR_FOR_GROUP' ||
    type === 'ILLEGAL_GENERATION'
  );
}

/**
 * What the client threw, as KafkaJS would have thrown it. What is no KafkaError stays. The
 * mechanism is that of the client's SASL, where it has one.
 */
export function facadeError(thrown: unknown, mechanism?: string): Error {
  if (!(thrown instanceof KafkaError)) {
    return thrown instanceof Error ? thrown : new KafkaJSError(String(thrown));
  }
  const { code, errorCode, message, topic, partition } = thrown;
  switch (code) {
    case 'NETWORK_EXCEPTION':
    case 'BROKER_NOT_AVAILABLE':
      return new KafkaJSConnectionError(message, { broker: undefined, code: causeCode(thrown) });
    case 'CLOSED':
      return new KafkaJSConnectionClosedError(message);
    case 'REQUEST_TIMED_OUT':
      return new KafkaJSRequestTimeoutError(message);
    case 'SASL_AUTHENTICATION_FAILED':
    case 'UNSUPPORTED_SASL_MECHANISM':
    case 'ILLEGAL_SASL_STATE':
      return new KafkaJSSASLAuthenticationError(
        mechanism === undefined ? message : `${saslFailure(mechanism)}: ${message}`,
        { cause: thrown.cause },
      );
    case 'UNSUPPORTED_VERSION':
      return new KafkaJSServerDoesNotSupportApiKey(message);
    case 'ABORTED':
      return new KafkaJSTimeout(message);
  }
  if (errorCode < 0 && code !== 'UNKNOWN_SERVER_ERROR') {
    const options = { cause: thrown };
    return thrown.retriable
      ? new KafkaJSError(message, options)
      : new KafkaJSNonRetriableError(message, options);
  }
  const error = protocolError(errorCode);
  if (code !== 'OFFSET_OUT_OF_RANGE' || topic === undefined) return error;
  const { type, message: text, retriable } = error;
  const at = { topic, partition: partition ?? -1 };
  return new KafkaJSOffsetOutOfRange({ type, code: errorCode, message: text, retriable }, at);
}

/** Such as ECONNREFUSED, where the system said one. */
function causeCode(error: KafkaError): string | undefined {
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (typeof code === 'string' && /^E[A-Z]+$/.test(code)) return code;
  }
  return undefined;
}

/** Runs what may throw the client's errors, and throws KafkaJS's instead. */
export async function translated<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw facadeError(thrown);
  }
}
