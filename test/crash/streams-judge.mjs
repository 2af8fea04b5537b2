/**
 * What a reader of committed records must find in the outputs of the smoke topology: computed from
 * the inputs as they stand in their topics. Without a cache each input leads to one output of each
 * operator, so outputs of a key are compared one by one; where two tables are joined, only the last.
 */
import { Consumer } from '#millrace/client/consumer/consumer';
import { text } from '#millrace/client/serde/serdes';
import { topic } from '#millrace/client/serde/topic';
import { float64, int32, int64 } from '#millrace/streams/serde/numbers';
import { readToEnds } from '../streams/support/read-to-ends.mjs';

const DAY_MS = 86_400_000;
const SMALL_MS = 2_000;
const ADVANCE_MS = 1_000;
const STANDING_MS = 1_000;
/** Where nothing goes on for so long, an application stands still. */
const STILL_MS = 20_000;
const DONE_MS = 300_000;

const typed = (value) => (name) => topic(name, { key: text, value });
/** Each output in the order of its key's inputs. */
const IN_ORDER = [
  ...['echo', 'min', 'min-raw', 'max', 'sws-raw'].map(typed(int32)),
  ...['sum', 'cnt'].map(typed(int64)),
  typed(text)('ballast-out'),
];
/** One record for each window, once it is closed. */
const ONCE = ['min-suppressed', 'sws-suppressed'].map(typed(int32));
const LAST = [typed(int32)('dif'), typed(float64)('avg'), typed(int64)('tagg')];
const INPUTS = [typed(int32)('data'), typed(text)('ballast')];
const ALL = [...INPUTS, ...IN_ORDER, ...ONCE, ...LAST];

function windowed(key, start, size) {
  return `[${key}@${start}/${start + size}]`;
}

/** Keys with lists. */
class Lists {
  #lists = new Map();

  add(name, key, value) {
    const id = `${name} ${key}`;
    const list = this.#lists.get(id);
    if (list === undefined) this.#lists.set(id, [value]);
    else list.push(value);
  }

  get(id) {
    return this.#lists.get(id) ?? [];
  }

  ids(name) {
    return [...this.#lists.keys()].filter((id) => id.startsWith(`${name} `));
  }
}

export class StreamsJudge {
  #bootstrap;
  #partitions;
  #positions = new Map();
  #wanted = new Lists();
  #found = new Lists();
  /** Of each key: count, sum, least, most. */
  #totals = new Map();
  #isExact;
  inputs = 0;
  outputs = 0;

  constructor(bootstrap, partitions, isExact) {
    this.#bootstrap = bootstrap;
    this.#partitions = partitions;
    this.#isExact = isExact;
  }

  /** Reads what is there now, and compares what came with what had to come. */
  async look(isLast = false) {
    await this.#read();
    for (const { name } of IN_ORDER) {
      for (const id of this.#found.ids(name)) this.#compare(id, isLast);
    }
    for (const { name } of ONCE) {
      for (const id of this.#found.ids(name)) {
        if (this.#isExact && this.#found.get(id).length > 1) {
          throw new Error(`${id} was written more than once: ${this.#found.get(id)}`);
        }
      }
    }
  }

  /**
   * Looks until all that had to come is there. `standing` tells where the application is: who stands
   * still is told from who is only slow by whether that changes.
   */
  async untilDone(standing) {
    const startMs = performance.now();
    let movedMs = startMs;
    let before = '';
    for (;;) {
      await this.look(true);
      const missing = this.#missing();
      if (missing === null) return;
      const now = await standing();
      if (now !== before) movedMs = performance.now();
      before = now;
      const isStill = performance.now() - movedMs > STILL_MS;
      if (isStill || performance.now() - startMs > DONE_MS) {
        const how = isStill ? `nothing has moved for ${STILL_MS} ms` : `not within ${DONE_MS} ms`;
        throw new Error(`${how}, still missing: ${missing}\n${now}`);
      }
      await new Promise((resolve) => setTimeout(resolve, STANDING_MS));
    }
  }

  /** What is ahead of the inputs that were read belongs to later ones, but for the last look. */
  #compare(id, isLast) {
    const [wanted, found] = [this.#wanted.get(id), this.#found.get(id)];
    if (!this.#isExact) return;
    for (const [i, value] of found.entries()) {
      if (value === wanted[i] || (i >= wanted.length && !isLast)) continue;
      const before = found.slice(Math.max(0, i - 2), i + 3);
      const should = wanted.slice(Math.max(0, i - 2), i + 3);
      throw new Error(`${id}: output ${i} is ${value}, found …${before}…, wanted …${should}…`);
    }
  }

  #missing() {
    for (const { name } of IN_ORDER) {
      for (const id of this.#wanted.ids(name)) {
        const [wanted, found] = [this.#wanted.get(id), this.#found.get(id)];
        if (found.length < wanted.length) return `${id}: ${found.length} of ${wanted.length}`;
      }
    }
    for (const [name, raw] of [
      ['min-suppressed', 'min-raw'],
      ['sws-suppressed', 'sws-raw'],
    ]) {
      for (const id of this.#wanted.ids(raw)) {
        const [found] = this.#found.get(`${name}${id.slice(raw.length)}`);
        const last = this.#wanted.get(id).at(-1);
        if (this.#isExact ? found !== last : found === undefined) {
          return `${name} of ${id} is ${found}, not ${last}`;
        }
      }
    }
    return this.#isExact ? this.#wrongLast() : null;
  }

  #wrongLast() {
    const byCount = new Map();
    for (const [key, { count, sum, least, most }] of this.#totals) {
      const dif = this.#found.get(`dif ${key}`).at(-1);
      if (dif !== most - least) return `dif of ${key} is ${dif}, not ${most - least}`;
      const avg = this.#found.get(`avg ${key}`).at(-1);
      if (avg !== sum / count) return `avg of ${key} is ${avg}, not ${sum / count}`;
      byCount.set(`${count}`, (byCount.get(`${count}`) ?? 0) + 1);
    }
    for (const id of this.#found.ids('tagg')) {
      const wanted = byCount.get(id.slice('tagg '.length)) ?? 0;
      const last = this.#found.get(id).at(-1);
      if (last !== wanted) return `${id} is ${last}, not ${wanted}`;
    }
    return null;
  }

  async #read() {
    const consumer = new Consumer({
      bootstrapServers: this.#bootstrap,
      isolationLevel: 'read_committed',
      autoOffsetReset: 'earliest',
      onError: () => undefined,
    });
    const places = ALL.flatMap(({ name }) => {
      return Array.from({ length: this.#partitions }, (_, partition) => ({
        topic: name,
        partition,
      }));
    });
    consumer.assign(places, ALL);
    for (const at of places) {
      const position = this.#positions.get(`${at.topic}-${at.partition}`);
      if (position !== undefined) consumer.seek(at, position);
    }
    // Inputs first: no output may be older than the end of the inputs.
    await readToEnds(consumer, places, (record) => this.#take(record));
    for (const at of places) {
      this.#positions.set(`${at.topic}-${at.partition}`, consumer.position(at) ?? 0);
    }
    await consumer.close();
  }

  #take({ topic: name, key, value, timestamp }) {
    if (name === 'data') this.#onInput(key, value, timestamp);
    else if (name === 'ballast') this.#wanted.add('ballast-out', key, value.slice(0, 8));
    else {
      this.outputs++;
      this.#found.add(name, key, value);
    }
  }

  #onInput(key, value, timestamp) {
    if (key === 'flush') return;
    this.inputs++;
    const before = this.#totals.get(key) ?? { count: 0, sum: 0, least: value, most: value };
    const total = {
      count: before.count + 1,
      sum: before.sum + value,
      least: Math.min(before.least, value),
      most: Math.max(before.most, value),
    };
    this.#totals.set(key, total);
    const wanted = this.#wanted;
    wanted.add('echo', key, value);
    wanted.add('min', key, total.least);
    wanted.add('max', key, total.most);
    wanted.add('sum', key, total.sum);
    wanted.add('cnt', key, total.count);
    const day = timestamp - (timestamp % DAY_MS);
    wanted.add('min-raw', windowed(key, day, DAY_MS), total.least);
    const last = timestamp - (timestamp % ADVANCE_MS);
    for (let start = last - SMALL_MS + ADVANCE_MS; start <= last; start += ADVANCE_MS) {
      const name = windowed(key, start, SMALL_MS);
      const sum = wanted.get(`sws-raw ${name}`).at(-1) ?? 0;
      wanted.add('sws-raw', name, sum + value);
    }
  }
}
