/**
 * What lies between the nodes of a cluster. Between two of them bytes may stand still in either
 * direction: they arrive when the cut is mended, unless an end has lost its patience by then.
 */
import { PeerTransport } from './peer-transport.mjs';

export class Network {
  loop;
  random;
  latencyMsMax;
  #hosts = new Map();
  #cuts = new Set();
  #peers = new Set();

  constructor(loop, random, latencyMsMax) {
    this.loop = loop;
    this.random = random;
    this.latencyMsMax = latencyMsMax;
  }

  add(port, host) {
    this.#hosts.set(port, host);
  }

  /** How this node connects to others. */
  openerOf(node) {
    return ({ port }, events) => {
      const peer = new PeerTransport(this, node, this.#hosts.get(port), events);
      this.#peers.add(peer);
      return peer;
    };
  }

  forget(peer) {
    this.#peers.delete(peer);
  }

  isCut(from, to) {
    return this.#cuts.has(`${from.name} ${to.name}`);
  }

  cut(from, to) {
    this.#cuts.add(`${from.name} ${to.name}`);
  }

  mend(one, other) {
    this.#cuts.delete(`${one.name} ${other.name}`);
    this.#cuts.delete(`${other.name} ${one.name}`);
    for (const peer of this.#peers) peer.goOn();
  }

  /** A connection is lost, if there is one. */
  breakOne(random) {
    const open = [...this.#peers].filter(({ isOpen }) => isOpen);
    if (open.length > 0) random.pick(open).break();
  }

  /** The process of a node ended: its system closes what it had open. */
  onEnded(node) {
    for (const peer of [...this.#peers]) if (peer.from === node) peer.die();
  }
}
