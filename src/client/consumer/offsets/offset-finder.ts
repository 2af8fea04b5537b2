import { API } from '../../../protocol/api-keys.ts';
import { answerError, KafkaError, toKafkaError } from '../../errors/kafka-error.ts';
import type { ClusterLink } from '../../metadata/cluster-link.ts';
import { abortable } from '../../net/abortable.ts';
import { BackOff } from '../../net/back-off.ts';
import { LANE } from '../../net/lane.ts';
import { pause } from '../../net/pause.ts';
import { byTopic, partitionName, type TopicPartition } from '../../topic-partition.ts';

export interface WantedOffset extends TopicPartition {
  /** In milliseconds, or one of END. */
  readonly time: number;
}

/** The first record that is as new as a time. */
export interface FoundOffset extends TopicPartition {
  /** -1 where no record is as new as the time. */
  readonly offset: number;
  readonly timestamp: number;
  readonly leaderEpoch: number;
  readonly error: KafkaError | null;
}

/** Asks the leaders of partitions for offsets by time. */
export class OffsetFinder {
  readonly #link: ClusterLink;
  readonly #isolationLevel: number;

  constructor(link: ClusterLink, readsCommitted: boolean) {
    this.#link = link;
    this.#isolationLevel = readsCommitted ? 1 : 0;
  }

  /** One attempt. Each partition has its own error. */
  async tryFind(wanted: readonly WantedOffset[]): Promise<FoundOffset[]> {
    const byLeader = new Map<number, WantedOffset[]>();
    for (const each of wanted) {
      const leader =
        this.#link.metadata.topic(each.topic)?.partitions[each.partition]?.leader ?? -1;
      const list = byLeader.get(leader);
      if (list === undefined) byLeader.set(leader, [each]);
      else list.push(each);
    }
    const asked = Array.from(byLeader, ([leader, list]) => this.#askLeader(leader, list));
    return (await Promise.all(asked)).flat();
  }

  /** All of them, with attempts until the time is over. Throws the first error that stays. */
  async find(
    wanted: readonly WantedOffset[],
    timeoutMs: number,
    signal?: AbortSignal,
  ): Promise<FoundOffset[]> {
    const { settings, metadata } = this.#link;
    const endMs = performance.now() + timeoutMs;
    const backOff = new BackOff(settings.retryBackoffMs, settings.retryBackoffMaxMs);
    for (const topic of byTopic(wanted).keys()) {
      await metadata.requireTopic(topic, { timeoutMs, signal });
    }
    for (;;) {
      const found = await abortable(this.tryFind(wanted), signal, 'the search for offsets');
      const error = found.find((each) => each.error !== null)?.error ?? null;
      if (error === null) return found;
      const pauseMs = backOff.next();
      if (!error.retriable || performance.now() + pauseMs > endMs) throw error;
      metadata.invalidate();
      await pause(pauseMs, signal);
    }
  }

  async #askLeader(leader: number, wanted: readonly WantedOffset[]): Promise<FoundOffset[]> {
    try {
      if (leader < 0) throw new KafkaError('LEADER_NOT_AVAILABLE', 'it has no leader now');
      return await this.#answersOf(leader, wanted);
    } catch (thrown) {
      const error = toKafkaError(thrown, 'NETWORK_EXCEPTION');
      return wanted.map((each) => notFound(each, error));
    }
  }

  async #answersOf(leader: number, wanted: readonly WantedOffset[]): Promise<FoundOffset[]> {
    const { network, metadata, settings } = this.#link;
    const connection = await network.connect(leader, LANE.GROUP);
    const answer = await connection.ask(API.LIST_OFFSETS, {
      replicaId: -1,
      isolationLevel: this.#isolationLevel,
      timeoutMs: settings.requestTimeoutMs,
      topics: Array.from(byTopic(wanted), ([name, list]) => ({
        name,
        partitions: list.map(({ partition: partitionIndex, time: timestamp }) => ({
          partitionIndex,
          timestamp,
          currentLeaderEpoch: metadata.topic(name)?.partitions[partitionIndex]?.leaderEpoch ?? -1,
        })),
      })),
    });
    const found = new Map<string, FoundOffset>();
    for (const { name: topic, partitions } of answer.topics) {
      for (const each of partitions) {
        const { partitionIndex: partition, errorCode, offset, timestamp, leaderEpoch } = each;
        const at = { topic, partition };
        const name = partitionName(at);
        const error =
          errorCode === 0 ? null : answerError(errorCode, null, `partition ${name}`, at);
        found.set(name, { ...at, offset, timestamp, leaderEpoch, error });
      }
    }
    const missing = new KafkaError('MALFORMED_ANSWER', 'the broker left out a partition');
    return wanted.map((each) => found.get(partitionName(each)) ?? notFound(each, missing));
  }
}

function notFound({ topic, partition }: TopicPartition, error: KafkaError): FoundOffset {
  return { topic, partition, offset: -1, timestamp: -1, leaderEpoch: -1, error };
}
