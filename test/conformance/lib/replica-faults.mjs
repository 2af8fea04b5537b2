/**
 * What goes wrong in a cluster while clients write to a replicated topic. Each fault begins and ends
 * with all replicas in sync, so that the next one cannot take the last copy of a record.
 */

import { execFile } from 'node:child_process';
import { open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { CLUSTER_ID } from './cluster.mjs';
import { SESSION_MS } from './cluster-casts.mjs';
import { partitionsAt, untilAllInSync } from './replicas.mjs';

const STANDS_MS = SESSION_MS + 3_000;
const WRITES_MS = 2_000;
const DISK = '128m';
const run = promisify(execFile);

export class ReplicaFaults {
  /** The longest times without an acknowledgement after kill -9 of a leader. */
  gapsMs = [];

  /**
   * `random` draws partitions and brokers; `writer` is a SteadyWriter to `topic`. `topics` are all
   * that clients use.
   */
  constructor({ cluster, topic, topics, writer, random }) {
    Object.assign(this, { cluster, topic, topics, writer, random });
  }

  /** The faults by name, in the order in which a short run has them. */
  get all() {
    const faults = {
      'a leader is killed': () => this.#leaderKilled(),
      'a follower is killed': () => this.#followerKilled(),
      'a leader stands still for longer than its session': () => this.#standsStill(true),
      'a follower stands still for longer than its session': () => this.#standsStill(false),
      'the leading controller is killed': () => this.#controllerKilled(),
      'a leader and the leading controller are killed': () => this.#bothKilled(),
      'two brokers are killed at once': () => this.#killed(2),
      'all brokers are killed at once': () => this.#killed(3),
      'a leader is killed and comes back at once': () => this.#comesBack(),
      'leaders are killed in a row': () => this.#inARow(),
      'brokers are stopped in turn': () => this.#inTurn(),
      'a broker loses its disk': () => this.#diskLost(),
    };
    if (process.getuid?.() === 0) faults['the disk of a leader is full'] = () => this.#diskFull();
    return faults;
  }

  #pick(list) {
    return list[Math.floor(this.random() * list.length)];
  }

  /** The leader of a partition that is drawn, and one of its followers. */
  async #places() {
    const { cluster, topic } = this;
    const asked = cluster.brokers.find(({ isUp }) => isUp);
    const { leader, replicas } = this.#pick(await partitionsAt(asked, topic));
    const follower = this.#pick(replicas.filter((id) => id !== leader));
    return { leader: cluster.broker(leader), follower: cluster.broker(follower) };
  }

  async #start(nodes) {
    for (const node of nodes) await node.start();
    await Promise.all(nodes.map((node) => node.ready()));
  }

  async #whole() {
    await untilAllInSync(this.cluster, this.topics);
    await this.writer.untilAllGoOn();
  }

  async #leaderKilled() {
    const { leader } = await this.#places();
    const fromMs = performance.now();
    await leader.kill();
    await this.writer.untilAllGoOn();
    this.gapsMs.push(this.writer.longestGapSince(fromMs));
    await this.#start([leader]);
    await this.#whole();
  }

  async #followerKilled() {
    const { follower } = await this.#places();
    await follower.kill();
    await this.writer.untilAllGoOn();
    await this.#start([follower]);
    await this.#whole();
  }

  async #standsStill(isLeader) {
    const { leader, follower } = await this.#places();
    const node = isLeader ? leader : follower;
    node.pause();
    await pause(STANDS_MS);
    await this.writer.untilAllGoOn();
    node.resume();
    await this.#whole();
  }

  async #controllerKilled() {
    const controller = await this.cluster.leadingController();
    await controller.kill();
    await this.writer.untilAllGoOn();
    await pause(WRITES_MS);
    await controller.start();
    await this.#whole();
  }

  async #bothKilled() {
    const controller = await this.cluster.leadingController();
    const { leader } = await this.#places();
    await Promise.all([controller.kill(), leader.kill()]);
    await this.writer.untilAllGoOn();
    await controller.start();
    await this.#start([leader]);
    await this.#whole();
  }

  /** So many of them at once, for as long as the controllers need to notice it. */
  async #killed(count) {
    const order = [...this.cluster.brokers].sort(() => this.random() - 0.5);
    const killed = order.slice(0, count);
    await Promise.all(killed.map((node) => node.kill()));
    await pause(STANDS_MS);
    await this.#start(killed);
    await this.#whole();
  }

  async #comesBack() {
    const { leader } = await this.#places();
    await leader.kill();
    await this.#start([leader]);
    await this.#whole();
  }

  /** The next leader dies before the last one is in sync again. */
  async #inARow() {
    const starts = [];
    for (let kills = 0; kills < 3; kills += 1) {
      const { leader } = await this.#placesOfLiving();
      await leader.kill();
      await leader.start();
      // It may be killed again before it is ready.
      starts.push(leader.ready().catch((error) => error));
      await pause(this.random() * STANDS_MS);
    }
    await Promise.all(starts);
    await this.#start(this.cluster.brokers.filter(({ isUp }) => !isUp));
    await this.#whole();
  }

  async #placesOfLiving() {
    const { cluster, topic } = this;
    for (;;) {
      for (const node of cluster.brokers.filter(({ isUp }) => isUp)) {
        try {
          const { leader } = this.#pick(await partitionsAt(node, topic));
          if (cluster.broker(leader)?.isUp) return { leader: cluster.broker(leader) };
        } catch (error) {
          // It is just starting; another one is asked, or the same one later.
          this.lastError = error;
        }
      }
      await pause(100);
    }
  }

  async #inTurn() {
    for (const node of this.cluster.brokers) {
      await node.stop();
      await this.#start([node]);
      await untilAllInSync(this.cluster, this.topics);
    }
    await this.#whole();
  }

  /** Killed; its directory is empty when it comes back. */
  async #diskLost() {
    const { leader } = await this.#places();
    await leader.kill();
    await this.writer.untilAllGoOn();
    await this.#emptied(leader);
    await this.#start([leader]);
    await this.#whole();
  }

  async #emptied(node) {
    for (const name of await readdir(node.dataDir)) {
      await rm(join(node.dataDir, name), { recursive: true, force: true });
    }
    await node.format(CLUSTER_ID);
  }

  /** A small disk of its own that is filled to the brim; the broker gets an empty one later. */
  async #diskFull() {
    const { leader } = await this.#places();
    await leader.kill();
    await this.writer.untilAllGoOn();
    await run('mount', ['-t', 'tmpfs', '-o', `size=${DISK}`, 'tmpfs', leader.dataDir]);
    try {
      await leader.format(CLUSTER_ID);
      await this.#start([leader]);
      await this.#whole();
      await fillUp(join(leader.dataDir, 'ballast'), WRITES_MS);
      await this.writer.untilAllGoOn();
      await leader.kill();
    } finally {
      await leader.kill();
      await run('umount', [leader.dataDir]);
    }
    await this.#emptied(leader);
    await this.#start([leader]);
    await this.#whole();
  }
}

/** Takes every free block, also those that others give back meanwhile. */
async function fillUp(path, forMs) {
  const file = await open(path, 'w');
  const untilMs = performance.now() + forMs;
  try {
    while (performance.now() < untilMs) {
      for (const piece of [Buffer.alloc(65_536, 1), Buffer.alloc(4_096, 1)]) {
        while (await hasWritten(file, piece));
      }
      await pause(10);
    }
  } finally {
    await file.close();
  }
}

async function hasWritten(file, piece) {
  try {
    return (await file.write(piece)).bytesWritten === piece.length;
  } catch (error) {
    if (error.code !== 'ENOSPC') throw error;
    return false;
  }
}
