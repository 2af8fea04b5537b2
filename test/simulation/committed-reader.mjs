/** A consumer of one partition that is given what is committed, up to the last stable offset. */
import { ERROR } from '../../dist/protocol/index.js';
import { committedRecords, fetchPartition } from '../support/committed-reader.mjs';
import { Client } from './client.mjs';

const PASSING = new Set([
  ERROR.NOT_LEADER_OR_FOLLOWER,
  ERROR.LEADER_NOT_AVAILABLE,
  ERROR.KAFKA_STORAGE_ERROR,
]);

export class CommittedReader extends Client {
  constructor(world, place) {
    super(world);
    this.place = place;
  }

  get label() {
    return `reader of committed ${this.place.name}`;
  }

  async live() {
    let offset = 0;
    while (!this.isStopped) {
      const maxWaitMs = this.random.pick([0, 20, 200]);
      const partitionMaxBytes = this.random.between(1, 3000);
      const result = await this.#fetch(offset, { maxWaitMs, partitionMaxBytes });
      if (result === null) await this.pause();
      else offset = this.random.chance(0.05) ? this.random.below(result.next + 1) : result.next;
      await this.world.loop.sleep(this.random.below(30));
    }
  }

  /** Null where the answer is an error that passes. */
  async #fetch(offset, options) {
    const { topic, partition, name } = this.place;
    const { history, transactions } = this.world;
    const least = transactions.stableOf(this.place);
    const link = { send: (...words) => this.ask(...words) };
    const result = await fetchPartition(link, topic.name, partition, offset, options);
    if (result.errorCode !== ERROR.NONE) {
      if (!PASSING.has(result.errorCode)) {
        history.fail(`a fetch of ${name} from ${offset} is refused with ${result.errorCode}`);
      }
      return null;
    }
    const { lastStableOffset, highWatermark, records, abortedTransactions } = result;
    transactions.stable(this.place, lastStableOffset, highWatermark, least);
    const { found, next } = committedRecords(records, abortedTransactions, offset);
    if (next > lastStableOffset && next > offset) {
      history.fail(`${name}: read to ${next}, the last stable offset is ${lastStableOffset}`);
    }
    const values = found.map((record) => ({ ...record, value: record.value.split(' ', 1)[0] }));
    for (const record of values) transactions.read(this.place, record.offset, record.value);
    transactions.polled(this.place, offset, next, values);
    history.note(`read committed ${name} ${offset} to ${next}`);
    return { values, next, isAtEnd: next === highWatermark };
  }

  /** Everything that is committed, once no transaction is open any more. */
  async readAll() {
    const found = new Map();
    for (let offset = 0; ; ) {
      const result = await this.#fetch(offset, { maxWaitMs: 0 });
      if (result === null) {
        await this.pause();
        continue;
      }
      for (const { offset: at, value } of result.values) found.set(at, value);
      offset = result.next;
      if (result.isAtEnd) return found;
      await this.pause();
    }
  }
}
