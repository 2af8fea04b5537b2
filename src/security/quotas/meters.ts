/** Measures the use of one share. */
export interface Meter {
  /** Whether nothing of what it measured counts any more. */
  isQuiet(nowMs: number): boolean;
}

/** From so many on, the quiet ones are forgotten: clients choose their ids. */
const METERS_MAX = 10_000;

/** The meters of all shares, each made when it is first asked for. */
export class Meters<Each extends Meter> {
  readonly #make: () => Each;
  readonly #meters = new Map<string, Each>();
  /** The next look for quiet ones. It comes later where few were found, so that looks stay rare. */
  #fullAt = METERS_MAX;

  constructor(make: () => Each) {
    this.#make = make;
  }

  of(key: string, nowMs: number): Each {
    const known = this.#meters.get(key);
    if (known !== undefined) return known;
    if (this.#meters.size >= this.#fullAt) this.#forgetQuiet(nowMs);
    const made = this.#make();
    this.#meters.set(key, made);
    return made;
  }

  #forgetQuiet(nowMs: number): void {
    for (const [key, meter] of this.#meters) if (meter.isQuiet(nowMs)) this.#meters.delete(key);
    this.#fullAt = Math.max(METERS_MAX, 2 * this.#meters.size);
  }
}
