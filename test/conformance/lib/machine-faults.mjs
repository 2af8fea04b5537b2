/**
 * Machines that go wrong while their processes run on: wall clocks that jump, and disks that are
 * slow. No broker may lose its session for that, and none its leadership.
 */

import { setTimeout as pause } from 'node:timers/promises';
import { SESSION_MS } from './cluster-casts.mjs';
import { brokersAt, partitionsAt, untilAllInSync, untilPartitions } from './replicas.mjs';

const HOUR_MS = 3_600_000;
/** Less than a day, which is how long brokers know an idempotent producer that is silent. */
const HOURS = { least: 3, most: 20 };
const JUMPED_MS = SESSION_MS + 4_000;
const SLOW_MS = 12_000;
const LOOK_MS = 250;
const SLOW = { writeMs: 200, syncMs: 400, readMs: 100 };
/** A follower does not copy one batch within `replica.lag.time.max.ms`. */
const NEARLY_STILL = { writeMs: 4_000, syncMs: 4_000, readMs: 500 };

export class MachineFaults {
  /** `shims` are those that the brokers of the cluster were started with. */
  constructor(shims, { cluster, topic, topics, writer, random }) {
    Object.assign(this, { shims, cluster, topic, topics, writer, random });
  }

  get all() {
    return {
      'the clock of a leader jumps forward': () => this.#leaderJumps(1),
      'the clock of a leader jumps back': () => this.#leaderJumps(-1),
      'the clock of a follower jumps forward': () => this.#followerJumps(1),
      'the clock of a follower jumps back': () => this.#followerJumps(-1),
      'the clocks of all brokers jump': () => this.#allJump(),
      'the disk of a leader is slow': () => this.#leaderSlow(),
      'the disk of a follower is slow': () => this.#followerSlow(),
      'the disks of all brokers are slow': () => this.#slow(this.cluster.brokers),
      'the disk of a follower stands nearly still': () => this.#nearlyStill(),
    };
  }

  async #places() {
    const { cluster, topic } = this;
    const all = await partitionsAt(cluster.brokers[0], topic);
    const place = all[Math.floor(this.random() * all.length)];
    const followers = place.replicas.filter((id) => id !== place.leader);
    const follower = followers[Math.floor(this.random() * followers.length)];
    return { place, leader: cluster.broker(place.leader), follower: cluster.broker(follower) };
  }

  async #whole() {
    await untilAllInSync(this.cluster, this.topics);
    await this.writer.untilAllGoOn();
  }

  #jumpMs(direction) {
    const { least, most } = HOURS;
    return direction * (least + this.random() * (most - least)) * HOUR_MS;
  }

  async #leaderJumps(direction) {
    const { leader } = await this.#places();
    await this.#jump([leader], direction);
  }

  async #followerJumps(direction) {
    const { follower } = await this.#places();
    await this.#jump([follower], direction);
  }

  /** Each in its own direction. */
  async #allJump() {
    await this.#whileServing(this.cluster.brokers, async () => {
      for (const { id } of this.cluster.brokers) {
        await this.shims.set(id, { shiftMs: this.#jumpMs(this.random() < 0.5 ? -1 : 1) });
      }
      await this.#goOn(JUMPED_MS);
    });
  }

  async #jump(nodes, direction) {
    await this.#whileServing(nodes, async () => {
      for (const { id } of nodes) await this.shims.set(id, { shiftMs: this.#jumpMs(direction) });
      await this.#goOn(JUMPED_MS);
    });
  }

  async #leaderSlow() {
    const { leader } = await this.#places();
    await this.#slow([leader]);
  }

  async #followerSlow() {
    const { follower } = await this.#places();
    await this.#slow([follower]);
  }

  async #slow(nodes) {
    await this.#whileServing(nodes, async () => {
      for (const { id } of nodes) await this.shims.set(id, SLOW);
      await this.#goOn(SLOW_MS);
    });
  }

  /** The others go on without it. */
  async #nearlyStill() {
    const { follower, place } = await this.#places();
    const others = this.cluster.brokers.filter((node) => node !== follower);
    await this.#whileServing([follower], async () => {
      await this.shims.set(follower.id, NEARLY_STILL);
      const what = `${follower.id} is no longer in sync`;
      await untilPartitions(others, this.topic, what, (partitions) => {
        return !partitions[place.partition].isr.includes(follower.id);
      });
      await this.#goOn(SESSION_MS);
    });
  }

  async #goOn(ms) {
    await pause(ms);
    await this.writer.untilAllGoOn();
  }

  /** Ends the fault after `work`: a clock that has jumped jumps back. */
  async #whileServing(nodes, work) {
    const before = await this.#partitions();
    const watch = new Watch(this.cluster, nodes);
    try {
      await work().finally(() => this.#heal(nodes));
      await this.#whole();
    } finally {
      await watch.end();
    }
    watch.requireServed();
    const after = await this.#partitions();
    for (const [partition, { leader, replicas }] of after.entries()) {
      // The controllers give leadership back to the first replica now and then.
      if (leader === before[partition].leader || leader === replicas[0]) continue;
      throw new Error(`${leader} leads ${partition} instead of ${before[partition].leader}`);
    }
  }

  async #heal(nodes) {
    for (const { id } of nodes) await this.shims.set(id, {});
  }

  #partitions() {
    return partitionsAt(this.cluster.brokers[0], this.topic);
  }
}

/** Asks again and again whether these brokers are there for clients. */
class Watch {
  #isOver = false;
  #work;
  #missing = new Set();

  constructor(cluster, nodes) {
    this.#work = this.#run(cluster, nodes);
  }

  async #run(cluster, nodes) {
    while (!this.#isOver) {
      for (const node of nodes) await this.#look(cluster, node);
      await pause(LOOK_MS);
    }
  }

  async #look({ brokers }, node) {
    try {
      const there = await brokersAt(brokers.find((other) => other !== node));
      if (!there.includes(node.id)) this.#missing.add(node.id);
    } catch (error) {
      // A slow broker may not answer in time; it is asked again.
      this.lastError = error;
    }
  }

  async end() {
    this.#isOver = true;
    await this.#work;
  }

  requireServed() {
    if (this.#missing.size > 0) throw new Error(`fenced for a time: ${[...this.#missing]}`);
  }
}
