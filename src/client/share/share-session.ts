/** A partition as share sessions name it. */
export interface SharedPartition {
  readonly topicId: string;
  readonly partition: number;
}

/** Groups partitions by topic, as requests want them. */
export function byTopicId<T extends SharedPartition>(partitions: Iterable<T>): Map<string, T[]> {
  const topics = new Map<string, T[]>();
  for (const each of partitions) {
    const list = topics.get(each.topicId);
    if (list === undefined) topics.set(each.topicId, [each]);
    else list.push(each);
  }
  return topics;
}

export function sharedName({ topicId, partition }: SharedPartition): string {
  return `${topicId}/${partition}`;
}

const EPOCH = { FIRST: 0, LAST: -1, MOST: 2 ** 31 - 1 } as const;

/**
 * The session with one broker: it remembers the partitions, and each request tells only what has
 * changed. The broker counts the requests, so they must arrive one after the other.
 */
export class ShareSession {
  #epoch: number = EPOCH.FIRST;
  #partitions = new Map<string, SharedPartition>();

  /** Of the next request. */
  get epoch(): number {
    return this.#epoch;
  }

  /** The first request may not acknowledge anything. */
  get isNew(): boolean {
    return this.#epoch === EPOCH.FIRST;
  }

  /** How the session ends: the broker releases what this member still holds there. */
  static readonly LAST_EPOCH = EPOCH.LAST;

  /**
   * What a fetch of the wanted partitions says. A partition that is only acknowledged there becomes
   * one of the session at the broker, so it is forgotten by the next fetch.
   */
  plan(wanted: readonly SharedPartition[], acknowledged: readonly SharedPartition[]) {
    const said = new Map(acknowledged.map((each) => [sharedName(each), each]));
    const next = new Map([...wanted, ...acknowledged].map((each) => [sharedName(each), each]));
    const before = this.#partitions;
    const added = [...next].filter(([name]) => !before.has(name) || said.has(name));
    const forgotten = [...before].filter(([name]) => !next.has(name));
    this.#partitions = next;
    return {
      epoch: this.#epoch,
      added: added.map(([, each]) => each),
      forgotten: forgotten.map(([, each]) => each),
    };
  }

  /** The broker took a request. */
  onAnswer(): void {
    this.#epoch = this.#epoch === EPOCH.MOST ? EPOCH.FIRST + 1 : this.#epoch + 1;
  }

  /** The next request opens a new session. */
  restart(): void {
    this.#epoch = EPOCH.FIRST;
    this.#partitions = new Map();
  }
}
