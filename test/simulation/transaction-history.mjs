/**
 * What transactors did and what readers of committed records saw of it, and the rules: nothing is
 * read of a transaction that was not decided or was aborted; a committed one is there whole and
 * once; a reader is given its records in their order, and passes none over; each number of a transactional id is committed once, and its group's offset goes with it.
 */

class SimulatedTransaction {
  /** 'open', 'deciding', 'committed', 'aborted', or 'unknown': the answer to its end is lost. */
  state = 'open';
  /** By value: the name of its partition. */
  values = new Map();
  /** A reader saw a record of it. */
  isSeen = false;

  constructor(id, position, number) {
    Object.assign(this, { id, position, number });
  }

  get name() {
    return `${this.id}#${this.number}@${this.position}`;
  }

  get mayBeCommitted() {
    return this.state !== 'open' && this.state !== 'aborted';
  }
}

export class TransactionHistory {
  #history;
  #transactions = [];
  /** By value. */
  #ofValue = new Map();
  #positions = new Map();
  /** By partition: the furthest last stable offset. */
  #stable = new Map();
  /** By partition and offset: what was read there. */
  #reads = new Map();
  /** By partition: from where to where each answer led a reader, and the offsets it was given. */
  #polls = new Map();

  constructor(history) {
    this.#history = history;
  }

  begin(id, position) {
    const transaction = new SimulatedTransaction(id, position, this.#transactions.length);
    this.#transactions.push(transaction);
    this.#history.note(`begin ${transaction.name}`);
    return transaction;
  }

  /** A new value that goes to this place. */
  value(transaction, place) {
    const value = `${transaction.name}/${transaction.values.size}`;
    transaction.values.set(value, place.name);
    this.#ofValue.set(value, transaction);
    return value;
  }

  deciding(transaction) {
    transaction.state = 'deciding';
  }

  committed(transaction) {
    this.#history.note(`committed ${transaction.name}`);
    this.#history.count('transactions');
    transaction.state = 'committed';
  }

  abort(transaction) {
    this.#history.note(`abort ${transaction.name}`);
    this.#history.count('aborted');
    transaction.state = 'aborted';
    this.#expectUnseen(transaction);
  }

  /** Its process does no more for it. */
  abandon(transaction) {
    this.#history.note(`abandon ${transaction.name} ${transaction.state}`);
    if (transaction.state === 'open') this.abort(transaction);
    else if (transaction.state === 'deciding') transaction.state = 'unknown';
  }

  #expectUnseen({ isSeen, name }) {
    if (isSeen) this.#history.fail(`${name} is aborted, and was read`);
  }

  /** A reader of committed records was given a value. */
  read(place, offset, value) {
    const where = `${place.name}@${offset}`;
    const transaction = this.#ofValue.get(value);
    if (transaction === undefined) this.#history.fail(`${where}: ${value} was never sent`);
    if (!transaction.mayBeCommitted) {
      this.#history.fail(`${where}: ${value} was read, its transaction is ${transaction.state}`);
    }
    transaction.isSeen = true;
    const before = this.#reads.get(where);
    if (before !== undefined && before !== value) {
      this.#history.fail(`${where}: ${before} was read, and now ${value}`);
    }
    this.#reads.set(where, value);
    this.#history.count('read committed');
  }

  /** A reader's answer leads from one offset to the next one to ask for. */
  polled({ name }, from, next, values) {
    let last = from - 1;
    for (const { offset } of values) {
      if (offset <= last || offset >= next) {
        this.#history.fail(`${name}@${offset} came behind ${last}, read from ${from} to ${next}`);
      }
      last = offset;
    }
    const polls = this.#polls.get(name) ?? [];
    polls.push({ from, next, offsets: new Set(values.map(({ offset }) => offset)) });
    this.#polls.set(name, polls);
  }

  stableOf({ name }) {
    return this.#stable.get(name) ?? 0;
  }

  /** `least` is what was known of the last stable offset when the reader asked. */
  stable(place, lastStableOffset, highWatermark, least) {
    if (lastStableOffset < least || lastStableOffset > highWatermark) {
      const why = `it was ${least}, the high watermark is ${highWatermark}`;
      this.#history.fail(`${place.name}: the last stable offset is ${lastStableOffset}, ${why}`);
    }
    this.#stable.set(place.name, Math.max(this.stableOf(place), lastStableOffset));
  }

  /** A group was told that it stands here. */
  position(id, position) {
    const before = this.#positions.get(id) ?? 0;
    this.#history.note(`position of ${id}: ${position}`);
    if (position < before) this.#history.fail(`${id} stood at ${before}, and now at ${position}`);
    this.#positions.set(id, position);
    if (position === before) return;
    const made = this.#transactions.some((each) => {
      return each.id === id && each.position === position - 1 && each.mayBeCommitted;
    });
    if (!made) this.#history.fail(`${id} stands at ${position}, which no transaction committed`);
  }

  /** Everything that is committed in all places: maps of offsets to values. */
  whole(places, founds) {
    const seen = new Map();
    for (const [i, place] of places.entries()) {
      for (const [offset, value] of founds[i]) {
        const where = `${place.name}@${offset}`;
        if (seen.has(value)) this.#history.fail(`${value} is at ${seen.get(value)} and ${where}`);
        seen.set(value, where);
        const wanted = this.#ofValue.get(value)?.values.get(value);
        if (wanted !== place.name) this.#history.fail(`${where}: ${value} was sent to ${wanted}`);
      }
      this.#expectAll(place, founds[i]);
    }
    for (const transaction of this.#transactions) this.#judge(transaction, seen);
  }

  /** What was read on the way is there: a reader that goes on misses nothing. */
  #expectAll({ name }, found) {
    const before = [...this.#reads].filter(([where]) => where.startsWith(`${name}@`));
    for (const [where, value] of before) {
      if (found.get(Number(where.slice(name.length + 1))) !== value) {
        this.#history.fail(`${where}: ${value} was read before and is gone`);
      }
    }
    for (const { from, next, offsets } of this.#polls.get(name) ?? []) {
      for (const [offset, value] of found) {
        if (offset < from || offset >= next || offsets.has(offset)) continue;
        this.#history.fail(`${name}@${offset}: ${value} was passed over from ${from} to ${next}`);
      }
    }
  }

  #judge(transaction, seen) {
    const { name, state, values, isSeen } = transaction;
    const there = [...values.keys()].filter((value) => seen.has(value)).length;
    transaction.isThere = there > 0;
    if (there !== 0 && there !== values.size) {
      this.#history.fail(`${name} is torn: ${there} of ${values.size}, it is ${state}`);
    }
    if (state === 'committed' && there !== values.size) this.#history.fail(`${name} is lost`);
    if (isSeen && there === 0) this.#history.fail(`${name} was read and is gone`);
  }

  /** After `whole`: each number below the group's offset was committed by one transaction. */
  settled(id, position) {
    const counts = new Map();
    for (const each of this.#transactions) {
      if (each.id !== id || !each.isThere) continue;
      counts.set(each.position, (counts.get(each.position) ?? 0) + 1);
      if (each.position >= position) {
        this.#history.fail(`${each.name} is committed, but its group stands at ${position}`);
      }
    }
    for (let number = 0; number < position; number++) {
      const count = counts.get(number) ?? 0;
      if (count !== 1) this.#history.fail(`${id}: ${number} was committed ${count} times`);
    }
  }
}
