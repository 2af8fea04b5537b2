/** Both ends of a connection to the simulated broker: a Transport for it, requests for a client. */
import { READ_BYTES_MAX } from '../../dist/base/turn-memory.js';
import { decodeResponse, encodeRequest } from '../../dist/protocol/index.js';

const SPLIT_CHANCE = 0.1;

/** What a request ends with when there is no answer to it. */
export class ConnectionLost extends Error {}

export class SimulatedConnection {
  isOpen = true;
  #isEnded = false;
  /** Set by the machine: the broker's Connection. */
  served = null;
  #loop;
  #random;
  #machine;
  #latencyMsMax;
  #waiting = [];
  #correlationId = 0;
  #received = Buffer.alloc(0);
  /** Towards the broker, as long as it does not read. */
  #unread = [];
  #isPaused = false;
  #bufferedBytes = 0;
  #takenBytes = 0;
  /** TCP keeps the order: nothing arrives before what was sent before it. */
  #toBrokerMs = 0;
  #toClientMs = 0;
  #takesMs = 0;
  transport;

  constructor(machine, loop, random, { latencyMsMax, address, port }) {
    this.#machine = machine;
    this.#loop = loop;
    this.#random = random;
    this.#latencyMsMax = latencyMsMax;
    this.transport = {
      remoteAddress: address,
      remotePort: port,
      localAddress: '127.0.0.1',
      localPort: 9092,
      listenerName: 'PLAINTEXT',
      write: (chunks) => this.#write(chunks),
      bufferedBytes: () => this.#bufferedBytes,
      takenBytes: () => this.#takenBytes,
      pause: () => {
        this.#isPaused = true;
      },
      resume: () => {
        this.#isPaused = false;
        if (this.#unread.length > 0) this.#loop.brokerAfter(0, () => this.#read());
      },
      destroy: () => this.#destroyed(),
    };
  }

  /** The answer's body. Rejects when the connection is lost before it comes. */
  request(apiKey, version, body) {
    if (!this.isOpen) return Promise.reject(new ConnectionLost('closed'));
    const correlationId = ++this.#correlationId;
    const frame = encodeRequest(apiKey, version, { correlationId, clientId: 'simulated' }, body);
    const bytes = Buffer.allocUnsafe(4 + frame.length);
    bytes.writeInt32BE(frame.length);
    frame.copy(bytes, 4);
    const answer = new Promise((resolve, reject) => {
      this.#waiting.push({ apiKey, version, correlationId, resolve, reject });
    });
    if (this.#random.chance(SPLIT_CHANCE)) {
      const at = this.#random.below(bytes.length);
      this.#send(bytes.subarray(0, at));
      this.#send(bytes.subarray(at));
    } else {
      this.#send(bytes);
    }
    return answer;
  }

  #latency() {
    return this.#random.next() * this.#latencyMsMax;
  }

  #send(bytes) {
    this.#toBrokerMs = Math.max(this.#toBrokerMs, this.#loop.nowMs + this.#latency());
    this.#loop.after(this.#toBrokerMs - this.#loop.nowMs, () => {
      if (!this.isOpen || this.served === null) return;
      this.#unread.push(bytes);
      this.#read();
    });
  }

  /** Into the memory of the broker's reads, as a socket does, so that batches are gathered there. */
  #read() {
    const { memory } = this.#machine;
    while (!this.#isPaused && this.isOpen && this.#unread.length > 0) {
      const bytes = this.#unread.shift();
      const length = Math.min(bytes.length, READ_BYTES_MAX);
      if (length < bytes.length) this.#unread.unshift(bytes.subarray(length));
      const start = memory.tookRead(length);
      bytes.copy(memory.bytes, start, 0, length);
      const end = start + length;
      this.#machine.run(() => this.served.onBytes(memory.bytes, start, end, this.#loop.nowMs));
    }
  }

  /** The chunks may be slices of maps: they are read when the socket takes them, not before. */
  #write(chunks) {
    if (!this.isOpen || this.#machine.disk.isDead) return;
    let length = 0;
    for (const chunk of chunks) length += chunk.length;
    this.#bufferedBytes += length;
    const takes = () => {
      if (!this.isOpen) return;
      const bytes = Buffer.concat(chunks);
      const wasFull = this.#bufferedBytes;
      this.#bufferedBytes -= length;
      this.#takenBytes += length;
      if (this.#bufferedBytes === 0 && wasFull > 0) this.#machine.onDrained(this.served);
      this.#arrive(bytes);
    };
    this.#takesMs = Math.max(this.#takesMs, this.#loop.nowMs + this.#random.next());
    this.#loop.brokerAfter(this.#takesMs - this.#loop.nowMs, takes);
  }

  #arrive(bytes) {
    this.#toClientMs = Math.max(this.#toClientMs, this.#loop.nowMs + this.#latency());
    this.#loop.after(this.#toClientMs - this.#loop.nowMs, () => this.#receive(bytes));
  }

  #receive(bytes) {
    if (this.#isEnded) return;
    this.#received = this.#received.length === 0 ? bytes : Buffer.concat([this.#received, bytes]);
    while (this.#received.length >= 4) {
      const end = 4 + this.#received.readInt32BE(0);
      if (this.#received.length < end) return;
      const frame = this.#received.subarray(4, end);
      this.#received = this.#received.subarray(end);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) throw new Error('an answer that nobody asked for');
      const { apiKey, version, correlationId, resolve } = waiting;
      const answer = decodeResponse(apiKey, version, frame);
      if (answer.correlationId !== correlationId) {
        throw new Error(`answer ${answer.correlationId} came for request ${correlationId}`);
      }
      resolve(answer.body);
    }
  }

  /** The broker ended it: the client learns of that later. */
  #destroyed() {
    if (!this.isOpen) return;
    this.#machine.onGone(this);
    this.#lose();
  }

  /** The client goes, or the network between them. */
  close() {
    if (!this.isOpen) return;
    const { served } = this;
    this.#machine.onGone(this);
    this.isOpen = false;
    this.served = null;
    this.#end();
    if (served !== null) this.#machine.run(() => served.onClosed());
  }

  /** The broker's process has died. */
  cut() {
    if (this.isOpen) this.#lose();
  }

  /** What the broker's system has sent still arrives; then there is no more. */
  #lose() {
    this.isOpen = false;
    this.served = null;
    this.#toClientMs = Math.max(this.#toClientMs, this.#loop.nowMs + this.#latency());
    this.#loop.after(this.#toClientMs - this.#loop.nowMs, () => this.#end());
  }

  #end() {
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#isEnded = true;
    for (const { reject } of waiting) reject(new ConnectionLost('lost'));
  }
}
