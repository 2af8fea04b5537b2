/** What a group has committed for one partition: it may be ahead of what was answered, never behind. */
import { API } from '../../dist/protocol/index.js';

const GROUP = 'soak';
const COMMIT_VERSION = 2;
const FETCH_VERSION = 1;

export class Bookmark {
  #topic;
  #partition;
  #answered = 0;

  constructor(topic, partition) {
    this.#topic = topic;
    this.#partition = partition;
  }

  async commit(connection, offset) {
    const partitions = [
      { partitionIndex: this.#partition, committedOffset: offset, committedMetadata: '' },
    ];
    const { topics } = await connection.send(API.OFFSET_COMMIT, COMMIT_VERSION, {
      groupId: GROUP,
      generationIdOrMemberEpoch: -1,
      memberId: '',
      retentionTimeMs: -1,
      topics: [{ name: this.#topic, partitions }],
    });
    if (topics[0].partitions[0].errorCode === 0) this.#answered = offset;
  }

  /** Why the committed offset cannot be, or ''. `end` is how far the group has ever read. */
  async complaint(connection, end) {
    const { topics } = await connection.send(API.OFFSET_FETCH, FETCH_VERSION, {
      groupId: GROUP,
      topics: [{ name: this.#topic, partitionIndexes: [this.#partition] }],
    });
    const { errorCode, committedOffset } = topics[0].partitions[0];
    if (errorCode !== 0 || (committedOffset === -1 && this.#answered === 0)) return '';
    if (committedOffset >= this.#answered && committedOffset <= end) return '';
    const range = `[${this.#answered}, ${end}]`;
    return `${this.#topic}-${this.#partition}: committed ${committedOffset}, not in ${range}`;
  }
}
