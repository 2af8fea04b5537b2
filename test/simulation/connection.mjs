/**
 * A connection to a simulated process, the far end: a transport for what is served there. The near
 * end belongs to a client, or to another process that connected.
 */
import { Way } from './way.mjs';

const END = null;

export class SimulatedConnection {
  /** As the near end knows it. */
  isOpen = true;
  isFarOpen = true;
  /** Set by the host: what takes the bytes there. */
  served = null;
  #host;
  #near;
  #loop;
  #random;
  #toFar;
  #toNear;
  /** Towards the far end, as long as it does not read. */
  #unread = [];
  #isPaused = false;
  #bufferedBytes = 0;
  #takenBytes = 0;
  #takesMs = 0;
  transport;

  /** `near` has onBytes and onEnd, and the process that it lives in, if any. */
  constructor(host, near, loop, random, { latencyMsMax, address, port, blocks = () => false }) {
    this.#host = host;
    this.#near = near;
    this.#loop = loop;
    this.#random = random;
    this.#toFar = new Way(loop, random, {
      latencyMsMax,
      isBlocked: () => blocks(true),
      process: host.process,
      onArrived: (item) => this.#arriveFar(item),
    });
    this.#toNear = new Way(loop, random, {
      latencyMsMax,
      isBlocked: () => blocks(false),
      process: near.process ?? null,
      onArrived: (item) => this.#arriveNear(item),
    });
    this.transport = this.#transport(address, port);
  }

  #transport(remoteAddress, remotePort) {
    return {
      remoteAddress,
      remotePort,
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
        if (this.#unread.length > 0) this.#loop.brokerAfter(0, () => this.read());
      },
      destroy: () => this.#destroyed(),
    };
  }

  /** From the near end. */
  send(bytes) {
    if (this.isOpen) this.#toFar.send(bytes);
  }

  #arriveFar(item) {
    if (!this.isFarOpen) return;
    if (item !== END) {
      this.#unread.push(item);
      this.read();
      return;
    }
    const { served } = this;
    this.#host.onGone(this);
    this.isFarOpen = false;
    this.served = null;
    if (served !== null) this.#host.run(() => served.onClosed());
  }

  /** What has arrived goes to what is served, once there is something. */
  read() {
    while (!this.#isPaused && this.served !== null && this.#unread.length > 0) {
      const rest = this.#host.onBytes(this.served, this.#unread.shift());
      if (rest.length > 0) this.#unread.unshift(rest);
    }
  }

  /** The chunks may be slices of maps: they are read when the socket takes them, not before. */
  #write(chunks) {
    if (!this.isFarOpen || this.#host.isDead) return;
    let length = 0;
    for (const chunk of chunks) length += chunk.length;
    this.#bufferedBytes += length;
    const takes = () => {
      if (!this.isFarOpen) return;
      const bytes = Buffer.concat(chunks);
      const wasFull = this.#bufferedBytes;
      this.#bufferedBytes -= length;
      this.#takenBytes += length;
      if (this.#bufferedBytes === 0 && wasFull > 0) this.#host.onDrained(this.served);
      this.#toNear.send(bytes);
    };
    this.#takesMs = Math.max(this.#takesMs, this.#loop.nowMs + this.#random.next());
    this.#loop.brokerAfter(this.#takesMs - this.#loop.nowMs, takes);
  }

  #arriveNear(item) {
    if (!this.isOpen) return;
    if (item === END) this.#endNear();
    else this.#near.onBytes(item);
  }

  #endNear() {
    this.isOpen = false;
    this.#near.onEnd();
  }

  /** What is served ended it: the near end learns of that later. */
  #destroyed() {
    if (!this.isFarOpen) return;
    this.#host.onGone(this);
    this.cut();
  }

  /** The near end goes, or its process. */
  close() {
    if (!this.isOpen) return;
    this.#toFar.send(END);
    this.#endNear();
  }

  /** The far process ended. What its system has sent still arrives; then there is no more. */
  cut() {
    if (!this.isFarOpen) return;
    this.isFarOpen = false;
    this.served = null;
    this.#toNear.send(END);
  }

  /** The network loses it: both ends learn of that later. */
  break() {
    this.#toFar.send(END);
    this.#toNear.send(END);
  }

  /** What was blocked goes on. */
  flush() {
    this.#toFar.flush();
    this.#toNear.flush();
  }
}
