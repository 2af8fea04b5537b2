import type { Waiter } from './waiter.ts';

/** Hears with 0 that a marker lies under the high watermark, or why it does not. */
export class MarkerWaiter implements Waiter {
  readonly #onWritten: (errorCode: number) => void;

  constructor(onWritten: (errorCode: number) => void) {
    this.#onWritten = onWritten;
  }

  answer(): void {
    this.#onWritten(0);
  }

  refuse(errorCode: number): void {
    this.#onWritten(errorCode);
  }
}
