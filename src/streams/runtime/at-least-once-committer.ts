import { failPoint } from '../../base/fail-point.ts';
import type { OffsetToCommit } from '../../client/consumer/offsets/group-offsets.ts';
import { isKafkaError, KafkaError } from '../../client/errors/kafka-error.ts';
import { partitionName } from '../../client/topic-partition.ts';
import { committedEnd } from './committed-end.ts';
import type { Committer } from './committer.ts';
import type { FaultPatience } from './fault-patience.ts';
import type { GroupReader } from './group-reader.ts';
import type { LiveTask } from './live-task.ts';
import type { ProducerOutput } from './producer-output.ts';

/** The group has given the partitions to others, or is about to: nothing was committed. */
const NOT_MEMBER = [
  'REBALANCE_IN_PROGRESS',
  'ILLEGAL_GENERATION',
  'UNKNOWN_MEMBER_ID',
  'FENCED_MEMBER_EPOCH',
  'STALE_MEMBER_EPOCH',
] as const;

/** Records arrive before the offsets are committed, so that they may come twice but not be lost. */
export class AtLeastOnceCommitter implements Committer {
  readonly isShared = false;
  readonly committed = new Map<string, OffsetToCommit>();
  readonly #reader: GroupReader;
  readonly #output: ProducerOutput;
  readonly #patience: FaultPatience;

  constructor(reader: GroupReader, output: ProducerOutput, patience: FaultPatience) {
    this.#reader = reader;
    this.#output = output;
    this.#patience = patience;
  }

  async begin(): Promise<void> {
    await Promise.resolve();
  }

  async commit(tasks: Iterable<LiveTask>): Promise<void> {
    const done = [...tasks].filter(({ task }) => task.needsCommit);
    for (const { task } of done) task.flush();
    const offsets = done.flatMap(({ task }) => task.offsets());
    for (const { task } of done) task.onCommitted();
    await this.#output.flush();
    this.#output.committed();
    for (const live of done) live.commitState(committedEnd(this.#output, offsets));
    failPoint?.('streams-before-offsets');
    try {
      if (offsets.length > 0) await this.#reader.commit(offsets);
      for (const each of offsets) this.committed.set(partitionName(each), each);
    } catch (thrown) {
      const isFault = thrown instanceof KafkaError && thrown.retriable;
      if (!isFault && !isKafkaError(thrown, ...NOT_MEMBER)) throw thrown;
      // The next commit says the same and more.
      for (const { task } of done) task.needsCommit = true;
      if (isFault) this.#patience.bear(thrown);
      return;
    }
    if (offsets.length > 0) this.#patience.progressed();
  }

  async settled(): Promise<void> {
    await Promise.resolve();
  }

  async abort(): Promise<void> {
    this.#output.forget();
    await Promise.resolve();
  }
}
