/**
 * A producer of one partition. With an identity of its own it pipelines up to five batches and
 * sends again, in order, what it has no good answer for.
 */
import { API, ERROR } from '../../dist/protocol/index.js';
import { buildBatch } from '../../dist/records/batch-builder.js';
import { Client } from './client.mjs';

const IN_FLIGHT_MAX = 5;
const RECORDS_MAX = 4;
const VALUE_PADDING_MAX = 400;
const BY_ID_VERSION = 13;
const BY_NAME_VERSION = 12;

const GONE = new Set([ERROR.UNKNOWN_TOPIC_OR_PARTITION, ERROR.UNKNOWN_TOPIC_ID]);

export class Producer extends Client {
  #name;
  #batchesLeft;
  #number = 0;
  #sequence = 0;
  #producerId = -1;
  #producerEpoch = -1;
  /** Not acknowledged yet, oldest first: { batch, values, attempts }. */
  #pending = [];
  #acks;
  /**
   * One of its batches was acknowledged. Before that it sends one at a time: a log that does not
   * know a producer takes any sequence from it, here as in Apache Kafka, so that a second batch
   * could pass a first one that was refused.
   */
  #isKnown = false;

  constructor(world, name, place, batches) {
    super(world);
    this.#name = name;
    this.place = place;
    this.#batchesLeft = batches;
    this.#acks = world.rules.acksAll || this.random.chance(0.5) ? -1 : 1;
  }

  get label() {
    return `producer ${this.#name}`;
  }

  async live() {
    const identity = await this.#askIdentity();
    this.#producerId = identity.producerId;
    this.#producerEpoch = identity.producerEpoch;
    while (this.#batchesLeft > 0 || this.#pending.length > 0) {
      if (this.place.topic.isDeleted) return;
      const wanted = this.#isKnown ? this.random.between(1, IN_FLIGHT_MAX) : 1;
      while (this.#pending.length < wanted && this.#batchesLeft > 0) this.#makeBatch();
      const isSound = await this.#sendAll();
      if (isSound) await this.world.loop.sleep(this.random.below(this.world.rules.paceMs));
      else await this.pause();
    }
  }

  async #askIdentity() {
    const body = { transactionalId: null, transactionTimeoutMs: 60_000 };
    for (;;) {
      const answer = await this.ask(API.INIT_PRODUCER_ID, 4, body);
      if (answer.errorCode === ERROR.NONE) return answer;
      this.history.count(`init ${answer.errorCode}`);
      await this.pause();
    }
  }

  #makeBatch() {
    this.#batchesLeft--;
    const values = [];
    const records = [];
    const count = this.random.between(1, RECORDS_MAX);
    for (let i = 0; i < count; i++) {
      const value = `${this.#name}/${this.#number++}`;
      values.push(value);
      const padding = 'x'.repeat(this.random.below(VALUE_PADDING_MAX));
      records.push({ key: Buffer.from(value), value: Buffer.from(`${value} ${padding}`) });
      this.place.sent.add(value);
    }
    const batch = buildBatch(records, {
      producerId: this.#producerId,
      producerEpoch: this.#producerEpoch,
      baseSequence: this.#sequence,
    });
    this.#sequence += count;
    this.#pending.push({ batch, values });
  }

  /** False when something must be sent again. */
  async #sendAll() {
    const sent = [...this.#pending];
    const connection = await this.connection();
    const requests = sent.map(({ batch }) => this.#send(connection, batch));
    const results = await Promise.all(requests);
    let isFirst = true;
    for (const [i, result] of results.entries()) {
      const isAcknowledged = this.#take(result, sent[i], isFirst);
      if (!isAcknowledged) isFirst = false;
    }
    return isFirst;
  }

  #send(connection, batch) {
    const { topic, partition } = this.place;
    const { produceTimeoutMs: timeoutMs } = this.world.rules;
    const version = this.place.isById ? BY_ID_VERSION : BY_NAME_VERSION;
    const topicData = [
      {
        name: topic.name,
        topicId: topic.id,
        partitionData: [{ index: partition, records: batch }],
      },
    ];
    const body = { transactionalId: null, acks: this.#acks, timeoutMs, topicData };
    return connection.request(API.PRODUCE, version, body).then(
      (answer) => answer.responses[0].partitionResponses[0],
      () => null,
    );
  }

  #take(result, pending, isFirst) {
    if (result === null) return false;
    const { errorCode, baseOffset } = result;
    if (errorCode === ERROR.NONE) {
      this.#pending.splice(this.#pending.indexOf(pending), 1);
      this.#isKnown = true;
      this.history.acknowledged(this.place, baseOffset, pending.values);
      return true;
    }
    this.history.note(`refused ${this.place.name} ${pending.values[0]}: ${errorCode}`);
    this.history.count(`refused ${errorCode}`);
    if (this.world.rules.passing.has(errorCode)) return false;
    if (GONE.has(errorCode) && this.place.topic.mayBeGone) return false;
    if (errorCode === ERROR.OUT_OF_ORDER_SEQUENCE_NUMBER && !isFirst) return false;
    this.history.fail(`${this.place.name}: ${pending.values[0]} is refused with ${errorCode}`);
  }
}
