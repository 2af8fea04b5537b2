/** The near end of a connection between nodes: the transport of the client that a broker has. */

/** A network that is cut lets the first packet pass when it is sent again. */
const TRY_AGAIN_MS = 100;

export class PeerTransport {
  queuedBytes = 0;
  from;
  /** The connection is its process's, and ends with it. */
  process;
  #network;
  #to;
  #events;
  #connection = null;
  #chunks = [];
  #isClosed = false;

  constructor(network, from, to, events) {
    this.from = from;
    this.process = from.process;
    this.#network = network;
    this.#to = to;
    this.#events = events;
    this.#later(network.random.next() * network.latencyMsMax, () => this.#connect());
  }

  get isOpen() {
    return this.#connection?.isOpen === true;
  }

  #later(ms, work) {
    this.#network.loop.start(work, ms, this.process);
  }

  #connect() {
    if (this.#isClosed) return;
    const { random, latencyMsMax } = this.#network;
    const blocks = (isTowards) => this.#isCut(isTowards);
    if (blocks(true) || blocks(false)) {
      this.#later(TRY_AGAIN_MS, () => this.#connect());
      return;
    }
    this.#connection = this.#to.accept(this, random, { latencyMsMax, blocks });
    if (this.#connection !== null) {
      this.#events.onOpen();
      return;
    }
    const refused = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    this.#close(refused);
  }

  #isCut(isTowards) {
    return isTowards
      ? this.#network.isCut(this.from, this.#to)
      : this.#network.isCut(this.#to, this.from);
  }

  write(bytes, onTaken) {
    this.#chunks.push(bytes);
    if (onTaken !== undefined) this.#later(0, onTaken);
  }

  flush() {
    if (this.#chunks.length > 0) this.#connection?.send(Buffer.concat(this.#chunks.splice(0)));
  }

  /** The network is whole again. */
  goOn() {
    this.#connection?.flush();
  }

  onBytes(bytes) {
    for (let at = 0; at < bytes.length && !this.#isClosed; ) {
      const target = this.#events.target();
      const length = Math.min(target.length, bytes.length - at);
      target.set(bytes.subarray(at, at + length));
      this.#events.onBytes(target, length);
      at += length;
    }
  }

  onEnd() {
    this.#close(null);
  }

  /** Both ends lose it. */
  break() {
    this.#connection.break();
  }

  destroy() {
    if (this.#isClosed) return;
    this.#later(0, () => this.#events.onClosed(null));
    this.die();
  }

  die() {
    this.#isClosed = true;
    this.#network.forget(this);
    this.#connection?.close();
  }

  #close(cause) {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#network.forget(this);
    this.#events.onClosed(cause);
  }
}
