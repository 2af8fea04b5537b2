/**
 * A transactional producer at the level of requests, which takes one step when it is told to. It
 * speaks either protocol: the older one adds partitions before it writes to them and keeps its
 * epoch, the newer one adds none and gets a new epoch with the end of every transaction.
 */
import { API, ERROR } from '../../dist/protocol/index.js';
import { buildBatch } from '../../dist/records/batch-builder.js';

export const OLDER = {
  name: 'TV1',
  init: 4,
  produce: 11,
  offsets: 4,
  end: 4,
  addsPartitions: true,
};
export const NEWER = {
  name: 'TV2',
  init: 5,
  produce: 12,
  offsets: 5,
  end: 5,
  addsPartitions: false,
};

/** What passes by itself: the same request is sent again. */
const PASSING = new Set([
  ERROR.CONCURRENT_TRANSACTIONS,
  ERROR.COORDINATOR_LOAD_IN_PROGRESS,
  ERROR.COORDINATOR_NOT_AVAILABLE,
  ERROR.NOT_COORDINATOR,
  ERROR.NOT_LEADER_OR_FOLLOWER,
  ERROR.LEADER_NOT_AVAILABLE,
  ERROR.UNKNOWN_TOPIC_OR_PARTITION,
  ERROR.REQUEST_TIMED_OUT,
  ERROR.NOT_ENOUGH_REPLICAS,
  ERROR.KAFKA_STORAGE_ERROR,
]);
/** What a producer is told whose place another one, or a time-out, has taken. */
export const FENCED = new Set([
  ERROR.INVALID_PRODUCER_EPOCH,
  ERROR.PRODUCER_FENCED,
  ERROR.INVALID_PRODUCER_ID_MAPPING,
  ERROR.INVALID_TXN_STATE,
  ERROR.TRANSACTION_ABORTABLE,
]);
const RETRY_MS = 5;
const PATIENCE_MS = 20_000;

const sleepReal = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The broker gave a request an answer that does not pass. */
export class Refused extends Error {
  constructor(what, errorCode) {
    super(`${what} is refused with ${errorCode}`);
    this.errorCode = errorCode;
  }
}

export class TransactionalClient {
  producerId = -1;
  producerEpoch = -1;
  /** Answers that passed by themselves, by code. */
  passed = {};
  #connection;
  #sleep;
  #sequences = new Map();
  #added = new Set();

  constructor(connection, transactionalId, options = {}) {
    const { protocol = NEWER, timeoutMs = 60_000, sleep = sleepReal } = options;
    this.#connection = connection;
    this.#sleep = sleep;
    this.transactionalId = transactionalId;
    this.protocol = protocol;
    this.timeoutMs = timeoutMs;
  }

  /** What it sends from now on takes another way, as after a lost connection. */
  reconnect(connection) {
    this.#connection = connection;
  }

  /** Another client of the same state, on a connection of its own: what a delayed request is. */
  fork(connection) {
    const { transactionalId, protocol, timeoutMs } = this;
    const other = new TransactionalClient(connection, transactionalId, {
      protocol,
      timeoutMs,
    });
    other.producerId = this.producerId;
    other.producerEpoch = this.producerEpoch;
    other.#sequences = new Map(this.#sequences);
    other.#added = new Set(this.#added);
    return other;
  }

  /** Sends until the answer is none that passes; `codeOf` finds the code in the answer. */
  async #ask(what, apiKey, version, body, codeOf) {
    const untilMs = performance.now() + PATIENCE_MS;
    for (;;) {
      const answer = await this.#connection.send(apiKey, version, body);
      const code = codeOf(answer);
      if (code === ERROR.NONE) return answer;
      if (!PASSING.has(code)) throw new Refused(`${this.transactionalId}: ${what}`, code);
      this.passed[code] = (this.passed[code] ?? 0) + 1;
      if (performance.now() > untilMs) {
        throw new Error(`${this.transactionalId}: ${what} is answered ${code} without end`);
      }
      await this.#sleep(RETRY_MS);
    }
  }

  get #identity() {
    const { transactionalId, producerId, producerEpoch } = this;
    return { transactionalId, producerId, producerEpoch };
  }

  /** Makes the coordinator's topic where it is not there yet, as the first client does. */
  async findCoordinators(groupIds = []) {
    const body = { keyType: 1, coordinatorKeys: [this.transactionalId] };
    const codeOf = ({ coordinators: [{ errorCode }] }) => errorCode;
    await this.#ask('FindCoordinator', API.FIND_COORDINATOR, 4, body, codeOf);
    if (groupIds.length === 0) return;
    const groups = { keyType: 0, coordinatorKeys: groupIds };
    await this.#ask('FindCoordinator', API.FIND_COORDINATOR, 4, groups, codeOf);
  }

  /** Fences whoever had the id before, and ends what they left open. */
  async init({ keepsIdentity = false } = {}) {
    const body = {
      transactionalId: this.transactionalId,
      transactionTimeoutMs: this.timeoutMs,
      producerId: keepsIdentity ? this.producerId : -1,
      producerEpoch: keepsIdentity ? this.producerEpoch : -1,
    };
    const codeOf = ({ errorCode }) => errorCode;
    const answer = await this.#ask('init', API.INIT_PRODUCER_ID, this.protocol.init, body, codeOf);
    this.#take(answer);
  }

  #take({ producerId, producerEpoch }) {
    this.producerId = producerId;
    this.producerEpoch = producerEpoch;
    this.#sequences.clear();
    this.#added.clear();
  }

  async addPartitions(topic, partitions) {
    const body = {
      v3AndBelowTransactionalId: this.transactionalId,
      v3AndBelowProducerId: this.producerId,
      v3AndBelowProducerEpoch: this.producerEpoch,
      v3AndBelowTopics: [{ name: topic, partitions }],
    };
    const codeOf = ({ resultsByTopicV3AndBelow: [{ resultsByPartition }] }) => {
      const bad = resultsByPartition.filter(({ partitionErrorCode: code }) => {
        return code !== ERROR.NONE && code !== ERROR.OPERATION_NOT_ATTEMPTED;
      });
      return bad[0]?.partitionErrorCode ?? ERROR.NONE;
    };
    await this.#ask('AddPartitionsToTxn', API.ADD_PARTITIONS_TO_TXN, 3, body, codeOf);
    for (const partition of partitions) this.#added.add(`${topic}-${partition}`);
  }

  /** The next batch for a partition, which takes its numbers whether or not it is sent. */
  makeBatch(topic, partition, values) {
    const place = `${topic}-${partition}`;
    const baseSequence = this.#sequences.get(place) ?? 0;
    this.#sequences.set(place, baseSequence + values.length);
    const records = values.map((value) => ({
      value: Buffer.from(value),
      timestamp: Date.now(),
    }));
    const { producerId, producerEpoch } = this;
    return buildBatch(records, {
      producerId,
      producerEpoch,
      baseSequence,
      transactional: true,
    });
  }

  /** The offset of the first record. */
  async produce(topic, partition, values) {
    if (this.protocol.addsPartitions && !this.#added.has(`${topic}-${partition}`)) {
      await this.addPartitions(topic, [partition]);
    }
    return this.send(topic, partition, this.makeBatch(topic, partition, values));
  }

  /** A batch as it is, without the partition being added. */
  async send(topic, index, records, acks = -1) {
    const { transactionalId } = this;
    const topicData = [{ name: topic, partitionData: [{ index, records }] }];
    const body = { transactionalId, acks, timeoutMs: 10_000, topicData };
    const codeOf = (answer) => answer.responses[0].partitionResponses[0].errorCode;
    const version = this.protocol.produce;
    const answer = await this.#ask('Produce', API.PRODUCE, version, body, codeOf);
    return answer.responses[0].partitionResponses[0].baseOffset;
  }

  async addOffsets(groupId) {
    const body = { ...this.#identity, groupId };
    const codeOf = ({ errorCode }) => errorCode;
    await this.#ask('AddOffsetsToTxn', API.ADD_OFFSETS_TO_TXN, 3, body, codeOf);
  }

  /** The group goes on behind `offset` of a partition once this transaction is committed. */
  async commitOffset(groupId, topic, partitionIndex, committedOffset) {
    if (this.protocol.addsPartitions) await this.addOffsets(groupId);
    const partition = {
      partitionIndex,
      committedOffset,
      committedMetadata: '',
    };
    const topics = [{ name: topic, partitions: [partition] }];
    const body = { ...this.#identity, groupId, topics };
    const codeOf = (answer) => answer.topics[0].partitions[0].errorCode;
    const version = this.protocol.offsets;
    await this.#ask('TxnOffsetCommit', API.TXN_OFFSET_COMMIT, version, body, codeOf);
  }

  async end(committed) {
    const body = { ...this.#identity, committed };
    const codeOf = ({ errorCode }) => errorCode;
    const version = this.protocol.end;
    const answer = await this.#ask('EndTxn', API.END_TXN, version, body, codeOf);
    if (version >= 5) this.#take(answer);
    this.#added.clear();
  }
}
