/**
 * A network namespace for each node of a cluster, joined by a bridge. Between any two nodes frames
 * can be made to vanish, as with a switch that fails: nobody is told. It needs root, and a network
 * namespace and mounts of its own: see isolated-check.
 */

import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { promisify } from 'node:util';

const BRIDGE = 'nodes';
/** No node has this address. */
const NOWHERE = '02:00:00:00:00:01';
const run = promisify(execFile);
const ip = (...args) => run('ip', args);
const nameOf = (id) => `node-${id}`;
const hostOf = (id) => `10.77.0.${id}`;

export class NetworkNamespaces {
  /** What is cut, as `from>to`. */
  #cut = new Set();

  static async create(ids) {
    await run('mount', ['-t', 'tmpfs', 'tmpfs', '/run']);
    await mkdir('/run/netns');
    await ip('link', 'set', 'lo', 'up');
    await ip('link', 'add', BRIDGE, 'type', 'bridge');
    await ip('link', 'set', BRIDGE, 'up');
    await ip('addr', 'add', '10.77.0.254/24', 'dev', BRIDGE);
    for (const id of ids) await NetworkNamespaces.#add(id);
    return new NetworkNamespaces();
  }

  static async #add(id) {
    const [name, port] = [nameOf(id), `port-${id}`];
    await ip('netns', 'add', name);
    await ip('link', 'add', port, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name);
    await ip('link', 'set', port, 'master', BRIDGE, 'up');
    await ip('-n', name, 'addr', 'add', `${hostOf(id)}/24`, 'dev', 'eth0');
    await ip('-n', name, 'link', 'set', 'eth0', 'up');
    await ip('-n', name, 'link', 'set', 'lo', 'up');
  }

  /** Where a node listens, and what starts it there. */
  placeOf(id) {
    return { host: hostOf(id), under: ['ip', 'netns', 'exec', nameOf(id)] };
  }

  /** What one sends to the other vanishes. */
  async cutFrom(from, to) {
    const at = [hostOf(to), 'lladdr', NOWHERE, 'dev', 'eth0', 'nud', 'permanent'];
    await ip('-n', nameOf(from), 'neigh', 'replace', ...at);
    this.#cut.add(`${from}>${to}`);
  }

  /** Neither reaches the other. */
  async cut(one, other) {
    await this.cutFrom(one, other);
    await this.cutFrom(other, one);
  }

  async healAll() {
    for (const each of this.#cut) {
      const [from, to] = each.split('>');
      await ip('-n', nameOf(from), 'neigh', 'del', hostOf(to), 'dev', 'eth0');
    }
    this.#cut.clear();
  }
}
