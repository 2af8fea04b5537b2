/** What a reader of committed records has seen of the outputs, held against the inputs. */
import { endOf, readCommitted } from '../support/committed-reader.mjs';

const LOOK_MS = 20;

export class TransferOutputs {
  #topic;
  #partitions;
  #random;
  /** By partition: how far it is read, and by offset what stood there. */
  #next;
  #values;
  /** By input partition: the offset of the output by number. */
  #seen = new Map();

  constructor(topic, partitions, random) {
    this.#topic = topic;
    this.#partitions = partitions;
    this.#random = random;
    this.#next = new Array(partitions).fill(0);
    this.#values = Array.from({ length: partitions }, () => new Map());
  }

  get count() {
    return this.#values.reduce((sum, { size }) => sum + size, 0);
  }

  /** The last stable offset of each partition comes to the end within the limit. */
  async untilStable(link, limitMs) {
    const untilMs = performance.now() + limitMs;
    for (let partition = 0; partition < this.#partitions; partition++) {
      for (;;) {
        const end = await endOf(link, this.#topic, partition, false);
        const stable = await endOf(link, this.#topic, partition, true);
        if (stable === end) break;
        if (performance.now() > untilMs) {
          const where = `${this.#topic}-${partition}`;
          throw new Error(
            `${where}: the last stable offset stands at ${stable}, the end is ${end}`,
          );
        }
        await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      }
    }
  }

  /** Each record once; what was read before is read again now and then, and is the same. */
  async read(link, isWhole = false) {
    for (let partition = 0; partition < this.#partitions; partition++) {
      const again = isWhole || this.#random() < 0.2;
      const last = this.#next[partition];
      const from = again ? Math.floor(isWhole ? 0 : this.#random() * last) : last;
      const partitionMaxBytes = this.#random() < 0.5 ? 1_000_000 : 3000;
      const read = await readCommitted(link, this.#topic, partition, from, {
        partitionMaxBytes,
      });
      this.#compare(partition, from, read.records);
      for (const record of read.records) this.#take(partition, record);
      this.#next[partition] = Math.max(last, read.next);
    }
  }

  #compare(partition, from, records) {
    const now = new Set(records.map(({ offset }) => offset));
    for (const [offset, value] of this.#values[partition]) {
      if (offset < from || now.has(offset)) continue;
      throw new Error(`${this.#topic}-${partition}@${offset}: ${value} was read and is gone`);
    }
  }

  #take(partition, { offset, value }) {
    const where = `${this.#topic}-${partition}@${offset}`;
    const before = this.#values[partition].get(offset);
    if (before !== undefined) {
      if (before !== value) throw new Error(`${where}: ${before} was read, now ${value}`);
      return;
    }
    if (offset < this.#next[partition]) {
      throw new Error(`${where}: ${value} appears below what was read already`);
    }
    this.#values[partition].set(offset, value);
    const [input, number] = value.split('/').map(Number);
    const seen = this.#seen.get(input) ?? new Map();
    this.#seen.set(input, seen);
    if (seen.has(number)) throw new Error(`${where}: ${value} is there twice: ${seen.get(number)}`);
    seen.set(number, where);
  }

  /** Where no transaction is open: an input has its output when its offset is committed. */
  hold(input, committed) {
    const seen = this.#seen.get(input) ?? new Map();
    for (let number = 0; number < committed; number++) {
      if (!seen.has(number)) throw new Error(`input ${input}/${number} has no output`);
    }
    if (seen.size === committed) return;
    throw new Error(`input ${input}: ${seen.size} outputs, but committed is ${committed}`);
  }
}
