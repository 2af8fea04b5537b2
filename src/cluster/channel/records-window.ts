/** Messages with records that the front has not taken yet. */
const UNTAKEN_MAX = 2;

/**
 * Holds records back while the front has enough before it. It takes each message in one go, so that
 * a snapshot of any size neither piles up between the threads nor keeps the front from its sockets.
 */
export class RecordsWindow {
  #untaken = 0;
  #isOpen = false;
  #onRoom: (() => void) | null = null;

  posted(): void {
    this.#untaken++;
  }

  /** The front has taken a message. */
  taken(): void {
    this.#untaken--;
    this.#wake();
  }

  /** The thread stops, and the front takes nothing any more. */
  open(): void {
    this.#isOpen = true;
    this.#wake();
  }

  /** Resolves once another message may be posted. One waits at a time. */
  room(): Promise<void> {
    if (this.#isOpen || this.#untaken < UNTAKEN_MAX) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onRoom = resolve;
    });
  }

  #wake(): void {
    this.#onRoom?.();
    this.#onRoom = null;
  }
}
