import { ERROR } from '../../base/kafka-errors.ts';
import type { RecordRejection } from '../../base/record-rejection.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  ProduceRequest,
  ProduceRequestPartitionProduceData,
  ProduceRequestTopicProduceData,
  ProduceResponse,
  ProduceResponsePartitionProduceResponse,
} from '../../protocol/schema/00-produce.ts';
import type { Unthrottled } from '../../protocol/throttle-time.ts';
import {
  BATCH_HEADER_SIZE,
  codecId,
  isTransactional,
  MAGIC_V2,
  magic,
  producerId,
} from '../../records/batch-layout.ts';
import { CODEC } from '../../records/codec-ids.ts';
import type { Call } from '../net/call.ts';
import { LeaderHints, NO_LEADER_HINT } from '../net/leader-hints.ts';
import { errorOfPartition } from '../partitions/partition-errors.ts';
import type { PartitionMirror } from '../partitions/partition-mirror.ts';
import type { TopicMirror } from '../partitions/topic-mirror.ts';
import type { AppendWaiter } from '../partitions/workers.ts';
import type { Services } from '../requests/front-services.ts';
import { ANSWERED_LATER, type Handler } from '../requests/handler.ts';
import { forEach, forRequest } from '../requests/needed-action.ts';

type ServiceName =
  | 'partitions'
  | 'workers'
  | 'recompression'
  | 'kafka'
  | 'replies'
  | 'metadata'
  | 'endpoints'
  | 'transactionWriters'
  | 'transactions'
  | 'rights'
  | 'throttling';
type Needed = Services<ServiceName>;

const TOPIC_IDS_SINCE = 13;
const ZSTD_SINCE = 7;
const LEADER_HINTS_SINCE = 10;
const NO_OFFSET = -1;
const ACKS_ALL = -1;

/**
 * Produce (0), versions 3 to 13; ApiVersions says from 0, or librdkafka does not compress
 * (KAFKA-18659). Requests of one connection overlap: each partition's appends go into its worker's
 * ring in the order of the requests.
 */
export const produce: Handler<ProduceRequest, ProduceResponse, ServiceName> = {
  key: API.PRODUCE,
  versions: '3-13',
  needs: [forEach('WRITE', 'TOPIC'), forRequest('WRITE', 'TRANSACTIONAL_ID')],
  advertisedFrom: 0,
  overlaps: true,
  appends: true,
  handle(request, call, services) {
    const wait = new ProduceWait(call, request, services);
    wait.start(request);
    return ANSWERED_LATER;
  },
};

function outcome(
  index: number,
  errorCode: number,
): Unthrottled<ProduceResponsePartitionProduceResponse> {
  return {
    index,
    errorCode,
    baseOffset: NO_OFFSET,
    logAppendTimeMs: -1,
    logStartOffset: NO_OFFSET,
    recordErrors: [],
    errorMessage: null,
    currentLeader: NO_LEADER_HINT,
  };
}

/** One request. It is answered when the appends to all its partitions have ended. */
class ProduceWait implements AppendWaiter {
  readonly #call: Call;
  readonly #acks: number;
  readonly #services: Needed;
  readonly #response: Unthrottled<ProduceResponse> = { responses: [], nodeEndpoints: [] };
  readonly #outcomes: ProduceResponsePartitionProduceResponse[] = [];
  readonly #transactionalId: string | null;
  /** The partitions and producers of transactional batches, by their indexes; null for none. */
  #transactional: Map<number, readonly [PartitionMirror, number]> | null = null;
  #ticket = -1;
  /** One more than the appends on their way until `start` has sent all. */
  #waiting = 1;
  /** Other nodes lead some of its partitions. */
  #namesLeaders = false;
  /** Replicas of other nodes must have some of it. */
  #waitsForReplicas = false;
  #timer: NodeJS.Timeout | null = null;
  #isAnswered = false;

  constructor(call: Call, { acks, transactionalId }: ProduceRequest, services: Needed) {
    this.#call = call;
    this.#acks = acks;
    this.#transactionalId = transactionalId;
    this.#services = services;
  }

  start(request: ProduceRequest): void {
    this.#ticket = this.#services.workers.takeAppendTicket(this);
    const refusal = refusalOf(request) || this.#refusalOfTransaction(request);
    for (const data of request.topicData) this.#startTopic(data, refusal);
    if (this.#acks === 0) {
      this.#services.throttling.produced(this.#call, false);
      this.#call.replyNothing();
    }
    if (this.#waitsForReplicas) this.#limitWait(request.timeoutMs);
    this.#countDown();
  }

  /** Replicas may never have it. The append is not taken back, and its ticket stays in use. */
  #limitWait(timeoutMs: number): void {
    this.#timer = setTimeout(() => this.#answer(), Math.max(0, timeoutMs));
    this.#call.onHurried = () => this.#answer();
  }

  #startTopic(data: ProduceRequestTopicProduceData, refusal: number): void {
    const { partitions } = this.#services;
    const byId = this.#call.apiVersion >= TOPIC_IDS_SINCE;
    const topic = byId ? partitions.topicById(data.topicId) : partitions.topicByName(data.name);
    const partitionResponses: ProduceResponsePartitionProduceResponse[] = [];
    this.#response.responses.push({ name: data.name, topicId: data.topicId, partitionResponses });
    const isAllowed = this.#mayWrite(topic?.name ?? data.name);
    const unknown = byId ? ERROR.UNKNOWN_TOPIC_ID : ERROR.UNKNOWN_TOPIC_OR_PARTITION;
    for (const partition of data.partitionData) {
      const result = outcome(partition.index, refusal);
      partitionResponses.push(result);
      this.#outcomes.push(result);
      if (refusal !== 0) continue;
      if (!isAllowed && (topic !== undefined || !byId)) {
        result.errorCode = ERROR.TOPIC_AUTHORIZATION_FAILED;
      } else if (topic === undefined) result.errorCode = unknown;
      else this.#setError(result, this.#startPartition(topic, partition));
    }
  }

  #mayWrite(topic: string): boolean {
    return this.#services.rights.allows(this.#call, 'WRITE', 'TOPIC', topic);
  }

  #refusalOfTransaction(request: ProduceRequest): number {
    const { transactionalId } = request;
    const { rights } = this.#services;
    if (transactionalId === null || !rights.areChecked || !hasTransactionalBatch(request)) return 0;
    if (rights.allows(this.#call, 'WRITE', 'TRANSACTIONAL_ID', transactionalId)) return 0;
    return ERROR.TRANSACTIONAL_ID_AUTHORIZATION_FAILED;
  }

  #startPartition(topic: TopicMirror, data: ProduceRequestPartitionProduceData): number {
    const mirror = topic.partitions[data.index];
    if (mirror === undefined) return ERROR.UNKNOWN_TOPIC_OR_PARTITION;
    if (topic.internal) return ERROR.INVALID_TOPIC_EXCEPTION;
    const error = errorOfPartition(mirror);
    if (error !== 0 || mirror === null) return error;
    if (data.records === null) return ERROR.INVALID_RECORD;
    const index = this.#outcomes.length - 1;
    this.#waiting++;
    if (mirror.isShared && this.#acks === ACKS_ALL) {
      this.#waitsForReplicas = true;
      this.#outcomes[index]!.errorCode = ERROR.REQUEST_TIMED_OUT;
    }
    const { apiVersion } = this.#call;
    if (!this.#services.recompression.concerns(topic, mirror, data.records)) {
      this.#append(mirror, index, apiVersion, data.records);
    } else if (apiVersion < ZSTD_SINCE && isZstd(data.records)) {
      this.onAppended(index, ERROR.UNSUPPORTED_COMPRESSION_TYPE, NO_OFFSET, -1, NO_OFFSET);
    } else {
      this.#recompress(topic, mirror, index, data.records);
    }
    return this.#outcomes[index]!.errorCode;
  }

  #append(mirror: PartitionMirror, index: number, version: number, records: Buffer): void {
    if (this.#transactionalId !== null && isOfTransaction(records)) {
      this.#appendToTransaction(mirror, index, version, this.#transactionalId, records);
      return;
    }
    const { worker, slot } = mirror;
    this.#services.workers.append(worker, slot, this.#ticket, index, this.#acks, version, records);
  }

  /** The first batch waits for the coordinator of the transaction. */
  #appendToTransaction(
    mirror: PartitionMirror,
    index: number,
    version: number,
    transactionalId: string,
    records: Buffer,
  ): void {
    const { worker, slot } = mirror;
    const { workers, transactions, transactionWriters } = this.#services;
    const id = producerId(records, 0);
    this.#transactional ??= new Map();
    this.#transactional.set(index, [mirror, id]);
    const write = {
      mirror,
      transactionalId,
      version: this.#call.apiVersion,
      append: (passed: Buffer, guard: number) => {
        transactionWriters.note(id, transactionalId, this.#call);
        workers.append(worker, slot, this.#ticket, index, this.#acks, version, passed, guard);
      },
      refuse: (error: number) => {
        this.onAppended(index, error, NO_OFFSET, -1, mirror.logStartOffset);
      },
    };
    transactions.writes.write(write, records);
  }

  #recompress(topic: TopicMirror, mirror: PartitionMirror, index: number, records: Buffer): void {
    this.#services.recompression.run(topic, mirror, records, {
      onRebuilt: (error, rebuilt, rejection) => {
        // The stored batch is not what the client sent, so the request's version does not limit it.
        const version = Math.max(this.#call.apiVersion, ZSTD_SINCE);
        if (rejection !== null) this.onRecordsRefused(index, rejection);
        if (error === 0) this.#append(mirror, index, version, rebuilt);
        else this.onAppended(index, error, NO_OFFSET, -1, mirror.logStartOffset);
        this.#services.kafka.resumeStalled();
      },
      onDefect: () => this.#call.cut('produced a batch whose append failed', 'failed'),
    });
  }

  onRecordsRefused(index: number, { errorMessage, recordErrors }: RecordRejection): void {
    const result = this.#outcomes[index]!;
    result.errorMessage = errorMessage;
    result.recordErrors = [...recordErrors];
  }

  onAppended(
    index: number,
    error: number,
    baseOffset: number,
    appendTimeMs: number,
    logStartOffset: number,
  ): void {
    const result = this.#outcomes[index]!;
    this.#setError(result, error);
    const written = error === 0 ? undefined : this.#transactional?.get(index);
    if (written !== undefined) this.#services.transactions.writes.onRefused(...written);
    if (error === 0) {
      result.baseOffset = baseOffset;
      result.logAppendTimeMs = appendTimeMs;
    }
    if (error === 0 || result.errorMessage !== null) result.logStartOffset = logStartOffset;
    this.#countDown();
  }

  #setError(result: ProduceResponsePartitionProduceResponse, error: number): void {
    result.errorCode = error;
    if (error === ERROR.NOT_LEADER_OR_FOLLOWER) this.#namesLeaders = true;
  }

  #countDown(): void {
    if (--this.#waiting > 0) return;
    this.#services.workers.giveBackAppendTicket(this.#ticket);
    if (this.#acks === 0) {
      this.#closeOnError();
      return;
    }
    this.#answer();
  }

  /** Once: what has not ended by now has timed out. */
  #answer(): void {
    if (this.#isAnswered) return;
    this.#isAnswered = true;
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#services.throttling.produced(this.#call, true);
    if (this.#namesLeaders && this.#call.apiVersion >= LEADER_HINTS_SINCE) this.#nameLeaders();
    this.#services.replies.reply(this.#call, this.#response);
  }

  #nameLeaders(): void {
    const hints = new LeaderHints(this.#call, this.#services);
    for (const { name, topicId, partitionResponses } of this.#response.responses) {
      for (const result of partitionResponses) {
        if (result.errorCode !== ERROR.NOT_LEADER_OR_FOLLOWER) continue;
        result.currentLeader = hints.leaderOf(name, topicId, result.index);
      }
    }
    this.#response.nodeEndpoints = hints.nodeEndpoints;
  }

  /** With acks=0 a closed connection is the only way to make the client look at its metadata. */
  #closeOnError(): void {
    const failed = this.#outcomes.find((result) => result.errorCode !== 0);
    if (failed === undefined) return;
    const { errorCode } = failed;
    this.#call.cut(`produced with acks=0 what cannot be appended: error ${errorCode}`, 'failed');
  }
}

function isZstd(records: Buffer): boolean {
  return records.length >= BATCH_HEADER_SIZE && codecId(records, 0) === CODEC.ZSTD;
}

function refusalOf(request: ProduceRequest): number {
  if (request.acks < -1 || request.acks > 1) return ERROR.INVALID_REQUIRED_ACKS;
  const needsTransactionalId = request.transactionalId === null && hasTransactionalBatch(request);
  return needsTransactionalId ? ERROR.TRANSACTIONAL_ID_AUTHORIZATION_FAILED : 0;
}

function isOfTransaction(records: Buffer): boolean {
  if (records.length < BATCH_HEADER_SIZE || magic(records, 0) !== MAGIC_V2) return false;
  return isTransactional(records, 0);
}

function hasTransactionalBatch(request: ProduceRequest): boolean {
  for (const { partitionData } of request.topicData) {
    for (const { records } of partitionData) {
      if (records !== null && isOfTransaction(records)) return true;
    }
  }
  return false;
}
