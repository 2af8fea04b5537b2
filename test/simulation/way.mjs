/** One way of a connection: what is sent arrives in its order, later, and not while it is blocked. */
export class Way {
  #loop;
  #random;
  #latencyMsMax;
  #isBlocked;
  /** At whose end it arrives; null for the world. */
  #process;
  #onArrived;
  #items = [];
  #dueMs = 0;
  /** Arrivals that were blocked. */
  #waiting = 0;

  constructor(loop, random, { latencyMsMax, isBlocked = () => false, process = null, onArrived }) {
    this.#loop = loop;
    this.#random = random;
    this.#latencyMsMax = latencyMsMax;
    this.#isBlocked = isBlocked;
    this.#process = process;
    this.#onArrived = onArrived;
  }

  send(item) {
    this.#items.push(item);
    this.#schedule();
  }

  #schedule() {
    const { nowMs } = this.#loop;
    this.#dueMs = Math.max(this.#dueMs, nowMs + this.#random.next() * this.#latencyMsMax);
    const arrive = () => {
      if (this.#isBlocked()) this.#waiting++;
      else this.#onArrived(this.#items.shift());
    };
    if (this.#process === null) this.#loop.after(this.#dueMs - nowMs, arrive);
    else this.#loop.start(arrive, this.#dueMs - nowMs, this.#process);
  }

  /** It is not blocked any more. */
  flush() {
    for (; this.#waiting > 0; this.#waiting--) this.#schedule();
  }
}
