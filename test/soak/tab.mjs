/**
 * Reads the topic over the gateway as a browser's tab would, for as long as the soak lasts: it comes
 * back by itself, and what it has had already must be marked where it comes again.
 */
import { WebSocket } from 'ws';
import { connect } from '../../dist/bundle/websocket/client.js';

const RETRY = { firstMs: 50, longestMs: 1000 };

export class Tab {
  #client;
  #positions;

  constructor(topic, partitions) {
    this.topic = topic;
    this.#positions = new Array(partitions).fill(0);
  }

  positionIn(partition) {
    return this.#positions[partition];
  }

  /** Until `stop`. */
  async run(httpPort) {
    const url = `ws://127.0.0.1:${httpPort}/ws`;
    this.#client = connect(url, { format: 'batch', WebSocket, backoff: RETRY, quietMs: 5000 });
    const gaps = [];
    const subscription = this.#client.subscribe(this.topic, {
      from: 'earliest',
      onGap: (gap) => gaps.push(gap),
    });
    for await (const { records } of subscription.batches()) {
      for (const record of records) this.#check(record);
      if (gaps.length > 0) throw new Error(`the tab was told of a gap: ${JSON.stringify(gaps)}`);
    }
  }

  #check({ partition, offset, value, redelivered }) {
    const position = this.#positions[partition];
    if (redelivered && offset < position) return;
    const number = Number.parseInt(value, 10);
    if (offset !== position || number !== position) {
      const where = `the tab in ${this.topic}-${partition} at ${position}`;
      throw new Error(`${where}: was given record ${number} at offset ${offset}`);
    }
    this.#positions[partition]++;
  }

  stop() {
    this.#client.close();
  }
}
