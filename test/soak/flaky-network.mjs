/**
 * A network between clients and the broker that fails: it holds bytes back, or it breaks every
 * connection at once, wherever in a frame that is.
 */
import { connect, createServer } from 'node:net';

export class FlakyNetwork {
  port = 0;
  #server;
  #pairs = new Set();
  #isStalled = false;

  /** `portOf` tells where the broker is now. */
  static open(portOf) {
    const network = new FlakyNetwork();
    network.#server = createServer((client) =>
      network.#join(client, connect(portOf(), '127.0.0.1')),
    );
    return new Promise((resolve, reject) => {
      network.#server.on('error', reject);
      network.#server.listen(0, '127.0.0.1', () => {
        network.port = network.#server.address().port;
        resolve(network);
      });
    });
  }

  #join(client, broker) {
    const pair = [client, broker];
    this.#pairs.add(pair);
    const end = () => {
      this.#pairs.delete(pair);
      client.destroy();
      broker.destroy();
    };
    for (const socket of pair) {
      socket.setNoDelay(true);
      // Either end may break at any time, which ends the other as well.
      socket.on('error', end);
      socket.on('close', end);
    }
    client.pipe(broker);
    broker.pipe(client);
    if (this.#isStalled) hold(pair);
  }

  /** Nothing gets through, in either direction, until `resume`. */
  stall() {
    this.#isStalled = true;
    for (const pair of this.#pairs) hold(pair);
  }

  resume() {
    this.#isStalled = false;
    for (const [client, broker] of this.#pairs) {
      client.pipe(broker);
      broker.pipe(client);
    }
  }

  /** Resets every connection at both ends: what was on its way is gone. */
  cut() {
    for (const pair of this.#pairs) for (const socket of pair) socket.resetAndDestroy();
  }

  close() {
    this.#server.close();
    this.cut();
  }
}

function hold([client, broker]) {
  client.unpipe(broker);
  broker.unpipe(client);
  client.pause();
  broker.pause();
}
