import { ERROR } from '../../base/kafka-errors.ts';
import { answerError, type KafkaError } from '../errors/kafka-error.ts';
import type { Metadata } from '../metadata/metadata.ts';

/** What asking again does not help against. A topic that is not there yet may come. */
const REFUSALS: readonly number[] = [
  ERROR.TOPIC_AUTHORIZATION_FAILED,
  ERROR.INVALID_TOPIC_EXCEPTION,
];

/** The error of a topic that the brokers refuse to tell of; null where there is none. */
export function refusedTopic(metadata: Metadata): KafkaError | null {
  for (const { name: topic, errorCode } of metadata.topics()) {
    if (!REFUSALS.includes(errorCode)) continue;
    return answerError(errorCode, null, `topic ${topic}`, { topic });
  }
  return null;
}
