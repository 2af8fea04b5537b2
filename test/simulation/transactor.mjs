/**
 * Moves on through numbers, one a transaction: for each some records in some partitions, and the
 * number as the offset of a group. Some it aborts, some it leaves behind; others with its
 * transactional id take its place, and it theirs.
 */
import { API, ERROR } from '../../dist/protocol/index.js';
import {
  FENCED,
  NEWER,
  OLDER,
  Refused,
  TransactionalClient,
} from '../support/transactional-client.mjs';
import { Client } from './client.mjs';

const RECORDS_MAX = 3;
const PLACES_MAX = 3;
const ABORT_CHANCE = 0.2;
const LEAVE_CHANCE = 0.05;
const PEEK_CHANCE = 0.2;
const PAUSE_MS_MAX = 30;
const OFFSET_FETCH_VERSION = 7;
const PASSING = new Set([
  ERROR.UNSTABLE_OFFSET_COMMIT,
  ERROR.COORDINATOR_LOAD_IN_PROGRESS,
  ERROR.COORDINATOR_NOT_AVAILABLE,
  ERROR.NOT_COORDINATOR,
]);

/** The process ends here, whatever it had under way. */
class Left extends Error {}

export class Transactor extends Client {
  #id;
  #places;
  /** Whose offsets the group commits. */
  #source;
  #left;

  constructor(world, id, places, source, transactions) {
    super(world);
    this.#id = id;
    this.#places = places;
    this.#source = source;
    this.#left = transactions;
  }

  get label() {
    return `transactor ${this.#id}`;
  }

  get #group() {
    return `group-${this.#id}`;
  }

  async live() {
    while (this.#left > 0) {
      try {
        await this.#process();
      } catch (thrown) {
        if (
          !(thrown instanceof Left) &&
          !(thrown instanceof Refused && FENCED.has(thrown.errorCode))
        ) {
          throw thrown;
        }
        this.history.count(thrown instanceof Left ? 'left' : `fenced ${thrown.errorCode}`);
        await this.world.loop.sleep(this.random.below(PAUSE_MS_MAX));
      }
    }
  }

  /** From a start to an end that was not wanted, or to the last transaction. */
  async #process() {
    const protocol = this.random.pick([OLDER, NEWER]);
    const timeoutMs = this.random.pick([300, 3000]);
    const client = this.#client({ protocol, timeoutMs });
    await client.findCoordinators([this.#group]);
    await client.init();
    this.history.note(`${this.label} is ${client.producerId} ${client.producerEpoch}`);
    let position = await this.#position(true);
    while (this.#left > 0) {
      this.#left--;
      if (await this.#transaction(client, position)) position++;
      await this.world.loop.sleep(this.random.below(PAUSE_MS_MAX));
    }
  }

  #client(options) {
    const link = { send: (...words) => this.ask(...words) };
    const sleep = (ms) => this.world.loop.sleep(ms);
    return new TransactionalClient(link, this.#id, { ...options, sleep });
  }

  /** True where it is committed. */
  async #transaction(client, position) {
    const { transactions } = this.world;
    const transaction = transactions.begin(this.#id, position);
    const count = Math.min(this.#places.length, this.random.between(1, PLACES_MAX));
    const steps = [];
    for (let i = 0; i < count; i++) steps.push(() => this.#produce(client, transaction));
    const at = this.random.below(steps.length + 1);
    steps.splice(at, 0, () => this.#commitOffset(client, position + 1));
    try {
      for (const step of steps) {
        if (!this.world.isCalm && this.random.chance(LEAVE_CHANCE)) throw new Left();
        await step();
        // What is pending is not told of: the offset is that of a transaction that was decided.
        if (this.random.chance(PEEK_CHANCE)) await this.#position(false);
      }
      if (this.random.chance(ABORT_CHANCE)) {
        transactions.abort(transaction);
        await client.end(false);
        return false;
      }
      transactions.deciding(transaction);
      await client.end(true);
      transactions.committed(transaction);
      return true;
    } catch (thrown) {
      transactions.abandon(transaction);
      throw thrown;
    }
  }

  async #produce(client, transaction) {
    const place = this.random.pick(this.#places);
    const values = [];
    const count = this.random.between(1, RECORDS_MAX);
    for (let i = 0; i < count; i++) values.push(this.world.transactions.value(transaction, place));
    await client.produce(place.topic.name, place.partition, values);
  }

  async #commitOffset(client, offset) {
    const { topic, partition } = this.#source;
    await client.commitOffset(this.#group, topic.name, partition, offset);
  }

  /** What the group has committed; with `isStable` once nothing may still change it. */
  async #position(isStable) {
    const { topic, partition } = this.#source;
    for (;;) {
      const answer = await this.ask(API.OFFSET_FETCH, OFFSET_FETCH_VERSION, {
        groupId: this.#group,
        topics: [{ name: topic.name, partitionIndexes: [partition] }],
        requireStable: isStable,
      });
      const result = answer.topics[0]?.partitions[0];
      const errorCode = answer.errorCode || (result?.errorCode ?? ERROR.NONE);
      if (errorCode === ERROR.NONE) {
        const position = Math.max(0, result.committedOffset);
        this.world.transactions.position(this.#id, position);
        return position;
      }
      if (!PASSING.has(errorCode)) this.history.fail(`OffsetFetch is refused with ${errorCode}`);
      await this.pause();
    }
  }

  /** What the last process left open ends by its time-out or, where the clock jumped, by a start. */
  async settle() {
    if (this.world.history.counts.clock > 0 || this.random.chance(0.5)) {
      await this.#client({ protocol: NEWER, timeoutMs: 1000 }).init();
    }
    await this.#position(true);
  }

  async verify() {
    this.world.transactions.settled(this.#id, await this.#position(true));
  }
}
