import { reasonOf } from '../../base/errors.ts';
import { RecordHeaders } from '../../client/consumer/records/record-headers.ts';
import { KafkaError } from '../../client/errors/kafka-error.ts';
import type { DeadLetter, ErrorContext, ErrorHandlers, ErrorResponse } from './error-handlers.ts';

/** Every error ends the task; the record goes to the dead letter topic first where one is named. */
export function failingHandlers(deadLetterTopic: string | null = null): ErrorHandlers {
  return sameForAll('fail', deadLetterTopic);
}

/** Records that fail are left out; they go to the dead letter topic where one is named. */
export function resumingHandlers(deadLetterTopic: string | null = null): ErrorHandlers {
  return sameForAll('resume', deadLetterTopic);
}

/** The record as it was read, with what went wrong in its headers (KIP-1034). */
export function deadLetterOf(topic: string, context: ErrorContext, error: unknown): DeadLetter {
  const { keyBytes: key, valueBytes: value, timestamp, partition, offset } = context;
  const isError = error instanceof Error;
  const entries: [string, Uint8Array | null][] = Array.from(context.headers, ([name, bytes]) => {
    return [name, bytes];
  });
  const add = (name: string, text: string) => {
    entries.push([`__streams.errors.${name}`, new TextEncoder().encode(text)]);
  };
  add('exception', isError ? error.name : typeof error);
  add('message', reasonOf(error));
  add('stacktrace', isError ? (error.stack ?? '') : '');
  add('topic', context.topic);
  add('partition', String(partition));
  add('offset', String(offset));
  return { topic, key, value, timestamp, headers: new RecordHeaders(entries) };
}

const RETRY: ErrorResponse = { result: 'retry' };

/** No fault of the record: another attempt may succeed. */
function mayPass(error: unknown): boolean {
  return error instanceof KafkaError && error.retriable;
}

function sameForAll(result: ErrorResponse['result'], deadLetterTopic: string | null) {
  const respond = (context: ErrorContext, error: unknown): ErrorResponse => {
    if (deadLetterTopic === null) return { result };
    return { result, deadLetters: [deadLetterOf(deadLetterTopic, context, error)] };
  };
  return {
    deserialization: respond,
    processing: (context: ErrorContext, _record: unknown, error: unknown) =>
      respond(context, error),
    production: (context: ErrorContext, _record: unknown, error: unknown) =>
      mayPass(error) ? RETRY : respond(context, error),
  };
}
