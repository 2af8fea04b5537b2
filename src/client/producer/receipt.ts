import { inBackground } from '../../base/in-background.ts';
import type { BatchOutcome, RecordMetadata } from './batch-outcome.ts';
import { type OnKept, type OnRefused, Reaction } from './reaction.ts';

/**
 * What `send` returns. It can be awaited, and costs less than a promise until then. A failure of a
 * record whose receipt nobody has awaited goes to `onError`.
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

  /** As that of a promise. The failure counts as looked at from now on. */
  // biome-ignore lint/suspicious/noThenProperty: a receipt is awaited.
  then<Kept = RecordMetadata, Refused = never>(
    onKept?: OnKept<Kept>,
    onRefused?: OnRefused<Refused>,
  ): Promise<Kept | Refused> {
    this.toldElsewhere();
    if (this.#later !== null) return this.#later.then(onKept, onRefused);
    const reaction = new Reaction(this.#outcome!, this.#index, onKept, onRefused);
    this.#outcome!.react(reaction);
    return reaction;
  }

  /** As that of a promise. */
  catch<Refused = never>(onRefused: OnRefused<Refused>): Promise<RecordMetadata | Refused> {
    return this.then(null, onRefused);
  }

  /** Its failure is told in another way: that of its transaction says so. */
  toldElsewhere(): this {
    if (!this.#isSeen && this.#outcome !== null) this.#outcome.looked++;
    this.#isSeen = true;
    return this;
  }

  /** Calls one of the two. The receipt stays unseen: whoever watches is not the one who sent. */
  whenKnown(onKept: (metadata: RecordMetadata) => void, onFailed: (thrown: unknown) => void): void {
    if (this.#later !== null) {
      inBackground(this.#later.then(onKept), onFailed);
      return;
    }
    const index = this.#index;
    this.#outcome!.whenDone((done) => {
      const error = done.errorOf(index);
      if (error === null) onKept(done.metadataOf(index));
      else onFailed(error);
    });
  }

  /** A promise of the same, for code that wants a real one. */
  promise(): Promise<RecordMetadata> {
    this.toldElsewhere();
    return this.#later ?? Promise.resolve(this);
  }
}
