/**
 * Writes one partition: record number n goes to offset n, in idempotent batches of random size and
 * codec with several in flight, until the broker dies under it. Knows what was acknowledged.
 */
import { API } from '../../dist/protocol/index.js';
import { buildBatch } from '../../dist/records/batch-builder.js';

const PRODUCE_VERSION = 9;
/** One less than the broker's window: the last acknowledged batch is still in it after a crash. */
const IN_FLIGHT = 4;
const CODECS = [0, 0, 1, 2, 3, 4];
const SEQUENCES = 2 ** 31;

export class PartitionWriter {
  constructor(topic, partition, random) {
    this.topic = topic;
    this.partition = partition;
    this.random = random;
    /** Records below this number were acknowledged. */
    this.acknowledged = 0;
    this.next = 0;
    this.producerId = -1;
    this.baseSequence = 0;
    this.lastBatch = null;
    /** Sent and not answered, oldest first; after a break they go again as they were. */
    this.unanswered = [];
    /** While it is pending nothing new is sent. */
    this.pause = null;
  }

  /** A restart: goes on behind what the log holds, as a new producer. */
  resumeAt(logEnd, producerId) {
    this.next = logEnd;
    this.producerId = producerId;
    this.baseSequence = logEnd;
    this.unanswered = [];
  }

  #batch() {
    const count = 1 + Math.floor(this.random() * 40);
    const records = [];
    for (let i = 0; i < count; i++) {
      const number = this.next + i;
      const padding = 'x'.repeat(Math.floor(this.random() * 300));
      const value = Buffer.from(`${number}:${padding}`);
      records.push({ key: Buffer.from(String(number % 17)), value, timestamp: Date.now() });
    }
    const bytes = buildBatch(records, {
      codec: CODECS[Math.floor(this.random() * CODECS.length)],
      producerId: this.producerId,
      producerEpoch: 0,
      baseSequence: (this.next - this.baseSequence) % SEQUENCES,
    });
    const batch = { bytes, first: this.next, count };
    this.next += count;
    return batch;
  }

  #newBatch() {
    const batch = this.#batch();
    this.unanswered.push(batch);
    return batch;
  }

  async #send(connection, batch) {
    const response = await connection.send(API.PRODUCE, PRODUCE_VERSION, {
      transactionalId: null,
      acks: -1,
      timeoutMs: 30_000,
      topicData: [
        { name: this.topic, partitionData: [{ index: this.partition, records: batch.bytes }] },
      ],
    });
    return response.responses[0].partitionResponses[0];
  }

  #check(batch, result) {
    const where = `${this.topic}-${this.partition}`;
    if (result.errorCode !== 0) throw new Error(`${where}: produce error ${result.errorCode}`);
    if (result.baseOffset !== batch.first) {
      throw new Error(`${where}: batch ${batch.first} was acknowledged at ${result.baseOffset}`);
    }
  }

  /**
   * Until the connection breaks; the next run begins with the batches that have no answer. Any other
   * failure is a finding.
   */
  async run(connection) {
    const again = [...this.unanswered];
    const lane = async () => {
      while (!connection.failed) {
        await this.pause;
        const batch = again.shift() ?? this.#newBatch();
        let result;
        try {
          result = await this.#send(connection, batch);
        } catch (error) {
          if (connection.failed) return;
          throw error;
        }
        this.unanswered.splice(this.unanswered.indexOf(batch), 1);
        this.#check(batch, result);
        this.acknowledged = Math.max(this.acknowledged, batch.first + batch.count);
        this.lastBatch = batch;
      }
    };
    await Promise.all(Array.from({ length: IN_FLIGHT }, lane));
  }

  /** The last acknowledged batch again: it must be known, with its offset, and not be appended. */
  async repeatLast(connection) {
    if (this.lastBatch === null) return;
    this.#check(this.lastBatch, await this.#send(connection, this.lastBatch));
    this.lastBatch = null;
  }
}
