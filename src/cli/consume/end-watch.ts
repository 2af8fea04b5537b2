import { every } from '../../base/every.ts';
import type { Consumer } from '../../client/consumer/consumer.ts';
import { partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import type { Ending } from '../ending.ts';

type Bytes = Uint8Array | null;

/** For how often it is looked whether control records and aborted ones led to the end. */
const LOOK_MS = 50;

/** Ends the command once all that was to be read is read. */
export class EndWatch implements Disposable {
  /** Where partitions ended at the start, by name. */
  readonly ends = new Map<string, number>();
  readonly #ending: Ending;
  #isThere: (() => boolean) | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isAssigned = false;

  constructor(ending: Ending) {
    this.#ending = ending;
  }

  /** To where the partitions end now. */
  async untilEnds(
    consumer: Consumer<Bytes, Bytes>,
    partitions: readonly TopicPartition[],
  ): Promise<void> {
    for (const { offset, error, ...at } of await consumer.endOffsets(partitions)) {
      if (error !== null) throw error;
      this.ends.set(partitionName(at), offset);
    }
    this.#begin(() =>
      partitions.every((at) => {
        return (consumer.position(at) ?? -1) >= this.ends.get(partitionName(at))!;
      }),
    );
  }

  /** Until nothing is left in the partitions that the group gave, were it none. */
  untilNoLag(consumer: Consumer<Bytes, Bytes>): void {
    this.#begin(
      () => this.#isAssigned && consumer.assignment.every((at) => consumer.lag(at) === 0),
    );
  }

  /** A listener hears of an assignment before the consumer has it. */
  onAssigned(): void {
    setImmediate(() => {
      this.#isAssigned = true;
    });
  }

  look(): void {
    if (this.#isThere?.() === true) this.#ending.finish();
  }

  [Symbol.dispose](): void {
    if (this.#timer !== null) clearInterval(this.#timer);
  }

  #begin(isThere: () => boolean): void {
    this.#isThere = isThere;
    this.#timer = every(
      LOOK_MS,
      () => this.look(),
      () => this.#ending.finish(),
    );
    this.#timer.unref();
  }
}
