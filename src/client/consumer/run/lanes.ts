import { inBackground } from '../../../base/in-background.ts';

/** Runs work of one lane in its order, and that of different lanes side by side. */
export class Lanes<T> {
  readonly #concurrency: number;
  readonly #work: (item: T) => Promise<void>;
  readonly #onFailure: (thrown: unknown) => void;
  readonly #onDone: () => void;
  /** Of the lanes that have work; the first item of a running one has left its list. */
  readonly #lanes = new Map<string, T[]>();
  #ready: string[] = [];
  #running = 0;
  #pending = 0;

  constructor(
    concurrency: number,
    work: (item: T) => Promise<void>,
    onFailure: (thrown: unknown) => void,
    onDone: () => void,
  ) {
    this.#concurrency = concurrency;
    this.#work = work;
    this.#onFailure = onFailure;
    this.#onDone = onDone;
  }

  /** What waits and what runs. */
  get pending(): number {
    return this.#pending;
  }

  isBusy(lane: string): boolean {
    return this.#lanes.has(lane);
  }

  add(lane: string, item: T): void {
    this.#pending++;
    const list = this.#lanes.get(lane);
    if (list !== undefined) {
      list.push(item);
      return;
    }
    this.#lanes.set(lane, [item]);
    this.#ready.push(lane);
    this.#pump();
  }

  #pump(): void {
    while (this.#running < this.#concurrency) {
      const lane = this.#ready.shift();
      if (lane === undefined) return;
      this.#running++;
      inBackground(this.#runNext(lane), this.#onFailure);
    }
  }

  async #runNext(lane: string): Promise<void> {
    const list = this.#lanes.get(lane)!;
    try {
      await this.#work(list.shift()!);
    } finally {
      this.#running--;
      this.#pending--;
      if (list.length > 0) this.#ready.push(lane);
      else this.#lanes.delete(lane);
      this.#pump();
      this.#onDone();
    }
  }
}
