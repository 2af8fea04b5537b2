import { failPoint } from '../../base/fail-point.ts';
import { inBackground } from '../../base/in-background.ts';
import type { OffsetToCommit } from '../../client/consumer/offsets/group-offsets.ts';
import { isKafkaError } from '../../client/errors/kafka-error.ts';
import { partitionName } from '../../client/topic-partition.ts';
import { committedEnd } from './committed-end.ts';
import type { Committer } from './committer.ts';
import type { FaultPatience } from './fault-patience.ts';
import type { GroupReader } from './group-reader.ts';
import type { LiveTask } from './live-task.ts';
import type { ProducerOutput } from './producer-output.ts';

/**
 * Records, stores and offsets are committed in one transaction. While it ends, tasks go on: what
 * they write waits, and what their stores hold for the local log is taken down before.
 */
export class ExactlyOnceCommitter implements Committer {
  readonly isShared = true;
  readonly committed = new Map<string, OffsetToCommit>();
  readonly #reader: GroupReader;
  readonly #output: ProducerOutput;
  readonly #patience: FaultPatience;
  readonly #wake: () => void;
  #isOpen = false;
  /** The end of the transaction that is on its way; it never rejects. */
  #ending: Promise<void> = Promise.resolve();
  #failure: unknown = null;

  constructor(
    reader: GroupReader,
    output: ProducerOutput,
    patience: FaultPatience,
    wake: () => void,
  ) {
    this.#reader = reader;
    this.#output = output;
    this.#patience = patience;
    this.#wake = wake;
  }

  async begin(): Promise<void> {
    if (this.#isOpen) return;
    await this.#output.producer.beginTransaction();
    this.#isOpen = true;
  }

  async commit(tasks: Iterable<LiveTask>): Promise<void> {
    await this.settled();
    const done = [...tasks].filter(({ task }) => task.needsCommit);
    if (done.length === 0) return;
    for (const { task } of done) task.flush();
    const offsets = done.flatMap(({ task }) => task.offsets());
    await this.#output.ready();
    for (const live of done) {
      live.task.onCommitted();
      live.prepareState();
    }
    this.#output.hold();
    this.#ending = inBackground(this.#end(done, offsets), (thrown) => {
      this.#failure = thrown;
      this.#output.fail(thrown);
      this.#wake();
    });
  }

  async settled(): Promise<void> {
    await this.#ending;
    if (this.#failure !== null) throw this.#failure;
  }

  /** Tasks work for the next transaction meanwhile. Their records wait until it is open. */
  async #end(done: readonly LiveTask[], offsets: readonly OffsetToCommit[]): Promise<void> {
    try {
      const { producer } = this.#output;
      await producer.sendOffsetsToTransaction(offsets, this.#reader.metadata);
      failPoint?.('streams-before-end');
      await producer.commitTransaction();
      failPoint?.('streams-after-end');
    } catch (thrown) {
      // What the handlers said of a refused record goes before what became of its transaction.
      this.#output.throwFailure();
      throw thrown;
    }
    this.#isOpen = false;
    await this.#output.known();
    this.#output.committed();
    for (const live of done) live.commitState(committedEnd(this.#output, offsets));
    for (const each of offsets) this.committed.set(partitionName(each), each);
    await this.begin();
    this.#output.release();
    this.#patience.progressed();
  }

  async abort(): Promise<void> {
    await this.#ending;
    this.#failure = null;
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
