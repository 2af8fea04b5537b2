/** The smallest Kafka client that can pipeline: one socket, answers in the order of the requests. */
import { connect } from 'node:net';
import { decodeResponse, encodeRequest } from '../../dist/protocol/index.js';

export class KafkaConnection {
  #socket;
  #waiting = [];
  #received = Buffer.alloc(0);
  #correlationId = 0;
  #failure = null;

  static open(port) {
    const connection = new KafkaConnection();
    return new Promise((resolve, reject) => {
      connection.#socket = connect(port, '127.0.0.1', () => resolve(connection));
      connection.#socket.setNoDelay(true);
      connection.#socket.on('data', (bytes) => connection.#onData(bytes));
      connection.#socket.on('error', (error) => {
        reject(error);
        connection.#fail(error);
      });
      connection.#socket.on('close', () => connection.#fail(new Error('connection closed')));
    });
  }

  get failed() {
    return this.#failure !== null;
  }

  send(apiKey, version, body) {
    if (this.#failure !== null) return Promise.reject(this.#failure);
    const correlationId = ++this.#correlationId;
    const frame = encodeRequest(apiKey, version, { correlationId, clientId: 'crash' }, body);
    const length = Buffer.alloc(4);
    length.writeInt32BE(frame.length);
    this.#socket.write(Buffer.concat([length, frame]));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ apiKey, version, resolve, reject });
    });
  }

  /** What `work` sends leaves in one write. */
  together(work) {
    this.#socket.cork();
    try {
      return work();
    } finally {
      this.#socket.uncork();
    }
  }

  #onData(bytes) {
    this.#received = Buffer.concat([this.#received, bytes]);
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readInt32BE(0);
      if (this.#received.length < end) return;
      const frame = this.#received.subarray(4, end);
      this.#received = this.#received.subarray(end);
      const { apiKey, version, resolve } = this.#waiting.shift();
      resolve(decodeResponse(apiKey, version, frame).body);
    }
  }

  #fail(error) {
    this.#failure ??= error;
    for (const { reject } of this.#waiting) reject(this.#failure);
    this.#waiting = [];
  }

  close() {
    this.#socket.destroy();
  }
}
