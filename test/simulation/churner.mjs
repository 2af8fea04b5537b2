/** Makes a topic, lets others use it, deletes it, and makes another one under the same name. */
import { API, ERROR, ZERO_UUID } from '../../dist/protocol/index.js';
import { Client } from './client.mjs';
import { Producer } from './producer.mjs';
import { Reader } from './reader.mjs';
import { makeTopic } from './topics.mjs';

const NAME = 'churn';
const ROUNDS_MAX = 3;
const LIFE_MS_MAX = 150;

export class Churner extends Client {
  async live() {
    const rounds = this.random.between(1, ROUNDS_MAX);
    for (let round = 0; round < rounds; round++) {
      const topic = await makeTopic(this, NAME, this.random.between(1, 2), true);
      for (const place of topic.places) this.#people(place, round);
      await this.world.loop.sleep(this.random.below(LIFE_MS_MAX));
      await this.#delete(topic);
    }
    const last = await makeTopic(this, NAME, 1, false);
    for (const place of last.places) this.#people(place, rounds);
    this.world.places.push(...last.places);
  }

  #people(place, round) {
    const { world, random } = this;
    const name = `churn${round}.${place.partition}`;
    world.add(new Producer(world, name, place, random.between(1, 10)));
    if (random.chance(0.7)) world.add(new Reader(world, place));
  }

  async #delete(topic) {
    const isById = this.random.chance(0.5);
    const named = isById ? { name: null, topicId: topic.id } : { name: NAME, topicId: ZERO_UUID };
    for (;;) {
      const body = { topics: [named], topicNames: [], timeoutMs: 10_000 };
      const answer = await this.ask(API.DELETE_TOPICS, 6, body);
      const { errorCode } = answer.responses[0];
      this.history.note(`delete ${topic.id}: ${errorCode}`);
      const isGone =
        errorCode === ERROR.UNKNOWN_TOPIC_ID || errorCode === ERROR.UNKNOWN_TOPIC_OR_PARTITION;
      if (errorCode === ERROR.NONE || isGone) break;
      this.history.count(`delete ${errorCode}`);
      await this.pause();
    }
    topic.isDeleted = true;
    this.world.deleted.push(...topic.places);
    this.history.count('deleted');
  }
}
