/**
 * Stands between a client and the broker and does to single requests what networks do: holds them
 * back, until long after their client has given up, loses them, or delivers them twice.
 */
import { connect, createServer } from 'node:net';
import { decodeResponse } from '../../dist/protocol/index.js';

/** Cuts a stream into frames with their lengths before them. */
class Frames {
  #received = Buffer.alloc(0);

  *take(bytes) {
    this.#received = Buffer.concat([this.#received, bytes]);
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readInt32BE(0);
      if (this.#received.length < end) return;
      yield this.#received.subarray(0, end);
      this.#received = this.#received.subarray(end);
    }
  }
}

/** One connection through the proxy. It outlives its client while a request is held. */
class Passage {
  #proxy;
  #client;
  #server;
  /** Requests that the broker has, oldest first: whether the client gets the answer, who else. */
  #asked = [];
  held = [];

  constructor(proxy, client, port) {
    this.#proxy = proxy;
    this.#client = client;
    this.#server = connect(port, '127.0.0.1');
    const [requests, answers] = [new Frames(), new Frames()];
    client.on('data', (bytes) => {
      for (const frame of requests.take(bytes)) this.#onRequest(frame);
    });
    this.#server.on('data', (bytes) => {
      for (const frame of answers.take(bytes)) this.#onAnswer(frame);
    });
    client.on('error', () => client.destroy());
    client.on('close', () => {
      if (this.held.length === 0) this.#server.destroy();
    });
    this.#server.on('error', () => this.close());
    this.#server.on('close', () => client.destroy());
  }

  #onRequest(frame) {
    const fate = this.#proxy.fateOf(frame.readInt16BE(4));
    if (fate === 'drop') return;
    if (fate === 'hold') {
      this.held.push(Buffer.from(frame));
      return;
    }
    this.#forward(frame, { isForClient: true });
    if (fate === 'repeat') this.#forward(frame, { isForClient: false });
  }

  #forward(frame, asked) {
    this.#asked.push(asked);
    this.#server.write(frame);
  }

  #onAnswer(frame) {
    const { isForClient, tell } = this.#asked.shift();
    if (isForClient && !this.#client.destroyed) this.#client.write(frame);
    tell?.(Buffer.from(frame.subarray(4)));
  }

  /** The broker gets what was held; resolves with the answers that nobody else hears. */
  async release() {
    const answers = [];
    for (const frame of this.held.splice(0)) {
      const [apiKey, version] = [frame.readInt16BE(4), frame.readInt16BE(6)];
      const answer = await new Promise((tell) => {
        this.#forward(frame, { isForClient: false, tell });
      });
      answers.push(decodeResponse(apiKey, version, answer).body);
    }
    return answers;
  }

  close() {
    this.#client.destroy();
    this.#server.destroy();
  }
}

export class HoldingProxy {
  #server;
  #passages = new Set();
  /** By API key: how many of the next requests meet which fate. */
  #fates = new Map();

  static async start(port) {
    const proxy = new HoldingProxy();
    proxy.#server = createServer((client) => {
      proxy.#passages.add(new Passage(proxy, client, port));
    });
    await new Promise((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  get port() {
    return this.#server.address().port;
  }

  /** The next request of this kind is lost: 'drop', comes twice: 'repeat', or waits: 'hold'. */
  next(apiKey, fate) {
    this.#fates.set(apiKey, fate);
  }

  fateOf(apiKey) {
    const fate = this.#fates.get(apiKey) ?? 'pass';
    this.#fates.delete(apiKey);
    return fate;
  }

  /** True once every fate that was asked for has met its request. */
  get isDone() {
    return this.#fates.size === 0;
  }

  async release() {
    const answers = [];
    for (const passage of this.#passages) answers.push(...(await passage.release()));
    return answers;
  }

  close() {
    this.#server.close();
    for (const passage of this.#passages) passage.close();
  }
}
