/** Wakes those who wait for something to change. */
export class News {
  #waiting: (() => void)[] = [];

  /** Resolves with the next `tell`. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  tell(): void {
    const waiting = this.#waiting;
    if (waiting.length === 0) return;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
