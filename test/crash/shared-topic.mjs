/** A topic whose partitions are shared out among members; it is written to now and then. */
import { API } from '../../dist/protocol/index.js';
import { buildBatch } from '../../dist/records/batch-builder.js';
import { endOffset } from './reader.mjs';

const EVERY_MS = 20;

export class SharedTopic {
  topicId = '';

  constructor(topic, partitionCount) {
    this.topic = topic;
    /** All below `end` was acknowledged. */
    this.partitions = Array.from({ length: partitionCount }, (_, partition) => {
      return { topic, partition, end: 0 };
    });
  }

  /** Until the connection breaks. */
  async run(connection) {
    while (!connection.failed) {
      try {
        await this.#write(connection);
      } catch (error) {
        if (connection.failed) return;
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  async #write(connection) {
    const records = buildBatch([{ value: Buffer.alloc(20), timestamp: Date.now() }]);
    const partitionData = this.partitions.map(({ partition: index }) => ({ index, records }));
    const topicData = [{ name: this.topic, partitionData }];
    const body = { transactionalId: null, acks: -1, timeoutMs: 30_000, topicData };
    const answer = await connection.send(API.PRODUCE, 9, body);
    for (const { index, errorCode, baseOffset } of answer.responses[0].partitionResponses) {
      if (errorCode !== 0) throw new Error(`${this.topic}-${index}: produce ${errorCode}`);
      this.partitions[index].end = baseOffset + 1;
    }
  }

  /** Members of the new protocol are told of topics by id. */
  async verify(connection) {
    const topics = [{ topicId: 'AAAAAAAAAAAAAAAAAAAAAA', name: this.topic }];
    const options = { allowAutoTopicCreation: false, includeTopicAuthorizedOperations: false };
    const { topics: found } = await connection.send(API.METADATA, 12, { topics, ...options });
    const [{ errorCode, topicId }] = found;
    if (errorCode !== 0) throw new Error(`${this.topic}: metadata ${errorCode}`);
    if (this.topicId !== '' && topicId !== this.topicId) {
      throw new Error(`${this.topic} was ${this.topicId} and is ${topicId}`);
    }
    this.topicId = topicId;
    for (const place of this.partitions) {
      const end = await endOffset(connection, this.topic, place.partition);
      if (end < place.end) {
        const where = `${this.topic}-${place.partition}`;
        throw new Error(`${where} ends at ${end}, acknowledged ${place.end}`);
      }
      place.end = end;
    }
  }
}
