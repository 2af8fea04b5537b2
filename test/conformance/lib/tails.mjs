/** Readers that follow a partition from its beginning, whoever leads it. */

import { setTimeout as pause } from 'node:timers/promises';
import { decodeRecords } from '#millrace/records/record-iterator';
import { committedRecords } from '../../support/committed-reader.mjs';
import { fetchFrom, untilPartitions, withNode } from './replicas.mjs';

const LONG_POLL_MS = 300;
const PAUSE_MS = 50;
const OFFSET_OUT_OF_RANGE = 1;

/** Reads on until it is ended. Who extends it says what is done with an answer. */
class Follower {
  #cluster;
  #options;
  #isOver = false;
  #work;
  /** The offset that it reads next. */
  next = 0;
  wrong = [];
  /** Who led in each leader epoch, and whether it had been killed when that was first seen. */
  leaders = new Map();

  constructor(cluster, topic, partition, isCommitted) {
    this.#cluster = cluster;
    this.#options = { maxWaitMs: LONG_POLL_MS, isCommitted };
    Object.assign(this, { topic, partition });
    this.#work = this.#run();
  }

  async #run() {
    while (!this.#isOver) {
      try {
        await this.#readOn();
      } catch (error) {
        // A broker that is down or stands still; anything else is told when the tail ends.
        this.lastError = error;
        await pause(PAUSE_MS);
      }
    }
  }

  async #readOn() {
    const { topic, partition } = this;
    const partitions = await untilPartitions(this.#cluster.brokers, topic, 'a leader', (all) => {
      return this.#isOver || all[partition].leader >= 0;
    });
    if (this.#isOver) return;
    const { leader: id, epoch } = partitions[partition];
    const leader = this.#cluster.broker(id);
    const { kind, wasKilled } = leader;
    if (!this.leaders.has(epoch)) this.leaders.set(epoch, { id, kind, wasKilled });
    await withNode(leader, async (connection) => {
      while (!this.#isOver) {
        const answer = await fetchFrom(connection, topic, partition, this.next, this.#options);
        if (answer.errorCode === OFFSET_OUT_OF_RANGE) {
          this.wrong.push(`${id} has no offset ${this.next} of ${partition}, which was read`);
        }
        if (answer.errorCode !== 0) throw new Error(`fetch: error ${answer.errorCode}`);
        this.take(answer);
      }
    });
  }

  /** Waits until it has read up to an offset. */
  async endAt(offset, limitMs = 30_000) {
    const untilMs = performance.now() + limitMs;
    while (this.next < offset && this.wrong.length === 0) {
      if (performance.now() > untilMs) {
        const reason = `${this.lastError?.message}`;
        throw new Error(`${this.partition} is read to ${this.next}, not ${offset}: ${reason}`);
      }
      await pause(PAUSE_MS);
    }
    await this.end();
  }

  async end() {
    this.#isOver = true;
    await this.#work;
  }
}

/** Reads everything of a topic without transactions. */
export class Tail extends Follower {
  /** What it has read, by offset. */
  values = [];

  /** `identityOf` makes of a record's text what is kept of it. */
  constructor(cluster, topic, partition, identityOf) {
    super(cluster, topic, partition, false);
    this.identityOf = identityOf;
  }

  take({ records }) {
    for (const { offset, value } of decodeRecords(records)) {
      if (offset < this.next) continue;
      if (offset > this.next) {
        this.wrong.push(`${this.partition}: offset ${offset} after ${this.next - 1}`);
      }
      this.values[offset] = this.identityOf(value.toString());
      this.next = offset + 1;
    }
  }
}

/** Reads what is committed. */
export class CommittedTail extends Follower {
  /** `{ offset, value }` of each record. */
  records = [];

  constructor(cluster, topic, partition) {
    super(cluster, topic, partition, true);
  }

  take({ records, abortedTransactions, lastStableOffset }) {
    const { found, next } = committedRecords(records, abortedTransactions, this.next);
    if (next > this.next && next > lastStableOffset) {
      this.wrong.push(`${this.partition}: ${next} is read, but only ${lastStableOffset} is stable`);
    }
    this.records.push(...found);
    this.next = next;
  }
}
