import { assert } from '../../base/assert.ts';

/**
 * Numbers for what the front waits for. A reply in a ring names it in four bytes. A number is used
 * again as soon as it is given back.
 */
export class Tickets<T extends object> {
  readonly #holders: (T | null)[] = [];
  readonly #free: number[] = [];

  take(holder: T): number {
    const ticket = this.#free.pop() ?? this.#holders.length;
    this.#holders[ticket] = holder;
    return ticket;
  }

  get(ticket: number): T {
    const holder = this.#holders[ticket];
    assert(
      holder !== null && holder !== undefined,
      `a reply names ticket ${ticket}, held by no one`,
    );
    return holder;
  }

  /** The holder, null where the ticket is free. */
  peek(ticket: number): T | null {
    return this.#holders[ticket] ?? null;
  }

  giveBack(ticket: number): void {
    this.#holders[ticket] = null;
    this.#free.push(ticket);
  }
}
