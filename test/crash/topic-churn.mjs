/** Creates and deletes topics beside the load, and knows which answers it has got. */
import { API } from '../../dist/protocol/index.js';

const TOPICS_MAX = 12;

export class TopicChurn {
  #random;
  #next = 0;
  /** Topics whose creation was answered, and those that may or may not be there. */
  #present = new Set();
  #uncertain = new Set();

  constructor(random) {
    this.#random = random;
  }

  async run(connection) {
    while (!connection.failed) {
      const deletes = this.#present.size > 0 && this.#random() < this.#present.size / TOPICS_MAX;
      try {
        if (deletes) await this.#delete(connection);
        else await this.#create(connection);
      } catch (error) {
        if (connection.failed) return;
        throw error;
      }
    }
  }

  async #create(connection) {
    const name = `churn-${this.#next++}`;
    this.#uncertain.add(name);
    const answer = await connection.send(API.CREATE_TOPICS, 5, {
      topics: [{ name, numPartitions: 2, replicationFactor: 1, assignments: [], configs: [] }],
      timeoutMs: 30_000,
      validateOnly: false,
    });
    const { errorCode } = answer.topics[0];
    if (errorCode !== 0) throw new Error(`create ${name}: error ${errorCode}`);
    this.#uncertain.delete(name);
    this.#present.add(name);
  }

  async #delete(connection) {
    const names = [...this.#present];
    const name = names[Math.floor(this.#random() * names.length)];
    this.#present.delete(name);
    this.#uncertain.add(name);
    const answer = await connection.send(API.DELETE_TOPICS, 4, {
      topicNames: [name],
      timeoutMs: 30_000,
    });
    const { errorCode } = answer.responses[0];
    if (errorCode !== 0) throw new Error(`delete ${name}: error ${errorCode}`);
    this.#uncertain.delete(name);
  }

  /** After a start: what was answered is so; what was not may be either, whole. */
  async check(connection) {
    const answer = await connection.send(API.METADATA, 7, {
      topics: null,
      allowAutoTopicCreation: false,
    });
    const found = new Set(answer.topics.map((topic) => topic.name));
    for (const name of this.#present) {
      if (!found.has(name)) throw new Error(`topic ${name} was created, and is not there`);
    }
    for (const topic of answer.topics) {
      const { name } = topic;
      if (!name.startsWith('churn-')) continue;
      if (topic.partitions.length !== 2) throw new Error(`topic ${name} is half there`);
      if (this.#uncertain.has(name)) this.#present.add(name);
      else if (!this.#present.has(name)) throw new Error(`topic ${name} was deleted, and is there`);
    }
    this.#uncertain.clear();
  }
}
