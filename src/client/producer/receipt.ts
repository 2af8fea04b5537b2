import { inBackground } from '../../base/in-background.ts';
import type { BatchOutcome, RecordMetadata } from './batch-outcome.ts';

/**
 * What `send` returns. It can be awaited; a promise is made only then. A failure of a record whose
 * receipt nobody has awaited goes to `onError`.
 */
export class Receipt implements PromiseLike<RecordMetadata> {
  readonly #outcome: BatchOutcome | null;
  readonly #index: number;
  readonly #later: Promise<RecordMetadata> | null;
  #isSeen = false;

  private constructor(
    outcome: BatchOutcome | null,
    index: number,
    later: Promise<RecordMetadata> | null,
  ) {
    this.#outcome = outcome;
    this.#index = index;
    this.#later = later;
  }

  /** Of a record in a batch. The batch tells of failures that nobody looks at. */
  static of(outcome: BatchOutcome, index: number): Receipt {
    outcome.receipts++;
    return new Receipt(outcome, index, null);
  }

  /** Of a record that waits for something before it can be in a batch. */
  static later(work: Promise<RecordMetadata>, onUnseen: (thrown: unknown) => void): Receipt {
    const receipt = new Receipt(null, 0, work);
    inBackground(work, (thrown) => {
      setImmediate(() => {
        if (!receipt.#isSeen) onUnseen(thrown);
      });
    });
    return receipt;
  }

  // biome-ignore lint/suspicious/noThenProperty: a receipt is awaited.
  then<Kept = RecordMetadata, Refused = never>(
    onKept?: ((metadata: RecordMetadata) => Kept | PromiseLike<Kept>) | null,
    onRefused?: ((reason: unknown) => Refused | PromiseLike<Refused>) | null,
  ): Promise<Kept | Refused> {
    return this.promise().then(onKept, onRefused);
  }

  catch<Refused = never>(
    onRefused: (reason: unknown) => Refused | PromiseLike<Refused>,
  ): Promise<RecordMetadata | Refused> {
    return this.promise().then(null, onRefused);
  }

  /** Its failure is told in another way: that of its transaction says so. */
  toldElsewhere(): this {
    if (!this.#isSeen && this.#outcome !== null) this.#outcome.looked++;
    this.#isSeen = true;
    return this;
  }

  promise(): Promise<RecordMetadata> {
    this.toldElsewhere();
    if (this.#later !== null) return this.#later;
    const outcome = this.#outcome!;
    const index = this.#index;
    return new Promise((resolve, reject) => {
      outcome.whenDone((done) => {
        const error = done.errorOf(index);
        if (error === null) resolve(done.metadataOf(index));
        else reject(error);
      });
    });
  }
}
