/**
 * Stands before a broker that dies and comes back: connections break with it, but none is refused.
 * Some suites take a refused connection for a failure of their own.
 */

import { connect, createServer } from 'node:net';

const RETRY_MS = 50;

export class WaitingProxy {
  #server;
  #sockets = new Set();
  /** Connections to the broker, with the client of each. */
  #bridges = new Map();
  /** Set when the broker's port is known. */
  target = 0;

  static async start() {
    const proxy = new WaitingProxy();
    proxy.#server = createServer((client) => proxy.#bridge(client));
    await new Promise((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port() {
    return this.#server.address().port;
  }

  #bridge(client) {
    this.#sockets.add(client);
    client.on('error', () => client.destroy());
    client.on('close', () => this.#sockets.delete(client));
    this.#reach(client);
  }

  /** Tries until the broker is there, as long as the client waits. */
  #reach(client) {
    if (client.destroyed) return;
    const server = connect(this.target, '127.0.0.1');
    let isReached = false;
    server.on('connect', () => {
      isReached = true;
      client.pipe(server);
      server.pipe(client);
      this.#bridges.set(server, client);
      client.on('close', () => server.destroy());
    });
    server.on('error', () => server.destroy());
    server.on('close', () => {
      this.#bridges.delete(server);
      if (isReached) client.destroy();
      else setTimeout(() => this.#reach(client), RETRY_MS);
    });
  }

  /** On the connections that there are, requests go on, and no more answers come back. */
  mute() {
    for (const [server, client] of this.#bridges) {
      server.unpipe(client);
      server.resume();
    }
  }

  close() {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}
