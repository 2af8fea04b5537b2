import { inBackground } from '../../base/in-background.ts';

/** Where one loop waits for whatever comes first. What comes while it works is not lost. */
export class WakeSignal {
  #isSet = false;
  #resolve: (() => void) | null = null;

  /** The next wait, or the one under way, is over. */
  set(): void {
    this.#isSet = true;
    const resolve = this.#resolve;
    this.#resolve = null;
    resolve?.();
  }

  /** Resolves at once where it was set since the last wait, and after `ms` in any case. */
  async wait(ms: number): Promise<void> {
    if (!this.#isSet && ms > 0) {
      let timer: NodeJS.Timeout | null = null;
      await new Promise<void>((resolve) => {
        this.#resolve = resolve;
        if (ms < Number.POSITIVE_INFINITY) timer = setTimeout(resolve, ms);
      });
      if (timer !== null) clearTimeout(timer);
    }
    this.#isSet = false;
    this.#resolve = null;
  }

  /** Sets it each time that something is new there, until `isOver`. */
  follow(next: () => Promise<void>, isOver: () => boolean): void {
    const run = async () => {
      while (!isOver()) {
        await next();
        this.set();
      }
    };
    inBackground(run(), () => this.set());
  }
}
