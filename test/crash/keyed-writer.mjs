/** Writes growing numbers under a few keys of a compacted partition; knows what must be found. */
import { API } from '../../dist/protocol/index.js';
import { buildBatch } from '../../dist/records/batch-builder.js';
import { decodeRecords } from '../../dist/records/record-iterator.js';
import { endOffset, fetchAt } from './reader.mjs';

/** Of a batch: offset and length in front of it, and where its header has the last offset. */
const LOG_OVERHEAD = 12;
const LAST_OFFSET_DELTA = 23;
const KEYS = 200;
const RECORDS_A_BATCH = 40;
const PADDING = 'x'.repeat(150);

export class KeyedWriter {
  #random;
  #next = 1;
  /** By key: the highest number that was acknowledged, and the highest that was sent. */
  #acknowledged = new Map();
  #sent = new Map();
  /** All below this offset was acknowledged. */
  end = 0;

  constructor(topic, partition, random) {
    this.topic = topic;
    this.partition = partition;
    this.#random = random;
  }

  /** Until the connection breaks. */
  async run(connection) {
    while (!connection.failed) {
      const numbers = new Map();
      const records = [];
      for (let i = 0; i < RECORDS_A_BATCH; i++) {
        const key = Math.floor(this.#random() * KEYS);
        const value = Buffer.from(`${this.#next}:${PADDING}`);
        numbers.set(key, this.#next++);
        records.push({ key: Buffer.from(String(key)), value, timestamp: Date.now() });
      }
      for (const [key, number] of numbers) this.#sent.set(key, number);
      let answer;
      try {
        answer = await this.#send(connection, buildBatch(records));
      } catch (error) {
        if (connection.failed) return;
        throw error;
      }
      if (answer.errorCode !== 0) throw new Error(`${this.#name}: produce ${answer.errorCode}`);
      this.end = answer.baseOffset + RECORDS_A_BATCH;
      for (const [key, number] of numbers) this.#acknowledged.set(key, number);
    }
  }

  get #name() {
    return `${this.topic}-${this.partition}`;
  }

  async #send(connection, records) {
    const topicData = [{ name: this.topic, partitionData: [{ index: this.partition, records }] }];
    const body = { transactionalId: null, acks: -1, timeoutMs: 30_000, topicData };
    const response = await connection.send(API.PRODUCE, 9, body);
    return response.responses[0].partitionResponses[0];
  }

  /** Offsets only grow, and each key has its last acknowledged number or one sent after it. */
  async verify(connection) {
    const end = await endOffset(connection, this.topic, this.partition);
    if (end < this.end) throw new Error(`${this.#name} ends at ${end}, acknowledged ${this.end}`);
    const last = new Map();
    let next = 0;
    while (next < end) {
      const result = await fetchAt(connection, this.topic, this.partition, next);
      if (result.errorCode !== 0) throw new Error(`${this.#name} at ${next}: ${result.errorCode}`);
      // Compaction may leave nothing in a stretch, but the end is never compacted.
      if (result.records.length === 0) throw new Error(`${this.#name}: nothing at ${next}`);
      for (const record of decodeRecords(result.records)) {
        if (record.offset < next) continue;
        last.set(Number(record.key), Number.parseInt(record.value.toString('utf8'), 10));
      }
      next = endOf(result.records);
    }
    for (const [key, number] of this.#acknowledged) {
      const found = last.get(key) ?? 0;
      if (found < number || found > this.#sent.get(key)) {
        const wanted = `acknowledged ${number}, sent ${this.#sent.get(key)}`;
        throw new Error(`${this.#name}: key ${key} has ${found}, ${wanted}`);
      }
    }
    this.end = end;
    return end;
  }
}

/** The offset behind the last batch, whose last record may be gone by compaction. */
function endOf(batches) {
  let end = 0;
  for (let at = 0; at < batches.length; at += LOG_OVERHEAD + batches.readInt32BE(at + 8)) {
    end = Number(batches.readBigInt64BE(at)) + batches.readInt32BE(at + LAST_OFFSET_DELTA) + 1;
  }
  return end;
}
