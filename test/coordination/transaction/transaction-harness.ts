import type { TransactionSettings } from '../../../src/base/transaction-settings.ts';
import type { CoordinatorRecord, Effects } from '../../../src/coordination/effects.ts';
import type { MarkerWrite } from '../../../src/coordination/end-marker.ts';
import { DEFAULT_TRANSACTION_SETTINGS } from '../../../src/coordination/transaction/transaction-settings.ts';
import { TransactionShard } from '../../../src/coordination/transaction/transaction-shard.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import type { InitProducerIdResponse } from '../../../src/protocol/schema/22-init-producer-id.ts';
import type { AddPartitionsToTxnResponse } from '../../../src/protocol/schema/24-add-partitions-to-txn.ts';
import type { EndTxnResponse } from '../../../src/protocol/schema/26-end-txn.ts';
import type {
  DescribeTransactionsResponse,
  DescribeTransactionsResponseTransactionState,
} from '../../../src/protocol/schema/65-describe-transactions.ts';

export const START_MS = 1_700_000_000_000;
export const TIMEOUT_MS = 60_000;
/** A log that holds topic `t` with 3 partitions and the groups' topic with 50. */
const COUNTS: Readonly<Record<string, number>> = { t: 3, __consumer_offsets: 50 };

export interface Producer {
  readonly id: number;
  readonly epoch: number;
}

/** A shard with a clock moved by hand, a log kept in memory, and markers that are written by hand. */
export class TransactionHarness {
  settings: TransactionSettings;
  shard: TransactionShard;
  log: CoordinatorRecord[] = [];
  /** Asked for and not written yet. */
  markers: MarkerWrite[] = [];
  nextProducerId = 1000;
  wallMs = START_MS;
  nowMs = 5_000;
  #answer: object | null = null;

  constructor(settings: Partial<TransactionSettings> = {}) {
    this.settings = { ...DEFAULT_TRANSACTION_SETTINGS, ...settings };
    this.shard = this.#newShard();
    this.take(this.shard.onLoaded(this.nowMs, this.wallMs));
  }

  #newShard(): TransactionShard {
    const topics = { partitionCount: (name: string) => COUNTS[name] ?? 0 };
    const takeProducerId = () => (this.nextProducerId < 0 ? -1 : this.nextProducerId++);
    return new TransactionShard({ settings: this.settings, topics, takeProducerId }, 7);
  }

  take({ records, responses, markers }: Effects): void {
    this.log.push(...records);
    this.markers.push(...markers);
    this.#answer = responses[0]?.body ?? null;
  }

  call<T>(apiKey: number, version: number, request: object): T {
    const context = { clientId: '', clientHost: '' };
    const call = { ticket: 1, apiKey, version, request, context };
    this.take(this.shard.handle(call, this.nowMs, this.wallMs));
    return this.#answer as T;
  }

  initAnswer(believed: Partial<Producer> = {}, more: object = {}, version = 5) {
    return this.call<InitProducerIdResponse>(API.INIT_PRODUCER_ID, version, {
      transactionalId: 'x',
      transactionTimeoutMs: TIMEOUT_MS,
      producerId: believed.id ?? -1,
      producerEpoch: believed.epoch ?? -1,
      enable2Pc: false,
      keepPreparedTxn: false,
      ...more,
    });
  }

  init(believed: Partial<Producer> = {}): Producer {
    const { errorCode, producerId, producerEpoch } = this.initAnswer(believed);
    if (errorCode !== 0) throw new Error(`InitProducerId was refused with ${errorCode}`);
    return { id: producerId, epoch: producerEpoch };
  }

  /** As a broker sends it for a client of version 2. The error of the first partition. */
  add({ id, epoch }: Producer, partitions: readonly number[] = [0], verifyOnly = false): number {
    const topics = [{ name: 't', partitions: [...partitions] }];
    const one = { transactionalId: 'x', producerId: id, producerEpoch: epoch, verifyOnly, topics };
    const answer = this.call<AddPartitionsToTxnResponse>(API.ADD_PARTITIONS_TO_TXN, 5, {
      transactions: [one],
    });
    const [result] = answer.resultsByTransaction[0]!.topicResults;
    return result!.resultsByPartition[0]!.partitionErrorCode;
  }

  /** As a client of version 1 sends it. */
  addAsClient({ id, epoch }: Producer, partitions: readonly number[] = [0], version = 3): number {
    const answer = this.call<AddPartitionsToTxnResponse>(API.ADD_PARTITIONS_TO_TXN, version, {
      v3AndBelowTransactionalId: 'x',
      v3AndBelowProducerId: id,
      v3AndBelowProducerEpoch: epoch,
      v3AndBelowTopics: [{ name: 't', partitions: [...partitions] }],
    });
    return answer.resultsByTopicV3AndBelow[0]!.resultsByPartition[0]!.partitionErrorCode;
  }

  end({ id, epoch }: Producer, committed: boolean, version = 5): EndTxnResponse {
    const producer = { producerId: id, producerEpoch: epoch };
    return this.call(API.END_TXN, version, { transactionalId: 'x', ...producer, committed });
  }

  /** The outcome of every marker that is asked for. */
  writeMarkers(errorCode = 0): void {
    const markers = this.markers;
    this.markers = [];
    for (const marker of markers) {
      this.take(this.shard.onMarkerWritten(marker, errorCode, this.nowMs, this.wallMs));
    }
  }

  describe(transactionalId = 'x'): DescribeTransactionsResponseTransactionState {
    const request = { transactionalIds: [transactionalId] };
    const answer = this.call<DescribeTransactionsResponse>(API.DESCRIBE_TRANSACTIONS, 0, request);
    return answer.transactionStates[0]!;
  }

  /** Moves both clocks, ticking at every deadline on the way. */
  advance(ms: number): void {
    const endMs = this.nowMs + ms;
    while (this.shard.nextDeadlineMs() <= endMs) {
      const stepMs = Math.max(this.shard.nextDeadlineMs() - this.nowMs, 0);
      this.nowMs += stepMs;
      this.wallMs += stepMs;
      this.take(this.shard.tick(this.nowMs, this.wallMs));
    }
    this.wallMs += endMs - this.nowMs;
    this.nowMs = endMs;
  }

  /** Loads the log into a fresh shard. Markers that were asked for are lost. */
  restart(): void {
    this.shard = this.#newShard();
    this.markers = [];
    for (const { key, value } of this.log) this.shard.replay(key, value);
    this.take(this.shard.onLoaded(this.nowMs, this.wallMs));
  }

  /** Starts over with a producer whose epoch is this one. */
  startAt(epoch: number): Producer {
    const producer = this.init();
    const last = this.log.at(-1)!;
    const value = Buffer.from(last.value!);
    // A value begins with its version, which the producer id and the epoch follow.
    value.writeInt16BE(epoch, 2 + 8);
    this.log.push({ key: last.key, value });
    this.restart();
    return { id: producer.id, epoch };
  }
}
