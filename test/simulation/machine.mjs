/** The machine that a broker runs on: starts it, ends it in one way or the other, connects to it. */
import { READ_BYTES_MAX } from '../../dist/base/turn-memory.js';
import { loadConfig } from '../../dist/broker/config.js';
import { ClientConnection } from './client-connection.mjs';
import { SimulatedConnection } from './connection.mjs';
import { InlinePool } from './inline-pool.mjs';
import { SimulatedProcess } from './process.mjs';

const ADDRESS = '10.0.0.1';
const NOTHING = Buffer.alloc(0);

export class Machine {
  disk;
  /** In the history, before what happens to it. */
  name;
  /** Of this life. */
  process = new SimulatedProcess();
  /** Null while no broker is there for clients. */
  broker = null;
  isStarting = false;
  starts = 0;
  hadFault = false;
  /** How far its wall clock is ahead of the world's. */
  wallOffsetMs = 0;
  onStart = () => {};
  /** The process has ended: what it had open elsewhere is closed. */
  onEnded = () => {};
  /** What the broker's sockets read into. */
  #memory = null;
  #node = null;
  #loop;
  #random;
  #history;
  #settings;
  #connections = new Set();
  #ports = 1024;

  /**
   * `boot` makes a node of the broker's options: { started: Promise<Broker>, close() }; `system` is
   * what it finds of the machine beside its sockets, files and helpers.
   */
  constructor(disk, loop, random, history, { name = '', config, boot, system = () => ({}) }) {
    this.disk = disk;
    this.name = name;
    this.#loop = loop;
    this.#random = random;
    this.#history = history;
    this.#settings = { config, boot, system };
    disk.onDeath = () => this.#note('the process dies in the middle of a call');
  }

  #note(text) {
    this.#history.note(this.name === '' ? text : `${this.name} ${text}`);
  }

  get isDead() {
    return this.disk.isDead;
  }

  /** Runs a call into the broker unless it is dead. What it throws is a defect. */
  run(call) {
    if (!this.disk.isDead) call();
  }

  start() {
    const process = new SimulatedProcess();
    process.wallOffsetMs = this.wallOffsetMs;
    this.process = process;
    this.starts++;
    this.isStarting = true;
    this.disk.revive();
    this.onStart();
    this.#note('start');
    this.#loop.enter(process, () => this.#boot(process));
  }

  #boot(process) {
    const isThis = () => process === this.process && process.isLive && !this.disk.isDead;
    const refused = (thrown) => {
      if (process !== this.process) return;
      this.isStarting = false;
      this.#note(`did not start: ${thrown.code ?? thrown.message}`);
      if (!this.disk.isDead) this.#onRefusedStart(thrown);
    };
    try {
      this.#node = this.#settings.boot(this.#options(isThis));
    } catch (thrown) {
      refused(thrown);
      return;
    }
    this.#node.started.then((broker) => {
      if (!isThis()) return;
      // Null where it was told to stop before.
      this.broker = broker;
      this.isStarting = false;
      this.#note('started');
    }, refused);
  }

  #options(isThis) {
    const { config, system } = this.#settings;
    const line = (level) => (message) => {
      if (isThis()) this.#history.log(`${this.name} ${level} ${message}`);
    };
    return {
      loaded: loadConfig({ config: { ...config, 'log.dirs': this.disk.root } }),
      logger: { info: line('INFO'), warn: line('WARN'), error: line('ERROR') },
      onFatal: (error) => {
        if (isThis()) this.#history.fail(`${this.name} fatal: ${error.stack}`);
      },
      system: {
        sockets: {
          createPoller: (_bytes, sockets) => {
            this.#memory = sockets.memory;
            return {};
          },
          closePoller: () => {},
        },
        metadataFiles: this.disk.metadataFiles(),
        listens: false,
        openPool: () => new InlinePool(this.#loop, this.#random),
        ...system(this),
      },
    };
  }

  /** Only a disk that fails may keep a broker from starting. */
  #onRefusedStart(thrown) {
    if (!this.hadFault) this.#history.fail(`the broker does not start: ${thrown.stack}`);
    this.kill();
  }

  /** The process ends where it stands. Returns when nothing of it is left. */
  kill() {
    this.process.isLive = false;
    this.broker = null;
    this.#node = null;
    this.isStarting = false;
    this.disk.die();
    for (const connection of this.#connections) connection.cut();
    this.#connections.clear();
    this.onEnded();
  }

  losePower() {
    this.kill();
    this.disk.losePower();
  }

  /** Told to end, it ends in its own time. Resolves when it has; never where it is killed. */
  async stop() {
    const { process } = this;
    const node = this.#node;
    await new Promise((resolve) => this.#loop.enter(process, resolve));
    try {
      await node.close();
    } catch (thrown) {
      if (process.isLive && !this.disk.isDead && !this.hadFault) throw thrown;
    }
    if (process.isLive) this.kill();
  }

  get isUp() {
    return this.broker !== null && !this.disk.isDead;
  }

  /** Null where there is nobody to connect to. */
  connect(random, latencyMsMax, patienceMs = Number.POSITIVE_INFINITY) {
    const near = new ClientConnection(this.#loop, random, patienceMs);
    const connection = this.accept(near, random, { latencyMsMax });
    if (connection === null) return null;
    if (this.name !== '') near.source = `${this.name}.${this.starts}`;
    near.over(connection);
    return near;
  }

  /** The system takes a connection at once, the broker when it runs next. */
  accept(near, random, options) {
    if (!this.isUp || this.broker.front.kafka.stopping) return null;
    const where = { ...options, address: ADDRESS, port: this.#ports++ };
    const connection = new SimulatedConnection(this, near, this.#loop, random, where);
    this.#connections.add(connection);
    this.#loop.enter(this.process, () => this.#serve(connection));
    return connection;
  }

  #serve(connection) {
    if (!connection.isFarOpen || this.disk.isDead) return;
    const { kafka } = this.broker.front;
    if (kafka.admission.enter(ADDRESS, this.#loop.nowMs) !== '') {
      this.#connections.delete(connection);
      connection.cut();
      return;
    }
    connection.served = kafka.adopt(connection.transport);
    connection.read();
  }

  /** Into the memory of the broker's reads, as a socket does, so that batches are gathered there. */
  onBytes(served, bytes) {
    const length = Math.min(bytes.length, READ_BYTES_MAX);
    const start = this.#memory.tookRead(length);
    bytes.copy(this.#memory.bytes, start, 0, length);
    const end = start + length;
    this.run(() => served.onBytes(this.#memory.bytes, start, end, this.#loop.nowMs));
    return length === bytes.length ? NOTHING : bytes.subarray(length);
  }

  onGone(connection) {
    if (!this.#connections.delete(connection) || this.broker === null) return;
    if (connection.served === null) return;
    this.broker.front.kafka.onGone(connection.transport.remoteAddress);
  }

  onDrained(served) {
    if (this.broker !== null && served !== null) {
      this.run(() => this.broker.front.kafka.onDrained(served));
    }
  }
}
