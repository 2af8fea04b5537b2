import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import { ZERO_UUID } from '../../protocol/schema-dsl.ts';
import { answerError, throwAnswerError } from '../errors/kafka-error.ts';
import type { ClusterLink } from '../metadata/cluster-link.ts';
import { LANE } from '../net/lane.ts';
import { byTopic, partitionName, type TopicPartition } from '../topic-partition.ts';
import { type Batch, grouped, type Route, slices } from './route.ts';

/** Each partition to its leader, which is asked for anew in each attempt. */
export class LeaderRoute<At extends TopicPartition> implements Route<At> {
  readonly #link: ClusterLink;
  readonly #limit: number;

  /** `limit`: how many partitions the request takes at once. */
  constructor(link: ClusterLink, limit = Number.POSITIVE_INFINITY) {
    this.#link = link;
    this.#limit = limit;
  }

  async plan(keys: readonly At[], failures: Map<At, unknown>): Promise<Batch<At>[]> {
    const leaders = await this.#leaders(keys, failures);
    const { network } = this.#link;
    const batches: Batch<At>[] = [];
    for (const [id, list] of grouped(leaders.keys(), (at) => leaders.get(at)!)) {
      const connect = () => network.connect(id, LANE.CONTROL);
      batches.push(...slices(list, this.#limit).map((some) => ({ keys: some, connect })));
    }
    return batches;
  }

  async #leaders(keys: readonly At[], failures: Map<At, unknown>): Promise<Map<At, number>> {
    const { network } = this.#link;
    const connection = await network.any();
    const names = [...byTopic(keys).keys()];
    const answer = await connection.ask(API.METADATA, {
      topics: names.map((name) => ({ topicId: ZERO_UUID, name })),
      allowAutoTopicCreation: false,
    });
    throwAnswerError(answer.errorCode, null, 'metadata');
    network.setNodes(
      answer.brokers.map(({ nodeId: id, host, port, rack }) => ({ id, host, port, rack })),
    );
    const topics = new Map(answer.topics.map((topic) => [topic.name ?? '', topic]));
    const leaders = new Map<At, number>();
    for (const at of keys) {
      const topic = topics.get(at.topic);
      const found = topic?.partitions.find((each) => each.partitionIndex === at.partition);
      const leader = found?.leaderId ?? -1;
      if (leader >= 0) leaders.set(at, leader);
      else failures.set(at, noLeader(at, topic?.errorCode ?? ERROR.NONE, found !== undefined));
    }
    return leaders;
  }
}

function noLeader(at: TopicPartition, topicError: number, isThere: boolean) {
  const { topic, partition } = at;
  const subject = `partition ${partitionName(at)}`;
  const details = { topic, partition };
  if (isThere) return answerError(ERROR.LEADER_NOT_AVAILABLE, null, subject, details);
  const missing = ERROR.UNKNOWN_TOPIC_OR_PARTITION;
  const isMissing = topicError === ERROR.NONE || topicError === missing;
  if (isMissing) return answerError(missing, 'there is no such partition', subject, details);
  return answerError(topicError, null, subject, details);
}
