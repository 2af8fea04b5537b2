/** Rates of totals that are looked at now and then. */
export class Growing {
  #before = new Map();

  /**
   * `total` in each second since the last look at `name`; 0 at the first one, and where the total
   * begins anew because its task has left.
   */
  rate(name, total, seconds) {
    const before = this.#before.get(name);
    this.#before.set(name, { total, seconds });
    if (before === undefined || total < before.total || seconds <= before.seconds) return 0;
    return (total - before.total) / (seconds - before.seconds);
  }
}
