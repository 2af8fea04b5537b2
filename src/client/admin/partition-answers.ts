import { KafkaError } from '../errors/kafka-error.ts';
import { partitionName, type TopicPartition } from '../topic-partition.ts';
import {
  type Outcome,
  type PartitionOutcome,
  partitionOutcomeOf,
  partitionsByName,
} from './outcome.ts';

/** What an answer says of one partition. */
export interface PartitionAnswer extends TopicPartition {
  readonly errorCode: number;
  readonly errorMessage?: string | null;
}

interface AnsweredTopic<Answer> {
  readonly name: string;
  readonly partitions: readonly Answer[];
}

/** The partitions of an answer, which has them by topic, with the names of their topics. */
export function answeredIn<Answer extends { readonly partitionIndex: number }>(
  topics: readonly AnsweredTopic<Answer>[],
): (Answer & TopicPartition)[] {
  return topics.flatMap(({ name: topic, partitions }) =>
    partitions.map((answer) => ({ ...answer, topic, partition: answer.partitionIndex })),
  );
}

/** What became of the partitions that were asked about; others in the answer are not minded. */
export function settlePartitions<At extends TopicPartition, Answer extends PartitionAnswer, Value>(
  asked: readonly At[],
  answers: readonly Answer[],
  outcomes: Map<At, Outcome<Value>>,
  read: (answer: Answer) => Value,
): void {
  const byName = partitionsByName(asked);
  for (const answer of answers) {
    const at = byName.get(partitionName(answer));
    if (at === undefined) continue;
    const { errorCode, errorMessage = null } = answer;
    const value = () => read(answer);
    outcomes.set(at, partitionOutcomeOf(at, errorCode, errorMessage, value));
  }
}

/** The same as a list with each partition that was asked about. */
export function outcomesOfChange(
  asked: readonly TopicPartition[],
  answers: readonly PartitionAnswer[],
): PartitionOutcome<null>[] {
  const outcomes = new Map<TopicPartition, Outcome<null>>();
  settlePartitions(asked, answers, outcomes, () => null);
  return Array.from(partitionsByName(asked), ([name, at]) => {
    const { topic, partition } = at;
    const outcome = outcomes.get(at);
    if (outcome !== undefined) return { topic, partition, outcome };
    const text = `the broker did not answer about partition ${name}`;
    return {
      topic,
      partition,
      outcome: new KafkaError('MALFORMED_ANSWER', text, { topic, partition }),
    };
  });
}
