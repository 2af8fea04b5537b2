import { Churner } from './churner.mjs';
import { ClassicMember } from './classic-member.mjs';
import { Client } from './client.mjs';
import { CommittedReader } from './committed-reader.mjs';
import { ConsumerMember } from './consumer-member.mjs';
import { Producer } from './producer.mjs';
import { Reader } from './reader.mjs';
import { StreamsMember } from './streams-member.mjs';
import { fill, makeTopic } from './topics.mjs';
import { Transactor } from './transactor.mjs';

const TRANSACTIONS_MAX = 10;
const TWINS_MAX = 2;

/** Makes the topics, lets the clients loose, and looks at what is left in the end. */
export class Director extends Client {
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
