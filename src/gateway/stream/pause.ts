/** The longest time that a timer takes. */
const TIMER_MS_MAX = 2 ** 31 - 1;

/** A time in which a peer is sent no records. A longer one takes the place of a shorter one. */
export class Pause {
  readonly #onOver: () => void;
  #timer: NodeJS.Timeout | null = null;
  #endsMs = 0;

  constructor(onOver: () => void) {
    this.#onOver = onOver;
  }

  get isOn(): boolean {
    return this.#timer !== null;
  }

  start(ms: number): void {
    const endsMs = performance.now() + ms;
    if (this.#timer !== null) {
      if (endsMs <= this.#endsMs) return;
      clearTimeout(this.#timer);
    }
    this.#endsMs = endsMs;
    const over = () => {
      this.#timer = null;
      this.#onOver();
    };
    this.#timer = setTimeout(over, Math.min(ms, TIMER_MS_MAX));
  }

  end(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }
}
