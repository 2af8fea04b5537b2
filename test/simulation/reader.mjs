/** A consumer of one partition, by Fetch alone: from its start, over and over. */
import { API, ERROR } from '../../dist/protocol/index.js';
import { baseOffset, lastOffset, sizeInBytes } from '../../dist/records/batch-layout.js';
import { decodeRecords } from '../../dist/records/record-iterator.js';
import { Client } from './client.mjs';

const VERSION = 13;
const LOOKS_MAX = 20;
const GONE = new Set([ERROR.UNKNOWN_TOPIC_OR_PARTITION, ERROR.UNKNOWN_TOPIC_ID]);

export class Reader extends Client {
  constructor(world, place) {
    super(world);
    this.place = place;
  }

  async live() {
    let offset = 0;
    while (!this.isStopped && !this.place.topic.isDeleted) {
      const maxWaitMs = this.random.pick([0, 20, 200]);
      const result = await this.fetch(offset, maxWaitMs, this.random.between(1, 3000));
      if (result === null) {
        await this.pause();
        continue;
      }
      offset = result.nextOffset;
      if (this.random.chance(0.02)) offset = this.random.below(offset + 1);
      await this.world.loop.sleep(this.random.below(30));
    }
  }

  /** Reads from an offset on; null when there was no good answer. */
  async fetch(offset, maxWaitMs, maxBytes, found = null) {
    const { source } = await this.connection();
    const least = this.history.highWatermarkOf(this.place, source);
    const reign = this.world.reignOver(this.place, source);
    const answer = await this.request(
      API.FETCH,
      VERSION,
      this.#request(offset, maxWaitMs, maxBytes),
    );
    if (answer === null) return null;
    const result = answer.responses[0]?.partitions[0];
    if (result === undefined || result.errorCode !== ERROR.NONE) {
      const wasLeader = reign !== null && reign === this.world.reignOver(this.place, source);
      this.#refused(offset, result?.errorCode ?? answer.errorCode, wasLeader);
      return null;
    }
    this.history.highWatermark(this.place, source, result.highWatermark, least);
    const nextOffset = this.#take(result.records, offset, result.highWatermark, found);
    this.history.note(`read ${this.place.name} ${offset} to ${nextOffset}`);
    return { nextOffset, highWatermark: result.highWatermark };
  }

  #request(fetchOffset, maxWaitMs, partitionMaxBytes) {
    const { topic, partition } = this.place;
    const place = { partition, fetchOffset, partitionMaxBytes, logStartOffset: -1 };
    return {
      replicaId: -1,
      maxWaitMs,
      minBytes: 1,
      maxBytes: 1_000_000,
      isolationLevel: 0,
      sessionId: 0,
      sessionEpoch: -1,
      topics: [
        {
          topicId: topic.id,
          partitions: [{ ...place, currentLeaderEpoch: -1, lastFetchedEpoch: -1 }],
        },
      ],
      forgottenTopicsData: [],
      rackId: '',
    };
  }

  /** Only who leads must have all that was ever told to be there. */
  #refused(offset, errorCode, isLeader) {
    const { name, topic } = this.place;
    this.history.note(`fetch ${name} ${offset} refused: ${errorCode}`);
    if (this.world.rules.passing.has(errorCode)) return;
    if (errorCode === ERROR.OFFSET_OUT_OF_RANGE && !isLeader) return;
    if (GONE.has(errorCode) && topic.mayBeGone) return;
    this.history.fail(`a fetch of ${name} from ${offset} is refused with ${errorCode}`);
  }

  /** Checks what came; returns the offset behind it. */
  #take(records, offset, highWatermark, found) {
    const { name, sent } = this.place;
    let next = offset;
    let at = 0;
    while (
      records !== null &&
      at + 12 <= records.length &&
      at + sizeInBytes(records, at) <= records.length
    ) {
      const base = baseOffset(records, at);
      if (base > next) this.history.fail(`${name}: ${base} follows ${next}: a hole`);
      for (const record of decodeRecords(records, at, at + sizeInBytes(records, at))) {
        if (record.offset < next) continue;
        const value = record.value.toString().split(' ', 1)[0];
        this.history.read(this.place, record.offset, value, sent);
        found?.set(record.offset, value);
        this.history.count('read');
      }
      next = lastOffset(records, at) + 1;
      at += sizeInBytes(records, at);
    }
    if (next > highWatermark && next > offset) {
      this.history.fail(`${name}: read to ${next}, beyond the high watermark ${highWatermark}`);
    }
    return next;
  }

  /** Once its deletion was answered, a topic never comes back. */
  async seeDeleted() {
    const answer = await this.ask(API.FETCH, VERSION, this.#request(0, 0, 1000));
    const errorCode = answer.responses[0]?.partitions[0].errorCode ?? answer.errorCode;
    if (GONE.has(errorCode)) return;
    const { name, topicId } = this.place;
    this.history.fail(`${name} of ${topicId} was deleted, and a fetch is answered ${errorCode}`);
  }

  /** All that is there, once the broker is well. */
  async readAll() {
    const found = new Map();
    let offset = 0;
    let looks = 0;
    for (;;) {
      const result = await this.fetch(offset, 0, 1_000_000, found);
      if (result === null) {
        await this.pause();
        continue;
      }
      if (result.nextOffset === offset && this.history.isWhole(this.place, offset)) break;
      // With acks=1 a record is acknowledged before the sync that shows it to consumers.
      if (result.nextOffset === offset && looks++ < LOOKS_MAX) await this.pause();
      else if (result.nextOffset === offset) break;
      offset = result.nextOffset;
    }
    this.history.wholePartition(this.place, found, offset);
    return offset;
  }
}
