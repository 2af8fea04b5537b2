import type { BatchOutcome, RecordMetadata } from './batch-outcome.ts';

type Value<T> = T | PromiseLike<T>;
export type OnKept<Kept> = ((metadata: RecordMetadata) => Value<Kept>) | null | undefined;
export type OnRefused<Refused> = ((reason: unknown) => Value<Refused>) | null | undefined;

/**
 * What `then` of a receipt returns. `await` ignores it, so it is an object without a promise. It
 * makes one for whoever goes on with it, and where a handler throws.
 */
export class Reaction<Kept, Refused> implements Promise<Kept | Refused> {
  readonly #outcome: BatchOutcome;
  readonly #index: number;
  readonly #onKept: OnKept<Kept>;
  readonly #onRefused: OnRefused<Refused>;
  #isSettled = false;
  #value: Value<Kept | Refused> | undefined;
  #promise: Promise<Kept | Refused> | null = null;
  #resolve: ((value: Value<Kept | Refused>) => void) | null = null;
  #reject: ((reason: unknown) => void) | null = null;

  constructor(
    outcome: BatchOutcome,
    index: number,
    onKept: OnKept<Kept>,
    onRefused: OnRefused<Refused>,
  ) {
    this.#outcome = outcome;
    this.#index = index;
    this.#onKept = onKept;
    this.#onRefused = onRefused;
  }

  /** The batch is done: called once. */
  settle(): void {
    const error = this.#outcome.errorOf(this.#index);
    try {
      if (error === null) this.#fulfil(this.#kept());
      else if (typeof this.#onRefused === 'function') this.#fulfil(this.#onRefused(error));
      else this.#refuse(error);
    } catch (thrown) {
      this.#refuse(thrown);
    }
  }

  // biome-ignore lint/suspicious/noThenProperty: it takes the place of a promise.
  then<Next = Kept | Refused, Failed = never>(
    onNext?: ((value: Kept | Refused) => Value<Next>) | null,
    onFailed?: ((reason: unknown) => Value<Failed>) | null,
  ): Promise<Next | Failed> {
    return this.#chained().then(onNext, onFailed);
  }

  catch<Failed = never>(
    onFailed?: ((reason: unknown) => Value<Failed>) | null,
  ): Promise<Kept | Refused | Failed> {
    return this.#chained().catch(onFailed);
  }

  finally(onEnd?: (() => void) | null): Promise<Kept | Refused> {
    return this.#chained().finally(onEnd);
  }

  get [Symbol.toStringTag](): string {
    return 'Promise';
  }

  #kept(): Value<Kept> {
    const metadata = this.#outcome.metadataOf(this.#index);
    if (typeof this.#onKept === 'function') return this.#onKept(metadata);
    // Without a handler the metadata itself goes on: `Kept` is its type then.
    return metadata as Kept;
  }

  #fulfil(value: Value<Kept | Refused>): void {
    this.#isSettled = true;
    this.#value = value;
    this.#resolve?.(value);
  }

  #refuse(reason: unknown): void {
    this.#isSettled = true;
    if (this.#reject !== null) this.#reject(reason);
    else this.#promise = Promise.reject(reason);
  }

  #chained(): Promise<Kept | Refused> {
    if (this.#promise !== null) return this.#promise;
    if (this.#isSettled) this.#promise = Promise.resolve(this.#value as Value<Kept | Refused>);
    else {
      this.#promise = new Promise((resolve, reject) => {
        this.#resolve = resolve;
        this.#reject = reject;
      });
    }
    return this.#promise;
  }
}
