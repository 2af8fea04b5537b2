import type { Effects } from '../../../src/coordination/effects.ts';
import type { GroupShard } from '../../../src/coordination/group/shard.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import type {
  TxnOffsetCommitRequest,
  TxnOffsetCommitResponse,
} from '../../../src/protocol/schema/28-txn-offset-commit.ts';
import { committing } from './committing.ts';
import { Harness } from './harness.ts';

export const PRODUCER = 77;

/** A shard whose log holds transactional batches and markers too. */
export class TransactionalHarness extends Harness {
  readonly #entries: ((shard: GroupShard) => void)[] = [];
  /** The log takes the records of producers, which then are replayed. */
  isLogOpen = true;

  override take(effects: Effects): void {
    super.take(effects);
    const { producer, records } = effects;
    const producerId = producer?.producerId ?? -1;
    for (const { key, value } of records) {
      const replay = (shard: GroupShard) => shard.replay(key, value, producerId);
      this.#entries.push(replay);
      if (producer !== null && this.isLogOpen) replay(this.shard);
    }
  }

  /** Sends a TxnOffsetCommit for one partition and gives its error code. */
  commitInTransaction(
    partitionIndex: number,
    offset: number,
    fields: Partial<TxnOffsetCommitRequest> = {},
  ): number {
    const { topics } = this.call<TxnOffsetCommitResponse>(API.TXN_OFFSET_COMMIT, 5, {
      transactionalId: 'txn',
      groupId: 'group',
      producerId: PRODUCER,
      producerEpoch: 3,
      generationId: -1,
      memberId: '',
      groupInstanceId: null,
      topics: [{ name: 'topic', partitions: [committing(partitionIndex, offset)] }],
      ...fields,
    });
    return topics[0]!.partitions[0]!.errorCode;
  }

  endTransaction(isCommit: boolean, producerId = PRODUCER): void {
    const end = (shard: GroupShard) => shard.endTransaction(producerId, isCommit);
    this.#entries.push(end);
    end(this.shard);
  }

  /** Loads the log into a fresh shard, as after a restart. */
  override restart(): void {
    this.shard = this.newShard();
    for (const entry of this.#entries) entry(this.shard);
    this.take(this.shard.onLoaded(this.nowMs, this.wallMs));
  }
}
