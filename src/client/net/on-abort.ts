/** Those that wait for one signal, with the one listener that they have at it. */
class Waiting {
  readonly #callbacks = new Set<() => void>();
  readonly #signal: AbortSignal;
  readonly #fire = () => {
    for (const each of [...this.#callbacks]) each();
  };

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  add(callback: () => void): void {
    if (this.#callbacks.size === 0) this.#signal.addEventListener('abort', this.#fire);
    this.#callbacks.add(callback);
  }

  remove(callback: () => void): void {
    const isLast = this.#callbacks.delete(callback) && this.#callbacks.size === 0;
    if (isLast) this.#signal.removeEventListener('abort', this.#fire);
  }
}

function nothing(): void {}

const BY_SIGNAL = new WeakMap<AbortSignal, Waiting>();

/**
 * Calls back when the signal fires. Returns what takes that back. However many wait for a signal,
 * there is one listener at it: where there are more than ten, Node warns of a leak. Without a
 * signal nothing happens.
 */
export function onAbort(signal: AbortSignal | undefined, callback: () => void): () => void {
  if (signal === undefined) return nothing;
  let waiting = BY_SIGNAL.get(signal);
  if (waiting === undefined) {
    waiting = new Waiting(signal);
    BY_SIGNAL.set(signal, waiting);
  }
  waiting.add(callback);
  return () => waiting.remove(callback);
}
