import type { BrokerConfig } from './broker-config.ts';

/** How a follower fetches from its leaders. */
export interface ReplicaFetchSettings {
  readonly partitionBytesMax: number;
  readonly answerBytesMax: number;
  readonly bytesMin: number;
  readonly waitMaxMs: number;
  /** After a fetch that failed. */
  readonly backOffMs: number;
  /** A leader that does not answer for so long is asked over another connection. */
  readonly timeoutMs: number;
  /** A leader that cannot be connected for so long is tried again. */
  readonly connectTimeoutMs: number;
  /** Connections to each leader, which share its partitions. */
  readonly fetchers: number;
}

export const REPLICA_FETCH_PROPERTIES: readonly string[] = [
  'replica.fetch.max.bytes',
  'replica.fetch.response.max.bytes',
  'replica.fetch.min.bytes',
  'replica.fetch.wait.max.ms',
  'replica.fetch.backoff.ms',
  'replica.socket.timeout.ms',
  'socket.connection.setup.timeout.ms',
  'num.replica.fetchers',
  'follower.replication.throttled.rate',
];

export function replicaFetchSettings(config: BrokerConfig): ReplicaFetchSettings {
  return {
    partitionBytesMax: config.number('replica.fetch.max.bytes'),
    answerBytesMax: config.number('replica.fetch.response.max.bytes'),
    bytesMin: config.number('replica.fetch.min.bytes'),
    waitMaxMs: config.number('replica.fetch.wait.max.ms'),
    backOffMs: config.number('replica.fetch.backoff.ms'),
    timeoutMs: config.number('replica.socket.timeout.ms'),
    connectTimeoutMs: config.number('socket.connection.setup.timeout.ms'),
    fetchers: config.number('num.replica.fetchers'),
  };
}
