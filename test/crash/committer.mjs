/** Commits how far a partition is written, and knows what a restart must find of it. */
import { API } from '../../dist/protocol/index.js';
import { endOffset } from './reader.mjs';

const CLASSIC_VERSION = 7;
const COORDINATOR_LOAD_IN_PROGRESS = 14;
const LOAD_LIMIT_MS = 10_000;
const SIMPLE = { generationId: -1, memberId: '', groupInstanceId: null };

export class Committer {
  #acknowledged = 0;
  #sent = 0;
  commits = 0;

  constructor(groupId, writer, version = CLASSIC_VERSION) {
    this.groupId = groupId;
    this.writer = writer;
    this.version = version;
  }

  /** Resolves to the error code. A refused commit changes nothing. */
  async commit(connection, identity) {
    const offset = this.writer.end;
    const before = this.#sent;
    this.#sent = Math.max(this.#sent, offset);
    const answer = await connection.send(API.OFFSET_COMMIT, this.version, {
      groupId: this.groupId,
      generationIdOrMemberEpoch: identity.generationId,
      memberId: identity.memberId,
      groupInstanceId: identity.groupInstanceId,
      topics: [
        {
          name: this.writer.topic,
          partitions: [
            {
              partitionIndex: this.writer.partition,
              committedOffset: offset,
              committedLeaderEpoch: -1,
              committedMetadata: String(offset),
            },
          ],
        },
      ],
    });
    const { errorCode } = answer.topics[0].partitions[0];
    if (errorCode === 0) {
      this.#acknowledged = offset;
      this.commits++;
    } else {
      this.#sent = before;
    }
    return errorCode;
  }

  /** As a simple consumer, until the connection breaks. */
  async run(connection) {
    while (!connection.failed) {
      try {
        const error = await this.commit(connection, SIMPLE);
        if (error !== 0) throw new Error(`${this.groupId}: commit: error ${error}`);
      } catch (error) {
        if (connection.failed) return;
        throw error;
      }
    }
  }

  /** Asks again while the coordinator loads what it knew before the kill. */
  async #fetch(connection) {
    const { topic, partition } = this.writer;
    const deadline = Date.now() + LOAD_LIMIT_MS;
    for (;;) {
      const answer = await connection.send(API.OFFSET_FETCH, 7, {
        groupId: this.groupId,
        topics: [{ name: topic, partitionIndexes: [partition] }],
        requireStable: false,
      });
      const { errorCode } = answer;
      if (errorCode === 0) return answer;
      if (errorCode !== COORDINATOR_LOAD_IN_PROGRESS || Date.now() > deadline) {
        throw new Error(`${this.groupId}: fetch: ${errorCode}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** Not before what was acknowledged, not behind what was sent, nor ahead of the data. */
  async verify(connection) {
    const { topic, partition } = this.writer;
    const answer = await this.#fetch(connection);
    const { committedOffset, metadata } = answer.topics[0].partitions[0];
    const found = Math.max(committedOffset, 0);
    const end = await endOffset(connection, topic, partition);
    const bounds = `acknowledged ${this.#acknowledged}, sent ${this.#sent}, the end is ${end}`;
    if (found < this.#acknowledged || found > this.#sent || found > end) {
      throw new Error(`${this.groupId}: committed is ${found}, ${bounds}`);
    }
    if (committedOffset >= 0 && metadata !== String(found)) {
      throw new Error(`${this.groupId}: ${found} has the metadata of ${metadata}`);
    }
    this.#acknowledged = found;
    this.#sent = found;
  }
}
