/**
 * What happened, as clients saw it, and the rules that it must keep to. The first broken rule ends
 * the run. Every line goes into the hash: two runs of one seed are the same when theirs are.
 */
import { createHash } from 'node:crypto';

const LINES_KEPT = 60;

/** A rule was broken: the seed is worth a look. */
export class Violation extends Error {}

/** What was ever seen of one partition of one topic id. */
class PartitionHistory {
  /** By offset: the value. */
  values = new Map();
  /** By value: the offset. */
  offsets = new Map();
  acknowledged = new Map();
  highWatermark = 0;
  /** By who told it: a broker of a cluster begins behind the others. */
  highWatermarks = new Map();
  /** Below it records may be gone: retention, DeleteRecords. */
  startOffset = 0;
  isDeleted = false;
}

export class History {
  failure = null;
  counts = {};
  lines = [];
  #loop;
  #hash = createHash('sha1');
  #partitions = new Map();
  #commits = new Map();
  #isVerbose;

  constructor(loop, isVerbose) {
    this.#loop = loop;
    this.#isVerbose = isVerbose;
  }

  /** Something that the same seed repeats. */
  note(text) {
    const line = `${this.#loop.nowMs.toFixed(3)} ${text}`;
    this.#hash.update(line);
    this.#keep(line);
  }

  /** A log line: its text may hold what differs between machines. */
  log(text) {
    this.#keep(`${this.#loop.nowMs.toFixed(3)}   ${text}`);
  }

  #keep(line) {
    if (this.#isVerbose) process.stderr.write(`${line}\n`);
    this.lines.push(line);
    if (this.lines.length > LINES_KEPT) this.lines.shift();
  }

  count(name, by = 1) {
    this.counts[name] = (this.counts[name] ?? 0) + by;
  }

  digest() {
    return this.#hash.copy().digest('hex');
  }

  fail(reason) {
    this.note(`VIOLATION: ${reason}`);
    this.failure ??= reason;
    throw new Violation(reason);
  }

  partition(topicId, index) {
    const name = `${topicId}-${index}`;
    let partition = this.#partitions.get(name);
    if (partition === undefined) {
      partition = new PartitionHistory();
      this.#partitions.set(name, partition);
    }
    return partition;
  }

  acknowledged({ topicId, partition: index, name }, baseOffset, values) {
    this.note(`ack ${name} ${baseOffset} ${values.join(',')}`);
    this.count('acknowledged', values.length);
    const partition = this.partition(topicId, index);
    for (const [i, value] of values.entries()) {
      this.#place(partition, name, baseOffset + i, value, 'acknowledged');
      partition.acknowledged.set(value, baseOffset + i);
    }
  }

  /** A record that a consumer was given. */
  read({ topicId, partition: index, name }, offset, value, sent) {
    const partition = this.partition(topicId, index);
    if (!sent.has(value)) this.fail(`${name}@${offset}: ${value} was never sent there`);
    this.#place(partition, name, offset, value, 'read');
  }

  #place(partition, name, offset, value, how) {
    const there = partition.values.get(offset);
    if (there !== undefined && there !== value) {
      this.fail(`${name}@${offset}: ${value} was ${how} where ${there} was before`);
    }
    const before = partition.offsets.get(value);
    if (before !== undefined && before !== offset) {
      this.fail(`${name}: ${value} was ${how} at ${offset} and at ${before} before: doubled`);
    }
    partition.values.set(offset, value);
    partition.offsets.set(value, offset);
  }

  /** The furthest high watermark that this source has told. */
  highWatermarkOf({ topicId, partition: index }, source) {
    return this.partition(topicId, index).highWatermarks.get(source) ?? 0;
  }

  /** `least` is what was known when the question was asked: answers may pass each other. */
  highWatermark({ topicId, partition: index, name }, source, highWatermark, least) {
    const partition = this.partition(topicId, index);
    if (highWatermark < least) {
      this.fail(`${name}: the high watermark went from ${least} back to ${highWatermark}`);
    }
    partition.highWatermark = Math.max(partition.highWatermark, highWatermark);
    const before = partition.highWatermarks.get(source) ?? 0;
    partition.highWatermarks.set(source, Math.max(before, highWatermark));
  }

  /** Nothing that is known of lies at or behind this offset. */
  isWhole({ topicId, partition: index }, endOffset) {
    const { values } = this.partition(topicId, index);
    for (const offset of values.keys()) if (offset >= endOffset) return false;
    return true;
  }

  /** All of a partition was read from its start to its end: what must be there? */
  wholePartition({ topicId, partition: index, name }, found, endOffset) {
    const partition = this.partition(topicId, index);
    for (const [value, offset] of partition.acknowledged) {
      if (offset < partition.startOffset || found.get(offset) === value) continue;
      this.fail(`${name}@${offset}: ${value} was acknowledged and is lost (end ${endOffset})`);
    }
    for (const [offset, value] of partition.values) {
      if (offset < partition.startOffset || found.get(offset) === value) continue;
      this.fail(`${name}@${offset}: ${value} was read before and is gone (end ${endOffset})`);
    }
    this.#inOrder(name, found);
  }

  /** A value is `producer/number`: the numbers of each producer only grow. */
  #inOrder(name, found) {
    const last = new Map();
    for (const [offset, value] of [...found].sort(([one], [other]) => one - other)) {
      const [producer, number] = value.split('/');
      const before = last.get(producer) ?? -1;
      if (Number(number) <= before) {
        this.fail(`${name}@${offset}: ${value} stands behind ${producer}/${before}`);
      }
      last.set(producer, Number(number));
    }
  }

  /** The newest offset that a group was told is committed, and whether it may be forgotten. */
  commitOf(group, { name, topicId }) {
    return { committed: this.#commits.get(`${group} ${name} ${topicId}`) ?? -1 };
  }

  committed(group, place, offset) {
    this.note(`commit ${group} ${place.name} ${offset}`);
    this.count('commits');
    this.#raiseCommit(group, place, offset);
  }

  #raiseCommit(group, { name, topicId }, offset) {
    const key = `${group} ${name} ${topicId}`;
    this.#commits.set(key, Math.max(offset, this.#commits.get(key) ?? -1));
  }

  /** What a group is told that it committed; `least` is what was known when it asked. */
  fetchedCommit(group, place, offset, least) {
    const { highWatermark } = this.partition(place.topicId, place.partition);
    this.note(`committed of ${group} ${place.name}: ${offset}`);
    if (offset < least)
      this.fail(`${group} committed ${least} of ${place.name}, is told ${offset}`);
    if (offset > highWatermark) {
      this.fail(`${group} is told ${offset} of ${place.name}, whose end is ${highWatermark}`);
    }
    this.#raiseCommit(group, place, offset);
  }
}
