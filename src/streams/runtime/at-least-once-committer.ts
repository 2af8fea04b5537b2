import type { OffsetToCommit } from '../../client/consumer/offsets/group-offsets.ts';
import { isKafkaError } from '../../client/errors/kafka-error.ts';
import { partitionName } from '../../client/topic-partition.ts';
import { committedEnd } from './committed-end.ts';
import type { Committer } from './committer.ts';
import type { GroupReader } from './group-reader.ts';
import type { LiveTask } from './live-task.ts';
import type { ProducerOutput } from './producer-output.ts';

/** The group has given the partitions to others, or is about to: nothing was committed. */
const NOT_MEMBER = ['REBALANCE_IN_PROGRESS', 'ILLEGAL_GENERATION', 'UNKNOWN_MEMBER_ID'] as const;

/** Records arrive before the offsets are committed, so that they may come twice but not be lost. */
export class AtLeastOnceCommitter implements Committer {
  readonly isShared = false;
  readonly committed = new Map<string, OffsetToCommit>();
  readonly #reader: GroupReader;
  readonly #output: ProducerOutput;

  constructor(reader: GroupReader, output: ProducerOutput) {
    this.#reader = reader;
    this.#output = output;
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
    for (const live of done) live.commitState(committedEnd(this.#output, offsets));
    try {
      if (offsets.length > 0) await this.#reader.commit(offsets);
      for (const each of offsets) this.committed.set(partitionName(each), each);
    } catch (thrown) {
      if (!isKafkaError(thrown, ...NOT_MEMBER)) throw thrown;
      for (const { task } of done) task.needsCommit = true;
    }
  }

  async abort(): Promise<void> {
    this.#output.forget();
    await Promise.resolve();
  }
}
