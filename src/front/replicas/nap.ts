import { unref } from '../../base/unref.ts';

/** The sleep of a loop, which is cut short where there is something to do. */
export class Nap {
  #end: (() => void) | null = null;
  #isWoken = false;

  /** Resolves after that time, or at a wake. One that came before the sleep counts, too. */
  take(ms: number): Promise<void> {
    if (this.#isWoken) {
      this.#isWoken = false;
      return Promise.resolve();
    }
    return new Promise((resolve) => {
      const timer = Number.isFinite(ms) ? unref(setTimeout(() => this.#wakeUp(), ms)) : undefined;
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  wake(): void {
    if (this.#end === null) this.#isWoken = true;
    else this.#wakeUp();
  }

  #wakeUp(): void {
    const end = this.#end;
    this.#end = null;
    end?.();
  }
}
