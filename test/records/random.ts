/** A small seeded generator, so that a failing round can be run again. */
export class Random {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  below(limit: number): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let rest = this.#state;
    rest = Math.imul(rest ^ (rest >>> 15), rest | 1);
    rest ^= rest + Math.imul(rest ^ (rest >>> 7), rest | 61);
    return ((rest ^ (rest >>> 14)) >>> 0) % limit;
  }

  bytes(length: number): Buffer {
    const bytes = Buffer.alloc(length);
    for (let at = 0; at < length; at++) bytes[at] = this.below(256);
    return bytes;
  }

  /** Text like the JSON that topics carry. */
  text(length: number): Buffer {
    const names = ['alice', 'bob', 'orders', 'payments', 'shipped', 'pending', 'zürich'];
    let text = '';
    while (text.length < length) {
      text += JSON.stringify({
        id: this.below(1e9),
        user: names[this.below(names.length)],
        status: names[this.below(names.length)],
        amount: this.below(100_000) / 100,
      });
    }
    return Buffer.from(text).subarray(0, length);
  }
}
