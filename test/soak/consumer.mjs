/**
 * Reads a partition from its beginning to wherever it ends, for as long as the soak lasts, and commits
 * how far it has come.
 */
import { API } from '../../dist/protocol/index.js';
import { decodeRecords } from '../../dist/records/record-iterator.js';
import { KafkaConnection } from '../crash/kafka-connection.mjs';
import { Bookmark } from './bookmark.mjs';

const FETCH_VERSION = 11;
const WAIT_MS = 200;
const RETRY_MS = 100;
const COMMIT_MS = 200;

export class PartitionConsumer {
  position = 0;
  connection = null;
  #stopped = false;
  #bookmark;
  #committedMs = 0;

  constructor(topic, partition, portOf) {
    this.topic = topic;
    this.partition = partition;
    this.portOf = portOf;
    this.#bookmark = new Bookmark(topic, partition);
  }

  async run() {
    while (!this.#stopped) {
      try {
        this.connection = await KafkaConnection.open(this.portOf());
        const complaint = await this.#bookmark.complaint(this.connection, this.position);
        if (complaint !== '') throw finding(complaint);
        while (!this.#stopped) {
          await this.#fetch();
          await this.#commit();
        }
      } catch (error) {
        if (error.isFinding) throw error;
        await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      } finally {
        this.connection?.close();
      }
    }
  }

  async #fetch() {
    const { topic, partition } = this;
    const response = await this.connection.send(API.FETCH, FETCH_VERSION, {
      maxWaitMs: WAIT_MS,
      minBytes: 1,
      maxBytes: 1_000_000,
      sessionId: 0,
      sessionEpoch: -1,
      isolationLevel: 0,
      topics: [
        {
          topic,
          partitions: [{ partition, fetchOffset: this.position, partitionMaxBytes: 1_000_000 }],
        },
      ],
      forgottenTopicsData: [],
      rackId: '',
    });
    const { errorCode, records } = response.responses[0].partitions[0];
    if (errorCode !== 0) throw finding(`${topic}-${partition} at ${this.position}: ${errorCode}`);
    if (records.length > 0) this.#check(records);
  }

  async #commit() {
    if (Date.now() - this.#committedMs < COMMIT_MS) return;
    this.#committedMs = Date.now();
    await this.#bookmark.commit(this.connection, this.position);
  }

  /** Lost, duplicated and reordered records all show as a number that is not the next. */
  #check(records) {
    for (const record of decodeRecords(records)) {
      if (record.offset < this.position) continue;
      const number = Number.parseInt(record.value.toString('utf8'), 10);
      if (record.offset !== this.position || number !== this.position) {
        const where = `${this.topic}-${this.partition} at ${this.position}`;
        throw finding(`${where}: found record ${number} at offset ${record.offset}`);
      }
      this.position++;
    }
  }

  stop() {
    this.#stopped = true;
  }
}

function finding(message) {
  return Object.assign(new Error(message), { isFinding: true });
}
