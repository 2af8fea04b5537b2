import { ERROR } from '../../../base/kafka-errors.ts';
import type { Draft } from '../../../protocol/frames.ts';
import type { FetchRequest } from '../../../protocol/schema/01-fetch.ts';

/** One partition of a fetch request. */
export interface FetchTarget {
  readonly topic: string;
  readonly topicId: string;
  readonly partition: number;
  readonly offset: number;
  /** Of the record before the offset, -1 where it is not known. */
  readonly lastFetchedEpoch: number;
  readonly currentLeaderEpoch: number;
  readonly maxBytes: number;
}

type FetchTopics = Pick<
  Draft<FetchRequest>,
  'sessionId' | 'sessionEpoch' | 'topics' | 'forgottenTopicsData'
>;

const NO_SESSION = 0;
const FIRST_EPOCH = 0;
const EPOCH_MAX = 2 ** 31 - 1;

/**
 * What one broker remembers of our fetches (KIP-227): only partitions that are new or have moved
 * are sent, and those that are not wanted any more are named.
 */
export class FetchSession {
  #id = NO_SESSION;
  #epoch = FIRST_EPOCH;
  #known = new Map<string, FetchTarget>();
  #asked = new Map<string, FetchTarget>();

  /** How many partitions the broker fetches for the session. */
  get size(): number {
    return this.#asked.size;
  }

  /** The request for exactly these partitions. */
  plan(targets: readonly FetchTarget[]): FetchTopics {
    const asked = new Map(targets.map((target) => [keyOf(target), target]));
    this.#asked = asked;
    const isFull = this.#epoch === FIRST_EPOCH;
    const sent = isFull ? targets : targets.filter((each) => !isSame(each, this.#known));
    const forgotten = isFull ? [] : [...this.#known].filter(([key]) => !asked.has(key));
    return {
      sessionId: this.#id,
      sessionEpoch: this.#epoch,
      topics: byTopic(sent).map(({ topic, topicId, list }) => ({
        topic,
        topicId,
        partitions: list.map((each) => ({
          partition: each.partition,
          currentLeaderEpoch: each.currentLeaderEpoch,
          fetchOffset: each.offset,
          lastFetchedEpoch: each.lastFetchedEpoch,
          partitionMaxBytes: each.maxBytes,
        })),
      })),
      forgottenTopicsData: byTopic(forgotten.map(([, each]) => each)).map(
        ({ topic, topicId, list }) => ({
          topic,
          topicId,
          partitions: list.map(({ partition }) => partition),
        }),
      ),
    };
  }

  /** What was asked for, by name and number. */
  asked(topicId: string, topic: string, partition: number): FetchTarget | undefined {
    return this.#asked.get(`${topicId}/${topic}/${partition}`);
  }

  /** The broker has answered the plan. False where its answer is about the session. */
  onAnswer(errorCode: number, sessionId: number): boolean {
    if (errorCode !== ERROR.NONE) {
      this.restart(errorCode === ERROR.FETCH_SESSION_ID_NOT_FOUND);
      return false;
    }
    this.#known = this.#asked;
    if (this.#epoch === FIRST_EPOCH) this.#id = sessionId;
    // A broker without room for the session answers with id 0, and each request stays a full one.
    if (this.#id === NO_SESSION) this.#epoch = FIRST_EPOCH;
    else this.#epoch = this.#epoch === EPOCH_MAX ? 1 : this.#epoch + 1;
    return true;
  }

  /** The next request is full and takes the place of the session, where the broker has it. */
  restart(isGone = false): void {
    if (isGone) this.#id = NO_SESSION;
    this.#epoch = FIRST_EPOCH;
    this.#known = new Map();
  }
}

function keyOf({ topicId, topic, partition }: FetchTarget): string {
  return `${topicId}/${topic}/${partition}`;
}

function isSame(target: FetchTarget, known: ReadonlyMap<string, FetchTarget>): boolean {
  const before = known.get(keyOf(target));
  return (
    before !== undefined &&
    before.offset === target.offset &&
    before.lastFetchedEpoch === target.lastFetchedEpoch &&
    before.currentLeaderEpoch === target.currentLeaderEpoch &&
    before.maxBytes === target.maxBytes
  );
}

function byTopic(targets: readonly FetchTarget[]) {
  const topics = new Map<string, { topic: string; topicId: string; list: FetchTarget[] }>();
  for (const target of targets) {
    const { topic, topicId } = target;
    const key = `${topicId}/${topic}`;
    const known = topics.get(key);
    if (known === undefined) topics.set(key, { topic, topicId, list: [target] });
    else known.list.push(target);
  }
  return [...topics.values()];
}
