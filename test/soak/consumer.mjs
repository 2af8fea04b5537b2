/** Reads a partition from its beginning to wherever it ends, for as long as the soak lasts. */
import { API } from '../../dist/protocol/index.js';
import { decodeRecords } from '../../dist/records/record-iterator.js';
import { KafkaConnection } from '../crash/kafka-connection.mjs';

const FETCH_VERSION = 11;
const WAIT_MS = 200;
const RETRY_MS = 100;

export class PartitionConsumer {
  position = 0;
  connection = null;
  #stopped = false;

  constructor(topic, partition, portOf) {
    this.topic = topic;
    this.partition = partition;
    this.portOf = portOf;
  }

  async run() {
    while (!this.#stopped) {
      try {
        this.connection = await KafkaConnection.open(this.portOf());
        while (!this.#stopped) await this.#fetch();
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
