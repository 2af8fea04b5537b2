import type { OffsetToCommit } from '../../client/consumer/offsets/group-offsets.ts';
import { isKafkaError } from '../../client/errors/kafka-error.ts';
import { partitionName } from '../../client/topic-partition.ts';
import { committedEnd } from './committed-end.ts';
import type { Committer } from './committer.ts';
import type { GroupReader } from './group-reader.ts';
import type { LiveTask } from './live-task.ts';
import type { ProducerOutput } from './producer-output.ts';

/** Records, stores and offsets are committed in one transaction. */
export class ExactlyOnceCommitter implements Committer {
  readonly isShared = true;
  readonly committed = new Map<string, OffsetToCommit>();
  readonly #reader: GroupReader;
  readonly #output: ProducerOutput;
  #isOpen = false;

  constructor(reader: GroupReader, output: ProducerOutput) {
    this.#reader = reader;
    this.#output = output;
  }

  async begin(): Promise<void> {
    if (this.#isOpen) return;
    await this.#output.producer.beginTransaction();
    this.#isOpen = true;
  }

  async commit(tasks: Iterable<LiveTask>): Promise<boolean> {
    const done = [...tasks].filter(({ task }) => task.needsCommit);
    if (done.length === 0) return false;
    for (const { task } of done) task.flush();
    const offsets = done.flatMap(({ task }) => task.offsets());
    await this.#output.ready();
    try {
      const { producer } = this.#output;
      await producer.sendOffsetsToTransaction(offsets, this.#reader.metadata);
      await producer.commitTransaction();
    } catch (thrown) {
      // What the handlers said of a refused record goes before what became of its transaction.
      this.#output.throwFailure();
      throw thrown;
    }
    this.#isOpen = false;
    await this.#output.known();
    this.#output.committed();
    for (const live of done) {
      live.task.onCommitted();
      live.commitState(committedEnd(this.#output, offsets));
    }
    for (const each of offsets) this.committed.set(partitionName(each), each);
    await this.begin();
    return true;
  }

  async abort(): Promise<void> {
    const isOpen = this.#isOpen;
    this.#isOpen = false;
    try {
      if (isOpen) await this.#output.producer.abortTransaction();
      this.#output.forget();
    } catch (thrown) {
      // A new producer under the same id ends what this one has left open.
      if (!isKafkaError(thrown)) throw thrown;
      await this.#output.replace();
    }
    await this.begin();
  }
}
