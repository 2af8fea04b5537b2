/** Cuts between the nodes of a cluster, while clients reach all of them. */

import { setTimeout as pause } from 'node:timers/promises';
import { SESSION_MS } from './cluster-casts.mjs';
import { partitionsAt, untilAllInSync } from './replicas.mjs';

const CUT_MS = SESSION_MS + 4_000;

export class NetworkFaults {
  gapsMs = [];

  constructor(network, { cluster, topic, topics, writer, random }) {
    Object.assign(this, { network, cluster, topic, topics, writer, random });
  }

  get all() {
    return {
      'a leader and a follower': () => this.#cut((leader, [follower]) => [[leader, follower]]),
      'a leader and all followers': () => {
        return this.#cut((leader, followers) => followers.map((each) => [leader, each]));
      },
      'two followers': () => this.#cut((_leader, followers) => [followers]),
      'all brokers': () => {
        return this.#cut((leader, [one, other]) => [
          [leader, one],
          [leader, other],
          [one, other],
        ]);
      },
      'a leader and the controllers': () => this.#cut((leader) => this.#controllers(leader)),
      'a follower and the controllers': () => {
        return this.#cut((_leader, [follower]) => this.#controllers(follower));
      },
      'a leader and all others': () => {
        return this.#cut((leader, followers) => [
          ...followers.map((each) => [leader, each]),
          ...this.#controllers(leader),
        ]);
      },
      'from a leader to a follower': () => this.#oneWay((leader, follower) => [leader, follower]),
      'from a follower to a leader': () => this.#oneWay((leader, follower) => [follower, leader]),
      'any two, again and again': () => this.#manyCuts(),
    };
  }

  #controllers({ id }) {
    return this.cluster.controllers.map((controller) => [{ id }, controller]);
  }

  async #places() {
    const { cluster, topic } = this;
    const all = await partitionsAt(cluster.brokers[0], topic);
    const { leader, replicas } = all[Math.floor(this.random() * all.length)];
    const followers = replicas.filter((id) => id !== leader).map((id) => cluster.broker(id));
    return { leader: cluster.broker(leader), followers };
  }

  async #heal() {
    await this.network.healAll();
    await untilAllInSync(this.cluster, this.topics);
    await this.writer.untilAllGoOn();
  }

  async #cut(pairsOf) {
    const { leader, followers } = await this.#places();
    for (const [one, other] of pairsOf(leader, followers)) await this.network.cut(one.id, other.id);
    await pause(CUT_MS);
    await this.#heal();
  }

  async #oneWay(wayOf) {
    const { leader, followers } = await this.#places();
    const [from, to] = wayOf(leader, followers[0]);
    await this.network.cutFrom(from.id, to.id);
    await pause(CUT_MS);
    await this.#heal();
  }

  /** One pair at a time, for random times. */
  async #manyCuts() {
    const nodes = [...this.cluster.brokers, ...this.cluster.controllers];
    for (let cuts = 0; cuts < 6; cuts += 1) {
      const one = nodes[Math.floor(this.random() * this.cluster.brokers.length)];
      const others = nodes.filter((node) => node !== one);
      const other = others[Math.floor(this.random() * others.length)];
      await this.network.cut(one.id, other.id);
      await pause(this.random() * CUT_MS);
      await this.network.healAll();
      await pause(this.random() * 1_000);
    }
    await this.#heal();
  }
}
