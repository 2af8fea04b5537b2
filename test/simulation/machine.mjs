/** The machine that the broker runs on: starts it, ends it in one way or the other, connects to it. */
import { Broker } from '../../dist/broker/broker.js';
import { loadConfig } from '../../dist/broker/config.js';
import { SimulatedConnection } from './connection.mjs';
import { InlinePool } from './inline-pool.mjs';

export class Machine {
  disk;
  /** Null while no broker is there for clients. */
  broker = null;
  isStarting = false;
  starts = 0;
  onStart = () => {};
  /** What the broker's sockets read into. */
  memory = null;
  #loop;
  #random;
  #history;
  #settings;
  #connections = new Set();
  #life = 0;
  #ports = 1024;

  constructor(disk, loop, random, history, settings) {
    this.disk = disk;
    this.#loop = loop;
    this.#random = random;
    this.#history = history;
    this.#settings = settings;
    disk.onDeath = () => this.#history.note('the process dies in the middle of a call');
  }

  /** Runs a call into the broker unless it is dead. What it throws is a defect. */
  run(call) {
    if (!this.disk.isDead) call();
  }

  start() {
    const life = ++this.#life;
    this.starts++;
    this.isStarting = true;
    this.disk.revive();
    this.onStart();
    this.#history.note('start');
    Broker.start({
      loaded: loadConfig({ config: { ...this.#settings.config, 'log.dirs': this.disk.root } }),
      logger: this.#logger(life),
      onFatal: (error) => {
        if (life === this.#life && !this.disk.isDead) this.#history.fail(`fatal: ${error.stack}`);
      },
      system: {
        sockets: {
          createPoller: (_bytes, sockets) => {
            this.memory = sockets.memory;
            return {};
          },
          closePoller: () => {},
        },
        metadataFiles: this.disk.metadataFiles(),
        listens: false,
        openPool: () => new InlinePool(this.#loop, this.#random),
      },
    }).then(
      (broker) => {
        if (life !== this.#life || this.disk.isDead) return;
        this.broker = broker;
        this.isStarting = false;
        this.#history.note('started');
      },
      (thrown) => {
        if (life !== this.#life) return;
        this.isStarting = false;
        this.#history.note(`did not start: ${thrown.code ?? thrown.message}`);
        if (!this.disk.isDead) this.#onRefusedStart(thrown);
      },
    );
  }

  /** Only a disk that fails may keep a broker from starting. */
  #onRefusedStart(thrown) {
    if (!this.hadFault) this.#history.fail(`the broker does not start: ${thrown.stack}`);
    this.kill();
  }

  #logger(life) {
    const line = (level) => (message) => {
      if (life === this.#life && !this.disk.isDead) this.#history.log(`${level} ${message}`);
    };
    return { info: line('INFO'), warn: line('WARN'), error: line('ERROR') };
  }

  /** The process ends where it stands. Returns when nothing of it is left. */
  kill() {
    this.#life++;
    this.broker = null;
    this.isStarting = false;
    this.disk.die();
    this.#loop.dropBroker();
    for (const connection of this.#connections) connection.cut();
    this.#connections.clear();
  }

  losePower() {
    this.kill();
    this.disk.losePower();
  }

  /** Told to end, it ends in its own time. */
  async stop() {
    const { broker } = this;
    const life = this.#life;
    this.broker = null;
    try {
      await broker.close();
    } catch (thrown) {
      if (life === this.#life && !this.disk.isDead && !this.hadFault) throw thrown;
    }
    if (life === this.#life) this.kill();
  }

  get isUp() {
    return this.broker !== null && !this.disk.isDead;
  }

  /** Null where there is nobody to connect to. */
  connect(random, latencyMsMax) {
    if (!this.isUp) return null;
    const address = '10.0.0.1';
    const { kafka } = this.broker.front;
    if (kafka.admission.enter(address, this.#loop.nowMs) !== '') return null;
    const options = { latencyMsMax, address, port: this.#ports++ };
    const connection = new SimulatedConnection(this, this.#loop, random, options);
    connection.served = kafka.adopt(connection.transport);
    this.#connections.add(connection);
    return connection;
  }

  onGone(connection) {
    if (!this.#connections.delete(connection) || this.broker === null) return;
    this.broker.front.kafka.onGone(connection.transport.remoteAddress);
  }

  onDrained(served) {
    if (this.broker !== null && served !== null) {
      this.run(() => this.broker.front.kafka.onDrained(served));
    }
  }
}
