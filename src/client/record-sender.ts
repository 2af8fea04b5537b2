import { API } from '../protocol/api-keys.ts';
import type { Cluster } from './cluster.ts';
import { groupByLeader, LEADER_TRANSIENT } from './leaders.ts';
import { onlyAnswer } from './only-answer.ts';
import { ResponseError, refuseError } from './response-error.ts';
import { withRetries } from './retry.ts';
import { partitionName, type TopicPartition } from './topic-partition.ts';

const ACKS_ALL = -1;
/** The last version with topic names; ids take their place after it. */
const PRODUCE_BY_NAME = 12;

/** Appends finished batches, each acknowledged by all in-sync replicas. */
export class RecordSender {
  readonly #cluster: Cluster;
  readonly #leaders = new Map<string, number>();

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** Resolves with the offset of the batch's first record. */
  send(at: TopicPartition, batch: Buffer): Promise<number> {
    const retry = { codes: LEADER_TRANSIENT, limitMs: this.#cluster.requestTimeoutMs };
    return withRetries(retry, async () => {
      const name = partitionName(at);
      const leader = this.#leaders.get(name) ?? (await this.#findLeader(at));
      try {
        return await this.#sendTo(leader, at, batch);
      } catch (thrown) {
        if (thrown instanceof ResponseError) this.#leaders.delete(name);
        throw thrown;
      }
    });
  }

  async #sendTo(leader: number, at: TopicPartition, batch: Buffer): Promise<number> {
    const connection = await this.#cluster.node(leader);
    const { topic: name, partition: index } = at;
    const body = {
      transactionalId: null,
      acks: ACKS_ALL,
      timeoutMs: this.#cluster.requestTimeoutMs,
      topicData: [{ name, partitionData: [{ index, records: batch }] }],
    };
    const answer = await connection.ask(API.PRODUCE, body, { maxVersion: PRODUCE_BY_NAME });
    const subject = `partition ${partitionName(at)}`;
    const result = onlyAnswer(onlyAnswer(answer.responses, subject).partitionResponses, subject);
    refuseError(result.errorCode, result.errorMessage, subject);
    return result.baseOffset;
  }

  async #findLeader(at: TopicPartition): Promise<number> {
    const [leader = -1] = (await groupByLeader(this.#cluster, [at])).keys();
    this.#leaders.set(partitionName(at), leader);
    return leader;
  }
}
