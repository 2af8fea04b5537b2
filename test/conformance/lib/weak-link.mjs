/**
 * Stands before a broker as a network that fails: what passes comes late, slowly, or not before it
 * is mended. No connection breaks by it.
 */

import { connect, createServer } from 'node:net';

export class WeakLink {
  #server;
  #sockets = new Set();
  #lanes = new Set();
  #isCut = false;
  delayMs = 0;
  bytesPerMs = Number.POSITIVE_INFINITY;
  /** Where the broker listens; set before anybody connects. */
  target = 0;

  static async start() {
    const link = new WeakLink();
    link.#server = createServer((client) => link.#bridge(client));
    await new Promise((resolve) => link.#server.listen(0, '127.0.0.1', resolve));
    return link;
  }

  get port() {
    return this.#server.address().port;
  }

  get address() {
    return `127.0.0.1:${this.port}`;
  }

  get isCut() {
    return this.#isCut;
  }

  cut() {
    this.#isCut = true;
  }

  heal() {
    this.#isCut = false;
    Object.assign(this, { delayMs: 0, bytesPerMs: Number.POSITIVE_INFINITY });
    for (const lane of this.#lanes) lane.go();
  }

  #bridge(client) {
    const server = connect(this.target, '127.0.0.1');
    const lanes = [new Lane(this, client, server), new Lane(this, server, client)];
    for (const lane of lanes) this.#lanes.add(lane);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ]) {
      this.#sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        this.#sockets.delete(socket);
        for (const lane of lanes) this.#lanes.delete(lane);
        other.destroy();
      });
    }
  }

  close() {
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
  }
}

/** One direction of one connection: pieces pass in their order, each when it is due. */
class Lane {
  #waiting = [];
  #freeAtMs = 0;
  #timer;

  constructor(link, from, to) {
    Object.assign(this, { link, to });
    from.on('data', (bytes) => {
      const sentMs = bytes.length / link.bytesPerMs;
      this.#freeAtMs = Math.max(this.#freeAtMs, performance.now()) + sentMs;
      this.#waiting.push({ bytes, dueMs: this.#freeAtMs + link.delayMs });
      this.go();
    });
  }

  go() {
    clearTimeout(this.#timer);
    while (this.#waiting.length > 0 && !this.link.isCut) {
      const [{ bytes, dueMs }] = this.#waiting;
      const waitMs = dueMs - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => this.go(), waitMs);
        return;
      }
      this.#waiting.shift();
      if (this.to.writable) this.to.write(bytes);
    }
  }
}
