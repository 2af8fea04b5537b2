/** One run: the machine, the clients around it, and what goes wrong, all from one seed. */
import { API, ERROR, ZERO_UUID } from '../../dist/protocol/index.js';
import { Chaos } from './chaos.mjs';
import { Client } from './client.mjs';
import { Disk } from './disk.mjs';
import { EventLoop } from './event-loop.mjs';
import { History, Violation } from './history.mjs';
import { Machine } from './machine.mjs';
import { Producer } from './producer.mjs';
import { Random } from './random.mjs';
import { Reader } from './reader.mjs';
import { sabotages } from './sabotage.mjs';

/** Simulated time and steps after which whoever is not done counts as stuck. */
const RUN_MS_MAX = 120_000;
const STEPS_MAX = 200_000;

export class World {
  random;
  loop;
  history;
  disk;
  machine;
  /** Nothing goes wrong any more. */
  isCalm = false;
  isVerified = false;
  losesPower;
  places = [];
  #clients = [];
  #sabotage;
  #mend = () => {};

  constructor(seed, directory, { verbose, sabotage }) {
    this.random = new Random(seed);
    this.loop = new EventLoop(this.random.fork());
    this.history = new History(this.loop, verbose);
    this.#sabotage = sabotages[sabotage];
    const durability = this.random.pick(['os', 'group']);
    this.losesPower = durability === 'group' && this.random.chance(0.7);
    const syncMsMax = this.random.pick([0, 5, 40]);
    this.disk = new Disk(directory, this.loop, this.random.fork(), { syncMsMax });
    const config = configOf(durability);
    const random = this.random.fork();
    this.machine = new Machine(this.disk, this.loop, random, this.history, { config });
    this.machine.onStart = () => this.#break();
  }

  /** Runs to the end, in one call from outside of any promise. */
  run() {
    this.loop.install();
    this.disk.install();
    const rejected = (reason) => {
      // A process that has died throws at every call.
      if (this.disk.isDead) return;
      this.history.failure ??= `unhandled: ${reason?.stack ?? reason}`;
    };
    process.on('unhandledRejection', rejected);
    try {
      this.#runAll();
    } catch (thrown) {
      this.history.failure ??= thrown.stack;
    } finally {
      this.machine.kill();
      this.#mend();
      this.disk.uninstall();
      this.loop.uninstall();
      process.off('unhandledRejection', rejected);
    }
    const { failure, counts, lines } = this.history;
    return { failure, counts, lines, hash: this.history.digest(), steps: this.loop.steps };
  }

  /** Each start installs the sound parts anew. */
  #break() {
    this.#mend();
    this.#mend = this.#sabotage?.(this.random) ?? (() => {});
  }

  #runAll() {
    this.machine.start();
    this.loop.settle();
    const chaos = new Chaos(this);
    chaos.run();
    new Director(this, chaos).run();
    while (!this.isVerified && this.history.failure === null) {
      if (!this.loop.step()) throw new Violation('nothing is left to be done, and all is not done');
      chaos.look();
      if (this.loop.nowMs > RUN_MS_MAX || this.loop.steps > STEPS_MAX) {
        this.history.fail(
          `stuck: ${this.#clients.filter((each) => each.isRunning).length} clients`,
        );
      }
    }
  }

  add(client) {
    this.#clients.push(client);
    return client.run();
  }

  get running() {
    return this.#clients.filter((client) => client.isRunning);
  }

  stopReaders() {
    for (const client of this.#clients) client.isStopped = true;
  }
}

/** Makes the topics, lets the clients loose, and looks at what is left in the end. */
class Director extends Client {
  #chaos;

  constructor(world, chaos) {
    super(world);
    this.#chaos = chaos;
  }

  async live() {
    const { world, random } = this;
    const topics = random.between(1, 2);
    for (let i = 0; i < topics; i++) {
      const topic = await this.#makeTopic(`topic${i}`, random.between(1, 2));
      for (const place of topic.places) this.#people(place);
    }
    const producers = world.running.filter((client) => client instanceof Producer);
    while (!this.#chaos.isOver) await world.loop.sleep(5);
    while (producers.some((producer) => producer.isRunning)) await world.loop.sleep(20);
    world.stopReaders();
    for (const place of world.places) await new Reader(world, place).readAll();
    world.isVerified = true;
  }

  #people(place) {
    const { world, random } = this;
    const producers = random.between(1, 2);
    for (let i = 0; i < producers; i++) {
      const name = `p${place.topic.name}.${place.partition}.${i}`;
      world.add(new Producer(world, name, place, random.between(3, 15)));
    }
    if (random.chance(0.7)) world.add(new Reader(world, place));
  }

  async #makeTopic(name, partitions) {
    const segmentBytes = String(this.random.pick([1500, 6000, 100_000]));
    const configs = [{ name: 'internal.segment.bytes', value: segmentBytes }];
    const draft = {
      name,
      numPartitions: partitions,
      replicationFactor: 1,
      assignments: [],
      configs,
    };
    for (;;) {
      const body = { topics: [draft], timeoutMs: 10_000, validateOnly: false };
      const answer = await this.ask(API.CREATE_TOPICS, 7, body);
      const { errorCode } = answer.topics[0];
      if (errorCode === ERROR.NONE || errorCode === ERROR.TOPIC_ALREADY_EXISTS) break;
      this.history.count(`create ${errorCode}`);
      await this.pause();
    }
    const id = await this.#idOf(name);
    this.history.note(`made ${name} ${id}`);
    const topic = { name, id, isDeleted: false, mayBeGone: false, places: [] };
    for (let partition = 0; partition < partitions; partition++) {
      const isById = this.random.chance(0.5);
      const place = { topic, topicId: id, partition, name: `${name}-${partition}` };
      topic.places.push({ ...place, sent: new Set(), isById });
    }
    this.world.places.push(...topic.places);
    return topic;
  }

  async #idOf(name) {
    for (;;) {
      const body = { topics: [{ topicId: ZERO_UUID, name }] };
      const answer = await this.ask(API.METADATA, 12, {
        ...body,
        allowAutoTopicCreation: false,
        includeTopicAuthorizedOperations: false,
      });
      const [topic] = answer.topics;
      if (topic.errorCode === ERROR.NONE) return topic.topicId;
      await this.pause();
    }
  }
}

function configOf(durability) {
  return {
    listeners: 'PLAINTEXT://127.0.0.1:0',
    'millrace.http.listener': '',
    'num.io.threads': 0,
    'millrace.durability': durability,
    'log.dir.min.free.bytes': 0,
    'auto.create.topics.enable': false,
    'offsets.topic.num.partitions': 2,
    'group.initial.rebalance.delay.ms': 0,
    'log.flush.offset.checkpoint.interval.ms': 300,
    'log.flush.start.offset.checkpoint.interval.ms': 300,
  };
}
