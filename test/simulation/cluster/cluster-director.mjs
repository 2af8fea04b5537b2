/** Makes topics of three replicas, lets clients loose, and compares the replicas in the end. */
import { Client } from '../client.mjs';
import { Producer } from '../producer.mjs';
import { Reader } from '../reader.mjs';
import { ReplicaLog } from './replica-log.mjs';

const LOOK_MS = 20;

export class ClusterDirector extends Client {
  #chaos;

  constructor(world, chaos) {
    super(world);
    this.#chaos = chaos;
  }

  get label() {
    return `director (${this.waitsFor})`;
  }

  async live() {
    const { world, random } = this;
    await this.#until('brokers', () => world.machines.every(({ isUp }) => isUp));
    this.#makeTopic('topic');
    // Few runs are long: they find what is rare.
    const batchesMax = random.chance(0.2) ? 80 : 25;
    for (const place of world.places) this.#people(place, batchesMax);
    this.#chaos.run();
    await this.#until('chaos', () => this.#chaos.isOver);
    await this.#until('producers', () => !world.running.some((each) => each instanceof Producer));
    world.stopReaders();
    await this.#until('replicas in sync', () => this.#areInSync());
    for (const place of world.places) await new Reader(world, place).readAll();
    await this.#until('equal logs', () => world.places.every((place) => this.#areEqual(place)));
    for (const place of world.places) this.#compare(place);
    world.isVerified = true;
  }

  async #until(name, isReached) {
    this.waitsFor = name;
    this.history.note(`waiting for ${name}`);
    while (!isReached()) await this.world.loop.sleep(LOOK_MS);
  }

  #makeTopic(name) {
    const { world, random } = this;
    const { state } = world.controller;
    const topicId = random.bytes(16).toString('base64url');
    const ids = world.machines.map(({ id }) => id);
    const count = random.pick([1, 1, 2]);
    const replicasOf = Array.from({ length: count }, () => rotated(ids, random.below(ids.length)));
    state.createTopic(name, topicId, replicasOf, {
      'min.insync.replicas': String(world.minInSync),
      'internal.segment.bytes': String(random.pick([2500, 10_000, 100_000])),
    });
    this.history.note(`made ${name} ${topicId}`);
    const topic = { name, id: topicId, isDeleted: false, mayBeGone: false };
    for (let partition = 0; partition < count; partition++) {
      const place = { topic, topicId, partition, name: `${name}-${partition}` };
      world.places.push({ ...place, sent: new Set(), isById: random.chance(0.5) });
    }
  }

  #people(place, batchesMax) {
    const { world, random } = this;
    const producers = random.pick([1, 1, 2]);
    for (let i = 0; i < producers; i++) {
      const name = `p${place.name}.${i}`;
      world.add(new Producer(world, name, place, random.between(10, batchesMax)));
    }
    if (random.chance(0.7)) world.add(new Reader(world, place));
  }

  /** The controller takes a broker that was killed for one that lives until its session ends. */
  #areInSync() {
    const { controller, machines } = this.world;
    const { partitions } = controller.state;
    const isThere = ({ id, isUp }) => isUp && controller.state.isActive(id);
    if (!machines.every(isThere)) return false;
    return partitions.every(({ isr, replicas }) => isr.length === replicas.length);
  }

  #logsOf(place) {
    return this.world.machines.map(({ disk }) => new ReplicaLog(disk.root, place.name));
  }

  #areEqual(place) {
    const [first, ...others] = this.#logsOf(place);
    return others.every(({ end }) => end === first.end);
  }

  /** Below the high watermark, which is the end by now, all have the same bytes. */
  #compare(place) {
    const { machines } = this.world;
    const logs = this.#logsOf(place);
    const [first, ...others] = logs;
    const [one, ...names] = machines.map(({ name }) => name);
    for (const [i, log] of logs.entries()) {
      const wrong = log.disorder();
      if (wrong !== null) this.history.fail(`${place.name} at ${machines[i].name}: ${wrong}`);
    }
    for (const [i, other] of others.entries()) {
      const difference = first.differenceTo(other);
      if (difference === null) continue;
      this.history.fail(`${place.name} at ${one} and at ${names[i]}: ${difference}`);
    }
    this.history.count('compared');
  }
}

function rotated(ids, by) {
  return [...ids.slice(by), ...ids.slice(0, by)];
}
