import { isCorrupt, MillraceError, reasonOf } from '../../base/errors.ts';
import { ERROR, errorName } from '../../base/kafka-errors.ts';
import { type Logger, RateLimitedLog } from '../../base/logger.ts';
import { type BrokerAddress, formatAddress, isSameAddress } from '../../client/broker-address.ts';
import { KafkaError } from '../../client/errors/kafka-error.ts';
import { BackOff } from '../../client/net/back-off.ts';
import type { ConnectionSettings } from '../../client/net/connection-settings.ts';
import { pause } from '../../client/net/pause.ts';
import type { FetchResponsePartitionData } from '../../protocol/schema/01-fetch.ts';
import { ControllerConnection } from './controller-connection.ts';
import type { PacedSink } from './metadata-sink.ts';
import { MetadataStream } from './metadata-stream.ts';
import { MetadataTail } from './metadata-tail.ts';
import { METADATA_TOPIC } from './metadata-topic.ts';
import { type LeaderAndEpoch, type NodeEndpoint, QuorumLeader } from './quorum-leader.ts';
import { downloadSnapshot, type SnapshotId } from './snapshot-download.ts';

export interface ObserverOptions {
  readonly bootstrap: readonly BrokerAddress[];
  readonly nodeId: number;
  readonly directoryId: string;
  readonly fetchBytesMax: number;
  readonly snapshotBytesMax: number;
  /** Without an answer for so long another controller is asked. */
  readonly fetchTimeoutMs: number;
  readonly retryMs: number;
  readonly retryMaxMs: number;
  readonly connections: ConnectionSettings;
  readonly sink: PacedSink;
  readonly logger: Logger;
}

const MAX_WAIT_MS = 500;
const LOG_INTERVAL_MS = 5000;
const UNKNOWN_WATERMARK = -1;
const NOT_SET = -1;

/**
 * Follows the metadata log of Kafka's controllers as an observer: finds the leader, fetches, and
 * hands what the quorum has committed to the sink.
 */
export class QuorumObserver {
  readonly #options: ObserverOptions;
  readonly #leader: QuorumLeader;
  readonly #tail = new MetadataTail();
  readonly #stream: MetadataStream;
  readonly #log: RateLimitedLog;
  readonly #backOff: BackOff;
  #connection: ControllerConnection | null = null;
  #clusterId = '';
  #highWatermark = UNKNOWN_WATERMARK;
  /** The high watermark that the leader told first. Before it is reached nothing is shown. */
  #catchUpTo = UNKNOWN_WATERMARK;

  constructor(options: ObserverOptions) {
    this.#options = options;
    this.#leader = new QuorumLeader(options.bootstrap);
    this.#stream = new MetadataStream(options.sink);
    this.#log = new RateLimitedLog(options.logger, LOG_INTERVAL_MS);
    this.#backOff = new BackOff(options.retryMs, options.retryMaxMs);
  }

  /** The controller that leads; null while none is known to. */
  get leaderAddress(): BrokerAddress | null {
    return this.#leader.address;
  }

  /** Resolves once the signal fires. Rejects where the log cannot be followed any more. */
  async run(signal: AbortSignal): Promise<void> {
    const onAbort = () => this.#connection?.close();
    signal.addEventListener('abort', onAbort);
    try {
      while (!signal.aborted) {
        try {
          const isAhead = await this.#step();
          if (isAhead) this.#backOff.reset();
          else await pause(this.#backOff.next(), signal);
        } catch (thrown) {
          if (isCorrupt(thrown)) throw thrown;
          if (!signal.aborted) this.#lose(thrown);
          await pause(this.#backOff.next(), signal);
        }
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      this.#connection?.close();
    }
  }

  /** One request. False where the next one should wait a little. */
  async #step(): Promise<boolean> {
    const connection = await this.#connect();
    const epoch = this.#leader.epoch;
    const answer = await connection.fetch(this.#request(), this.#options.fetchTimeoutMs);
    if (answer.errorCode !== ERROR.NONE) throw refusedBy(connection, answer.errorCode);
    const partition = answer.responses[0]?.partitions[0];
    if (partition === undefined) {
      throw new MillraceError('MILLRACE_PROTOCOL', 'a controller answered without the metadata');
    }
    const { currentLeader, errorCode } = partition;
    if (this.#learn(currentLeader, answer.nodeEndpoints) && errorCode !== ERROR.NONE) return true;
    if (errorCode !== ERROR.NONE || currentLeader.leaderEpoch < this.#leader.epoch) {
      return this.#goElsewhere(connection, errorCode);
    }
    return this.#take(connection, partition, epoch);
  }

  async #connect(): Promise<ControllerConnection> {
    const target =
      this.#connection?.isOpen === true && this.#leader.leaderId < 0
        ? this.#connection.address
        : this.#leader.target();
    if (this.#connection?.isOpen === true && isSameAddress(this.#connection.address, target)) {
      return this.#connection;
    }
    this.#connection?.close();
    this.#connection = null;
    const connection = await ControllerConnection.open(target, this.#options.connections);
    this.#connection = connection;
    const clusterId = await connection.clusterId();
    if (this.#clusterId === '') {
      this.#clusterId = clusterId;
      this.#options.sink.onCluster(clusterId);
    } else if (this.#clusterId !== clusterId) {
      const place = `the controller at ${formatAddress(target)} is of cluster ${clusterId}`;
      throw new MillraceError('MILLRACE_PROTOCOL', `${place}, not of ${this.#clusterId}`);
    }
    return connection;
  }

  #request() {
    const { nodeId, directoryId, fetchBytesMax } = this.#options;
    const partition = {
      partition: METADATA_TOPIC.PARTITION,
      currentLeaderEpoch: this.#leader.epoch,
      fetchOffset: this.#tail.endOffset,
      lastFetchedEpoch: this.#tail.lastEpoch,
      logStartOffset: NOT_SET,
      partitionMaxBytes: fetchBytesMax,
      replicaDirectoryId: directoryId,
      highWatermark: this.#highWatermark,
    };
    return {
      clusterId: this.#clusterId,
      replicaState: { replicaId: nodeId, replicaEpoch: NOT_SET },
      maxWaitMs: MAX_WAIT_MS,
      minBytes: 0,
      maxBytes: fetchBytesMax,
      isolationLevel: 0,
      topics: [{ topic: METADATA_TOPIC.NAME, topicId: METADATA_TOPIC.ID, partitions: [partition] }],
      forgottenTopicsData: [],
      rackId: '',
    };
  }

  #learn(leader: LeaderAndEpoch, endpoints: readonly NodeEndpoint[]): boolean {
    if (!this.#leader.learn(leader, endpoints)) return false;
    const { leaderId, epoch, address } = this.#leader;
    this.#options.sink.onLeader(leaderId, epoch, address);
    return true;
  }

  /** This controller does not lead, or does not know yet that another does. */
  #goElsewhere(connection: ControllerConnection, errorCode: number): boolean {
    const isLeader = isSameAddress(connection.address, this.#leader.target());
    if (!isLeader || errorCode !== ERROR.UNKNOWN_LEADER_EPOCH) {
      this.#leader.forget();
      connection.close();
    }
    return false;
  }

  async #take(
    connection: ControllerConnection,
    partition: FetchResponsePartitionData,
    epoch: number,
  ): Promise<boolean> {
    const { divergingEpoch, snapshotId, records, highWatermark } = partition;
    if (divergingEpoch.epoch >= 0) {
      this.#tail.truncate(divergingEpoch);
      return true;
    }
    if (snapshotId.endOffset >= 0) return this.#takeSnapshot(connection, snapshotId);
    if (records !== null) this.#tail.append(records, epoch);
    const reached = Math.min(highWatermark, this.#tail.endOffset);
    if (reached > this.#highWatermark) this.#highWatermark = reached;
    if (this.#catchUpTo < 0 && highWatermark >= 0) this.#catchUpTo = highWatermark;
    for (const batch of this.#tail.takeCommitted(this.#highWatermark)) {
      await this.#stream.take(batch);
    }
    const isCaughtUp = this.#catchUpTo >= 0 && this.#tail.committedEnd >= this.#catchUpTo;
    await this.#stream.flush(isCaughtUp);
    return true;
  }

  async #takeSnapshot(connection: ControllerConnection, id: SnapshotId): Promise<boolean> {
    if (id.endOffset < this.#tail.committedEnd) {
      const known = `although everything before ${this.#tail.committedEnd} is known`;
      const message = `the controllers name a snapshot that ends at ${id.endOffset}, ${known}`;
      throw new MillraceError('MILLRACE_CORRUPT', message);
    }
    const { nodeId, directoryId, snapshotBytesMax: maxBytes } = this.#options;
    const leaderEpoch = this.#leader.epoch;
    const who = { clusterId: this.#clusterId, nodeId, directoryId };
    const outcome = await downloadSnapshot(connection, { id, leaderEpoch, maxBytes, ...who });
    if ('refused' in outcome) {
      const { errorCode, topics, nodeEndpoints } = outcome.refused;
      const piece = topics[0]?.partitions[0];
      if (piece !== undefined) this.#learn(piece.currentLeader, nodeEndpoints);
      const code = errorCode === ERROR.NONE ? (piece?.errorCode ?? ERROR.NONE) : errorCode;
      this.#warn(
        'snapshot',
        `snapshot ${id.endOffset} of the metadata: ${errorName(code)}; fetching again`,
      );
      return false;
    }
    this.#options.logger.info(`the metadata starts from the snapshot at offset ${id.endOffset}`);
    const position = { offset: id.endOffset - 1, epoch: id.epoch, timestampMs: NOT_SET };
    await this.#stream.takeSnapshot(outcome.batches, position);
    this.#tail.startAt(id.endOffset, id.epoch);
    this.#highWatermark = id.endOffset;
    return true;
  }

  #lose(thrown: unknown): void {
    const kind = thrown instanceof KafkaError || thrown instanceof MillraceError ? thrown.code : '';
    this.#warn(kind, `the controllers cannot be followed: ${reasonOf(thrown)}; trying again`);
    this.#connection?.close();
    this.#connection = null;
    this.#leader.forget();
  }

  #warn(kind: string, text: string): void {
    this.#log.warn(kind, text, performance.now());
  }
}

function refusedBy({ address }: ControllerConnection, errorCode: number): MillraceError {
  const where = formatAddress(address);
  const message = `the controller at ${where} answered ${errorName(errorCode)}`;
  return new MillraceError('MILLRACE_REQUEST_FAILED', message);
}
