import type { TableStore } from '../stores/table-store.ts';

/** The stores of a task that keep their rows in a file each. */
export class FiledStores {
  readonly #stores: readonly TableStore[];
  /** Of all stores of the task: where their changelogs go on. */
  readonly #offsets: Map<string, number>;
  /** Ends when all of them are looked at and open, or have failed. */
  #looking: Promise<void> | undefined;
  #failure: { readonly reason: unknown } | undefined;

  constructor(
    stores: readonly TableStore[],
    task: string,
    directory: string | undefined,
    offsets: Map<string, number>,
  ) {
    this.#stores = stores;
    this.#offsets = offsets;
    const looked: Promise<void>[] = [];
    for (const store of stores) {
      const opening = store.openFile(directory, task);
      if (opening === undefined) this.#opened(store);
      else looked.push(opening.then(() => this.#opened(store)));
    }
    if (looked.length > 0) this.#looking = this.#end(looked);
  }

  /** See `TaskState.opening`. */
  get opening(): Promise<void> | undefined {
    return this.#looking === undefined ? undefined : this.#open(this.#looking);
  }

  prepare(): void {
    for (const store of this.#stores) store.prepareFiled();
  }

  commit(offsets: ReadonlyMap<string, number>): void {
    for (const { name, filed } of this.#stores) {
      const offset = offsets.get(name) ?? -1;
      const isFurther = offset >= 0 && offset !== this.#offsets.get(name);
      if (isFurther || filed?.hasNews === true) filed?.commit(offset);
    }
  }

  revert(): void {
    for (const store of this.#stores) store.revert();
  }

  erase(): void {
    for (const store of this.#stores) {
      store.clear();
      store.filed?.erase();
    }
  }

  /** A task may be closed before anybody asks what came of it. */
  async #end(looked: readonly Promise<void>[]): Promise<void> {
    const ends = await Promise.allSettled(looked);
    this.#failure = ends.find((end) => end.status === 'rejected');
    if (this.#failure === undefined) this.#looking = undefined;
  }

  async #open(looking: Promise<void>): Promise<void> {
    await looking;
    if (this.#failure !== undefined) throw this.#failure.reason;
  }

  #opened(store: TableStore): void {
    const { offset, time } = store.filed!.progress;
    if (offset >= 0) this.#offsets.set(store.name, offset);
    store.loaded(time);
  }
}
