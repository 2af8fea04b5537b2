import { MillraceError } from '../base/errors.ts';
import { API } from '../protocol/api-keys.ts';
import type { FetchResponsePartitionData } from '../protocol/schema/01-fetch.ts';
import { lastOffset, wholeBatchSize } from '../records/batch-layout.ts';
import { hasValidCrc } from '../records/batch-validator.ts';
import { type DecodedRecord, decodeRecords } from '../records/record-iterator.ts';
import type { Cluster } from './cluster.ts';
import { groupByLeader, LEADER_TRANSIENT } from './leaders.ts';
import { refuseError } from './response-error.ts';
import { withRetries } from './retry.ts';
import { partitionName, type TopicPartition } from './topic-partition.ts';

export interface FetchPosition extends TopicPartition {
  readonly offset: number;
}

export interface FetchedRecords extends TopicPartition {
  readonly records: readonly DecodedRecord[];
  /** Where to go on; also past offsets that hold no record any more. */
  readonly nextOffset: number;
}

export interface FetchLimits {
  /** How long the broker may wait for records where it has none. */
  readonly maxWaitMs: number;
  readonly maxBytes: number;
}

const CONSUMER_REPLICA = -1;
/** The last version with topic names; ids take their place after it. */
const FETCH_BY_NAME = 12;
const NO_SESSION = 0;
const NO_SESSION_EPOCH = -1;

/** Reads records, whoever leads their partitions. Without a group and without a session. */
export class RecordFetcher {
  readonly #cluster: Cluster;

  constructor(cluster: Cluster) {
    this.#cluster = cluster;
  }

  /** One request to each leader at once. */
  fetch(positions: readonly FetchPosition[], limits: FetchLimits): Promise<FetchedRecords[]> {
    const retry = { codes: LEADER_TRANSIENT, limitMs: this.#cluster.requestTimeoutMs };
    return withRetries(retry, async () => {
      const byLeader = await groupByLeader(this.#cluster, positions);
      const asked = Array.from(byLeader, ([leader, led]) => this.#fetchAt(leader, led, limits));
      return (await Promise.all(asked)).flat();
    });
  }

  async #fetchAt(
    leader: number,
    positions: readonly FetchPosition[],
    limits: FetchLimits,
  ): Promise<FetchedRecords[]> {
    const connection = await this.#cluster.node(leader);
    const body = {
      replicaId: CONSUMER_REPLICA,
      maxWaitMs: limits.maxWaitMs,
      minBytes: 1,
      maxBytes: limits.maxBytes,
      isolationLevel: 0,
      sessionId: NO_SESSION,
      sessionEpoch: NO_SESSION_EPOCH,
      topics: positions.map(({ topic, partition, offset }) => ({
        topic,
        partitions: [{ partition, fetchOffset: offset, partitionMaxBytes: limits.maxBytes }],
      })),
      forgottenTopicsData: [],
    };
    const answer = await connection.ask(API.FETCH, body, {
      maxVersion: FETCH_BY_NAME,
      timeoutMs: limits.maxWaitMs + this.#cluster.requestTimeoutMs,
    });
    refuseError(answer.errorCode, null, 'fetch');
    const wanted = new Map(positions.map((each) => [partitionName(each), each.offset]));
    return answer.responses.flatMap(({ topic, partitions }) =>
      partitions.map((data) => {
        const at = { topic, partition: data.partitionIndex };
        return recordsFrom(at, data, wanted.get(partitionName(at)) ?? 0);
      }),
    );
  }
}

function recordsFrom(
  at: TopicPartition,
  data: FetchResponsePartitionData,
  offset: number,
): FetchedRecords {
  const name = partitionName(at);
  refuseError(data.errorCode, null, `partition ${name}, offset ${offset}`);
  const bytes = data.records;
  if (bytes === null || bytes.length === 0) return { ...at, records: [], nextOffset: offset };
  const nextOffset = checkBatches(name, bytes, offset);
  // A batch may begin before the offset that was asked for.
  const records = decodeRecords(bytes).filter((record) => record.offset >= offset);
  return { ...at, records, nextOffset };
}

/** The offset behind the last whole batch; throws where one is damaged. */
function checkBatches(name: string, bytes: Buffer, offset: number): number {
  let nextOffset = offset;
  let at = 0;
  for (;;) {
    const size = wholeBatchSize(bytes, at, bytes.length);
    if (size < 0 || (size > 0 && !hasValidCrc(bytes, at, size))) {
      const message = `partition ${name}: the batch after offset ${nextOffset} is damaged`;
      throw new MillraceError('MILLRACE_CORRUPT', message);
    }
    if (size === 0) return nextOffset;
    nextOffset = Math.max(nextOffset, lastOffset(bytes, at) + 1);
    at += size;
  }
}
