/**
 * How a thread sleeps and is woken without losing a wake. The word is AWAKE or PARKED. The sleeper
 * stores PARKED, looks at its rings once more, and only then sleeps; whoever publishes looks at the
 * word after the publishing store. Both use sequentially consistent Atomics, so one of the two sees
 * the other. The exchange to AWAKE makes one waker of many, so a batch costs one wake.
 */
export const AWAKE = 0;
export const PARKED = 1;

const PARKING_WORD = 0;

export function createParkingMemory(): SharedArrayBuffer {
  return new SharedArrayBuffer(256);
}

export class Parking {
  readonly #words: Int32Array;

  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  announce(): void {
    Atomics.store(this.#words, PARKING_WORD, PARKED);
  }

  cancel(): void {
    Atomics.store(this.#words, PARKING_WORD, AWAKE);
  }

  /** After `announce` and a last look at the rings: sleeps until woken or the time is over. */
  sleep(timeoutMs: number): void {
    Atomics.wait(this.#words, PARKING_WORD, PARKED, timeoutMs);
    Atomics.store(this.#words, PARKING_WORD, AWAKE);
  }

  /** True when the caller is the one who must wake the sleeper. */
  claimWake(): boolean {
    return (
      Atomics.load(this.#words, PARKING_WORD) === PARKED &&
      Atomics.exchange(this.#words, PARKING_WORD, AWAKE) === PARKED
    );
  }

  wake(): void {
    if (this.claimWake()) Atomics.notify(this.#words, PARKING_WORD);
  }
}
