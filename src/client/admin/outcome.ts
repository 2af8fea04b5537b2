import { ERROR } from '../../base/kafka-errors.ts';
import { answerError, KafkaError, type KafkaErrorDetails } from '../errors/kafka-error.ts';
import { partitionName, type TopicPartition } from '../topic-partition.ts';

/** What became of one resource: its value, or the error that is its alone. */
export type Outcome<Value> = Value | KafkaError;

/** What became of each resource, in the order in which they were named. */
export type Outcomes<Key, Value> = ReadonlyMap<Key, Outcome<Value>>;

/** What became of one partition. */
export interface PartitionOutcome<Value> extends TopicPartition {
  readonly outcome: Outcome<Value>;
}

/** The value; throws where it is an error or missing. */
export function required<Value>(outcome: Outcome<Value> | undefined): Value {
  if (outcome instanceof KafkaError) throw outcome;
  if (outcome === undefined) {
    throw new KafkaError('BAD_ARGUMENT', 'the call was not about this resource');
  }
  return outcome;
}

/** All values; throws the first error. */
export function allRequired<Value>(outcomes: ReadonlyMap<unknown, Outcome<Value>>): Value[] {
  return Array.from(outcomes.values(), (outcome) => required(outcome));
}

/** What a broker's answer about `subject` comes to. */
export function outcomeOf<Value>(
  errorCode: number,
  text: string | null,
  subject: string,
  value: () => Value,
  details: KafkaErrorDetails = {},
): Outcome<Value> {
  return errorCode === ERROR.NONE ? value() : answerError(errorCode, text, subject, details);
}

/** The same about a partition, which the error names. */
export function partitionOutcomeOf<Value>(
  at: TopicPartition,
  errorCode: number,
  text: string | null,
  value: () => Value,
): Outcome<Value> {
  const { topic, partition } = at;
  const details = { topic, partition };
  return outcomeOf(errorCode, text, partitionText(at), value, details);
}

/** A map by the partitions that were asked about as a list. */
export function partitionOutcomes<Value>(
  outcomes: ReadonlyMap<TopicPartition, Outcome<Value>>,
): PartitionOutcome<Value>[] {
  return Array.from(outcomes, ([{ topic, partition }, outcome]) => ({ topic, partition, outcome }));
}

/** The partitions by name, each once, to find those that an answer is about. */
export function partitionsByName<At extends TopicPartition>(
  partitions: readonly At[],
): Map<string, At> {
  return new Map(partitions.map((at) => [partitionName(at), at]));
}

/** A partition in the words of errors. */
export function partitionText(at: TopicPartition): string {
  return `partition ${partitionName(at)}`;
}
