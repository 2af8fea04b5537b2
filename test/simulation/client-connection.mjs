/** The near end of a connection: a client's requests, which are answered in their order. */
import { decodeResponse, encodeRequest } from '../../dist/protocol/index.js';

const SPLIT_CHANCE = 0.1;

/** What a request ends with when there is no answer to it. */
export class ConnectionLost extends Error {}

export class ClientConnection {
  /** Which life of which broker answers; '' where there is one broker only. */
  source = '';
  #loop;
  #random;
  #patienceMs;
  #connection = null;
  #waiting = [];
  #correlationId = 0;
  #received = Buffer.alloc(0);

  constructor(loop, random, patienceMs) {
    this.#loop = loop;
    this.#random = random;
    this.#patienceMs = patienceMs;
  }

  over(connection) {
    this.#connection = connection;
  }

  get isOpen() {
    return this.#connection?.isOpen === true;
  }

  /** The answer's body. Rejects when the connection is lost, or patience, before it comes. */
  request(apiKey, version, body) {
    if (!this.isOpen) return Promise.reject(new ConnectionLost('closed'));
    const correlationId = ++this.#correlationId;
    const frame = encodeRequest(apiKey, version, { correlationId, clientId: 'simulated' }, body);
    const bytes = Buffer.allocUnsafe(4 + frame.length);
    bytes.writeInt32BE(frame.length);
    frame.copy(bytes, 4);
    const answer = new Promise((resolve, reject) => {
      const timer =
        this.#patienceMs === Number.POSITIVE_INFINITY
          ? null
          : this.#loop.after(this.#patienceMs, () => this.close());
      this.#waiting.push({ apiKey, version, correlationId, resolve, reject, timer });
    });
    if (this.#random.chance(SPLIT_CHANCE)) {
      const at = this.#random.below(bytes.length);
      this.#connection.send(bytes.subarray(0, at));
      this.#connection.send(bytes.subarray(at));
    } else {
      this.#connection.send(bytes);
    }
    return answer;
  }

  onBytes(bytes) {
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readInt32BE(0);
      if (this.#received.length < end) return;
      const frame = this.#received.subarray(4, end);
      this.#received = this.#received.subarray(end);
      this.#settle(frame);
    }
  }

  #settle(frame) {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) throw new Error('an answer that nobody asked for');
    const { apiKey, version, correlationId, resolve, timer } = waiting;
    timer?.end();
    const answer = decodeResponse(apiKey, version, frame);
    if (answer.correlationId !== correlationId) {
      throw new Error(`answer ${answer.correlationId} came for request ${correlationId}`);
    }
    resolve(answer.body);
  }

  onEnd() {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const { reject, timer } of waiting) {
      timer?.end();
      reject(new ConnectionLost('lost'));
    }
  }

  close() {
    this.#connection?.close();
  }
}
