import { ERROR } from '../../src/base/kafka-errors.ts';
import { API } from '../../src/protocol/api-keys.ts';
import type { EndTxnResponse } from '../../src/protocol/schema/26-end-txn.ts';
import { buildBatch } from '../../src/records/batch-builder.ts';
import { until } from '../support/until.ts';
import type { WireClient } from '../support/wire-client.ts';
import { send } from '../support/wire-requests.ts';

const TRANSACTION = 1;
const TIMEOUT_MS = 60_000;

/** Errors after which a client asks again. */
const PASSING: ReadonlySet<number> = new Set([
  ERROR.CONCURRENT_TRANSACTIONS,
  ERROR.COORDINATOR_LOAD_IN_PROGRESS,
  ERROR.COORDINATOR_NOT_AVAILABLE,
  ERROR.NOT_COORDINATOR,
]);

/** A transactional producer made of single requests. */
export class TransactionalClient {
  readonly client: WireClient;
  readonly transactionalId: string;
  producerId = -1;
  epoch = -1;
  sequence = 0;

  constructor(client: WireClient, transactionalId: string) {
    this.client = client;
    this.transactionalId = transactionalId;
  }

  /** FindCoordinator and InitProducerId, until the coordinator is ready. */
  async start(): Promise<void> {
    await this.client.ask(API.FIND_COORDINATOR, 4, {
      keyType: TRANSACTION,
      coordinatorKeys: [this.transactionalId],
    });
    await until('InitProducerId', async () => {
      const answer = await this.client.ask(API.INIT_PRODUCER_ID, 5, {
        transactionalId: this.transactionalId,
        transactionTimeoutMs: TIMEOUT_MS,
      });
      if (PASSING.has(answer.errorCode)) return false;
      if (answer.errorCode !== 0) throw new Error(`InitProducerId: error ${answer.errorCode}`);
      this.producerId = answer.producerId;
      this.epoch = answer.producerEpoch;
      this.sequence = 0;
      return true;
    });
  }

  batch(text: string): Buffer {
    const { producerId, epoch: producerEpoch, sequence: baseSequence } = this;
    const producer = { producerId, producerEpoch, baseSequence, transactional: true };
    return buildBatch([{ value: Buffer.from(text), timestamp: Date.now() }], producer);
  }

  /** The error of one record in the transaction. From version 12 on its partition is added. */
  async produce(topic: string, text: string, version = 12): Promise<number> {
    const options = { version, transactionalId: this.transactionalId };
    const { errorCode } = await send(this.client, topic, this.batch(text), options);
    if (errorCode === 0) this.sequence++;
    return errorCode;
  }

  /** As clients of version 1 do before they write. */
  async addPartition(topic: string): Promise<number> {
    const answer = await this.client.ask(API.ADD_PARTITIONS_TO_TXN, 3, {
      v3AndBelowTransactionalId: this.transactionalId,
      v3AndBelowProducerId: this.producerId,
      v3AndBelowProducerEpoch: this.epoch,
      v3AndBelowTopics: [{ name: topic, partitions: [0] }],
    });
    return answer.resultsByTopicV3AndBelow[0]!.resultsByPartition[0]!.partitionErrorCode;
  }

  /** Once more while the coordinator is busy. A new epoch begins with sequence 0. */
  async end(committed: boolean, version = 5): Promise<EndTxnResponse> {
    const answer = await this.client.ask(API.END_TXN, version, {
      transactionalId: this.transactionalId,
      producerId: this.producerId,
      producerEpoch: this.epoch,
      committed,
    });
    if (answer.errorCode === 0 && version >= 5) {
      this.producerId = answer.producerId;
      this.epoch = answer.producerEpoch;
      this.sequence = 0;
    }
    return answer;
  }

  async state(): Promise<string> {
    const transactionalIds = [this.transactionalId];
    const answer = await this.client.ask(API.DESCRIBE_TRANSACTIONS, 0, { transactionalIds });
    return answer.transactionStates[0]!.transactionState;
  }

  /** Waits until the markers are written. */
  async settled(): Promise<void> {
    await until('the end of a transaction', async () =>
      (await this.state()).startsWith('Complete'),
    );
  }
}
