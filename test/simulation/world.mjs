/** One run: the machine, the clients around it, and what goes wrong, all from one seed. */
import { Chaos } from './chaos.mjs';
import { Churner } from './churner.mjs';
import { ClassicMember } from './classic-member.mjs';
import { Client } from './client.mjs';
import { CommittedReader } from './committed-reader.mjs';
import { ConsumerMember } from './consumer-member.mjs';
import { Disk } from './disk.mjs';
import { EventLoop } from './event-loop.mjs';
import { History, Violation } from './history.mjs';
import { Machine } from './machine.mjs';
import { Ownership } from './ownership.mjs';
import { Producer } from './producer.mjs';
import { Random } from './random.mjs';
import { Reader } from './reader.mjs';
import { sabotages } from './sabotage.mjs';
import { StreamsMember } from './streams-member.mjs';
import { fill, makeTopic } from './topics.mjs';
import { TransactionHistory } from './transaction-history.mjs';
import { Transactor } from './transactor.mjs';

/** Simulated time and steps after which whoever is not done counts as stuck. */
const RUN_MS_MAX = 120_000;
const STEPS_MAX = 200_000;
const TRANSACTIONS_MAX = 10;
const TWINS_MAX = 2;

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
  /** Of topics whose deletion was answered. */
  deleted = [];
  members = [];
  transactors = [];
  ownership;
  transactions;
  #clients = [];
  #sabotage;
  #mend = () => {};

  constructor(seed, directory, { verbose, sabotage }) {
    this.random = new Random(seed);
    this.loop = new EventLoop(this.random.fork());
    this.history = new History(this.loop, verbose);
    this.ownership = new Ownership(this.loop, this.history);
    this.transactions = new TransactionHistory(this.history);
    this.#sabotage = sabotages[sabotage];
    const durability = this.random.pick(['os', 'group']);
    this.losesPower = durability === 'group' && this.random.chance(0.7);
    const syncMsMax = this.random.pick([0, 5, 40]);
    this.disk = new Disk(directory, this.loop, this.random.fork(), { syncMsMax });
    this.disk.onGathered = (wanted, written) => {
      if (wanted > 1) this.history.count(written === wanted ? 'gathered' : 'half-gathered');
    };
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
        this.history.fail(`stuck: ${this.running.map((each) => each.label).join(', ')}`);
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
    const topics = [];
    const topicCount = random.between(1, 2);
    for (let i = 0; i < topicCount; i++) {
      const topic = await makeTopic(this, `topic${i}`, random.between(1, 2), false);
      topics.push(topic);
      world.places.push(...topic.places);
      for (const place of topic.places) this.#people(place);
    }
    if (random.chance(0.5)) this.#gather(topics);
    if (random.chance(0.4)) world.add(new Churner(world));
    const shared = random.chance(0.5) ? await this.#transact() : [];
    while (!this.#chaos.isOver) await world.loop.sleep(5);
    const ending = [Producer, Churner, Transactor];
    while (world.running.some((each) => ending.some((Kind) => each instanceof Kind))) {
      await world.loop.sleep(20);
    }
    await this.#settleGroups();
    world.stopReaders();
    for (const place of world.places) await new Reader(world, place).readAll();
    await this.#verifyTransactions(shared);
    for (const place of world.deleted) await new Reader(world, place).seeDeleted();
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

  /** Transactors, of which two may take themselves for one, and readers of what they commit. */
  async #transact() {
    const { world, random } = this;
    const { places } = await makeTopic(this, 'shared', random.between(1, 3), false);
    const source = await this.#makeSource();
    const ids = random.between(1, 2);
    for (let i = 0; i < ids; i++) {
      const twins = random.chance(0.4) ? TWINS_MAX : 1;
      for (let twin = 0; twin < twins; twin++) {
        const transactions = random.between(3, TRANSACTIONS_MAX);
        const transactor = new Transactor(world, `t${i}`, places, source, transactions);
        world.transactors.push(world.add(transactor));
      }
    }
    for (const place of places) world.add(new CommittedReader(world, place));
    return places;
  }

  /** A partition with a record for each offset: beyond its end a crash would lower the offsets. */
  async #makeSource() {
    const topic = await makeTopic(this, 'source', 1, false);
    await fill(this, topic.places[0], TRANSACTIONS_MAX * TWINS_MAX);
    return topic.places[0];
  }

  /** No transaction stays open, and what is committed is whole. */
  async #verifyTransactions(places) {
    const { world } = this;
    for (const transactor of world.transactors) await transactor.settle();
    const founds = [];
    for (const place of places) founds.push(await new CommittedReader(world, place).readAll());
    world.transactions.whole(places, founds);
    for (const transactor of world.transactors) await transactor.verify();
  }

  /** A group whose members all speak one protocol, or each its own. */
  #gather(topics) {
    const { world, random } = this;
    const mixed = [ClassicMember, ConsumerMember];
    const kinds = random.pick([[ClassicMember], [ConsumerMember], mixed, [StreamsMember]]);
    const count = random.between(1, 4);
    for (let i = 0; i < count; i++) {
      const Kind = random.pick(kinds);
      const member = world.add(new Kind(world, `m${i}`, 'group', topics));
      world.members.push(member);
    }
  }

  /** When nothing goes wrong any more, each partition comes to have an owner. */
  async #settleGroups() {
    const { world } = this;
    const members = world.members.filter((member) => member.isRunning);
    if (members.length === 0) return;
    const wanted = members[0].topics.reduce((sum, { places }) => sum + places.length, 0);
    for (;;) {
      const owned = members.reduce((sum, member) => sum + member.owned.size, 0);
      if (owned === wanted || members.every((each) => !each.isRunning)) return;
      await world.loop.sleep(20);
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
    'transaction.state.log.num.partitions': 2,
    'transaction.abort.timed.out.transaction.cleanup.interval.ms': 100,
    'group.initial.rebalance.delay.ms': 0,
    'group.streams.initial.rebalance.delay.ms': 0,
    'log.flush.offset.checkpoint.interval.ms': 300,
    'log.flush.start.offset.checkpoint.interval.ms': 300,
  };
}
