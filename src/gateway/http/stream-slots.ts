import { CommandError } from '../command/command-error.ts';
import type { Exchange } from './exchange.ts';

/**
 * Counts the open HTTP streams and limits them: each may hold data that its reader has not taken.
 */
export class StreamSlots {
  readonly #max: number;
  #openCount = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** The slot is free again when the exchange is over. */
  take(exchange: Exchange): void {
    if (this.#openCount >= this.#max) {
      throw new CommandError('busy', `${this.#max} streams are open`);
    }
    this.#openCount++;
    exchange.onOver = () => {
      this.#openCount--;
    };
  }
}
