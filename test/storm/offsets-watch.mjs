/** Writes to every partition at a steady pace and watches what the group commits. */
import { API } from '../../dist/protocol/index.js';
import { buildBatch } from '../../dist/records/batch-builder.js';
import { KafkaConnection } from '../crash/kafka-connection.mjs';

const EVERY_MS = 50;
const RECORDS_A_BATCH = 5;
const COORDINATOR_LIMIT_MS = 30_000;
/** Kafka tells of a topic before its partitions lead: UNKNOWN_TOPIC_OR_PARTITION, NOT_LEADER. */
const NOT_THERE_YET = new Set([3, 6]);

export class OffsetsWatch {
  #writer;
  #asker;
  #stopped = false;
  #work = [];
  findings = [];
  looks = 0;

  constructor({ topic, group, partitions }) {
    this.topic = topic;
    this.group = group;
    this.ends = new Array(partitions).fill(0);
    this.committed = new Array(partitions).fill(0);
  }

  async open(port) {
    this.#writer = await KafkaConnection.open(port);
    this.#asker = await KafkaConnection.open(port);
    const answer = await this.#writer.send(API.CREATE_TOPICS, 5, {
      topics: [
        {
          name: this.topic,
          numPartitions: this.ends.length,
          replicationFactor: 1,
          assignments: [],
          configs: [],
        },
      ],
      timeoutMs: 30_000,
      validateOnly: false,
    });
    const { errorCode } = answer.topics[0];
    if (errorCode !== 0) throw new Error(`create ${this.topic}: error ${errorCode}`);
    await this.#untilCoordinated();
  }

  /** Kafka makes the topic of the offsets at the first question, and then loads it for seconds. */
  async #untilCoordinated() {
    const deadline = Date.now() + COORDINATOR_LIMIT_MS;
    const question = { coordinatorKeys: [this.group], keyType: 0 };
    for (;;) {
      const { coordinators } = await this.#asker.send(API.FIND_COORDINATOR, 4, question);
      const errorCode = coordinators[0].errorCode || (await this.#fetch()).errorCode;
      if (errorCode === 0) return;
      if (Date.now() > deadline) throw new Error(`coordinator of ${this.group}: ${errorCode}`);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  #fetch() {
    const partitionIndexes = this.ends.map((_, index) => index);
    return this.#asker.send(API.OFFSET_FETCH, 7, {
      groupId: this.group,
      topics: [{ name: this.topic, partitionIndexes }],
      requireStable: false,
    });
  }

  start() {
    this.#work = [this.#repeat(() => this.#write()), this.#repeat(() => this.look())];
    for (const work of this.#work) work.catch((error) => this.findings.push(error.message));
  }

  /** No more is written; what is committed can still be looked at. */
  async stop() {
    this.#stopped = true;
    await Promise.all(this.#work);
  }

  close() {
    this.#writer?.close();
    this.#asker?.close();
  }

  async #repeat(work) {
    while (!this.#stopped) {
      await work();
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  async #write() {
    const value = Buffer.alloc(100);
    // Of now: what is older than the retention may be taken away before anybody has read it.
    const timestamp = Date.now();
    const records = Array.from({ length: RECORDS_A_BATCH }, () => ({ value, timestamp }));
    const batch = buildBatch(records);
    const answer = await this.#writer.send(API.PRODUCE, 9, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 30_000,
      topicData: [
        {
          name: this.topic,
          partitionData: this.ends.map((_, index) => ({ index, records: batch })),
        },
      ],
    });
    for (const { index, errorCode, baseOffset } of answer.responses[0].partitionResponses) {
      if (NOT_THERE_YET.has(errorCode) && this.ends[index] === 0) continue;
      if (errorCode !== 0) throw new Error(`produce to ${index}: error ${errorCode}`);
      this.ends[index] = baseOffset + RECORDS_A_BATCH;
    }
  }

  /** What is committed may neither go back nor lie ahead of the data. */
  async look() {
    const answer = await this.#fetch();
    this.looks++;
    for (const { partitionIndex, committedOffset } of answer.topics[0]?.partitions ?? []) {
      const before = this.committed[partitionIndex];
      const offset = Math.max(committedOffset, 0);
      const where = `${this.topic}-${partitionIndex}`;
      if (offset < before) {
        this.findings.push(`${where}: committed went from ${before} back to ${offset}`);
      }
      // A write may be in the log whose answer is still on its way.
      const most = this.ends[partitionIndex] + RECORDS_A_BATCH;
      if (offset > most) this.findings.push(`${where}: committed ${offset}, the end is ${most}`);
      this.committed[partitionIndex] = offset;
    }
  }

  get isCaughtUp() {
    return this.committed.every((offset, index) => offset === this.ends[index]);
  }
}
