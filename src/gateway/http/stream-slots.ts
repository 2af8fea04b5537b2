import { CommandError } from '../command/command-error.ts';
import type { Exchange } from './exchange.ts';

/** How many streams over HTTP are open: each may hold what its reader has not taken yet. */
export class StreamSlots {
  readonly #max: number;
  #openCount = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /** It is given back when the exchange is over. */
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
