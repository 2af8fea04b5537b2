import { API } from '../protocol/api-keys.ts';
import type { Cluster } from './cluster.ts';
import { findLeaders, groupByLeader, LEADER_TRANSIENT } from './leaders.ts';
import { refuseError } from './response-error.ts';
import { withRetries } from './retry.ts';
import { byTopic, partitionName, type TopicPartition } from './topic-partition.ts';

/** Timestamps with which Kafka means a position in the log. */
export const OFFSET_AT = { LATEST: -1, EARLIEST: -2, MAX_TIMESTAMP: -3 } as const;

export interface FoundOffset extends TopicPartition {
  /** -1 where no record is as new as was asked for. */
  readonly offset: number;
  readonly timestamp: number;
}

const CONSUMER_REPLICA = -1;
const READ_UNCOMMITTED = 0;

/** Offsets by time, from the leaders of the partitions. */
export class OffsetAdmin {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** The offsets of the first records at or after a time, or at one of OFFSET_AT. */
  list(partitions: readonly TopicPartition[], timestampMs: number): Promise<FoundOffset[]> {
    const retry = { codes: LEADER_TRANSIENT, limitMs: this.#cluster.requestTimeoutMs };
    return withRetries(retry, async () => {
      const found: FoundOffset[] = [];
      for (const [leader, led] of await groupByLeader(this.#cluster, partitions)) {
        found.push(...(await this.#listAt(leader, led, timestampMs)));
      }
      return found;
    });
  }

  /** The partitions that exist now. */
  async existing<T extends TopicPartition>(partitions: readonly T[]): Promise<T[]> {
    const leaders = await findLeaders(this.#cluster, partitions);
    return partitions.filter((each) => leaders.has(partitionName(each)));
  }

  async #listAt(
    leader: number,
    partitions: readonly TopicPartition[],
    timestamp: number,
  ): Promise<FoundOffset[]> {
    const connection = await this.#cluster.node(leader);
    const topics = Array.from(byTopic(partitions), ([name, list]) => ({
      name,
      partitions: list.map(({ partition }) => ({ partitionIndex: partition, timestamp })),
    }));
    const answer = await connection.ask(API.LIST_OFFSETS, {
      replicaId: CONSUMER_REPLICA,
      isolationLevel: READ_UNCOMMITTED,
      topics,
      timeoutMs: this.#cluster.requestTimeoutMs,
    });
    return answer.topics.flatMap(({ name, partitions: list }) =>
      list.map((each) => {
        const at = { topic: name, partition: each.partitionIndex };
        refuseError(each.errorCode, null, `partition ${partitionName(at)}`);
        return { ...at, offset: each.offset, timestamp: each.timestamp };
      }),
    );
  }
}
