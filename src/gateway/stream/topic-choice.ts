import type { PartitionMirror } from '../../front/partitions/partition-mirror.ts';
import type { TopicMirror } from '../../front/partitions/topic-mirror.ts';
import type { ClientRights } from '../../front/requests/client-rights.ts';
import type { Services } from '../../front/requests/front-services.ts';
import { CommandError } from '../command/command-error.ts';
import { badValue, type Fields, integerOf, textOf } from '../command/fields.ts';
import { matchesGlob } from './glob.ts';

const TOPICS_MAX = 10_000;
const PARTITIONS_MAX = 100_000;
const PARTITION_NUMBER_MAX = 2 ** 31 - 1;

/** The partitions that a subscription asks for, including those that come later. */
export class TopicChoice {
  /** null if there is a pattern instead. */
  readonly names: ReadonlySet<string> | null;
  readonly #pattern: string;
  readonly #partitions: ReadonlySet<number> | null;
  readonly #rights: ClientRights | null;

  constructor(
    names: ReadonlySet<string> | null,
    pattern: string,
    partitions: ReadonlySet<number> | null,
    rights: ClientRights | null = null,
  ) {
    this.#rights = rights;
    this.names = names;
    this.#pattern = pattern;
    this.#partitions = partitions;
  }

  static parse(fields: Fields): TopicChoice {
    const topic = fields.text('topic');
    const topics = fields.list('topics');
    const pattern = fields.text('pattern');
    const given = [topic, topics, pattern].filter((one) => one !== undefined).length;
    if (given !== 1) throw badValue(fields.path('topic'), 'or topics or pattern must be given');
    if (topics !== undefined && (topics.length === 0 || topics.length > TOPICS_MAX)) {
      throw badValue(fields.path('topics'), `must name 1 to ${TOPICS_MAX} topics`);
    }
    const partitions = partitionsOf(fields);
    if (pattern !== undefined) return new TopicChoice(null, pattern, partitions);
    const names = topics?.map((name, i) => textOf(name, fields.path(`topics.${i}`))) ?? [topic!];
    return new TopicChoice(new Set(names), '', partitions);
  }

  /** The same choice, of what the client may read. A pattern leaves out the rest. */
  heldTo(rights: ClientRights): TopicChoice {
    return new TopicChoice(this.names, this.#pattern, this.#partitions, rights);
  }

  #mayRead(topic: string): boolean {
    return this.#rights?.allows('READ', 'TOPIC', topic) ?? true;
  }

  /** Who may not even see a topic is told that there is none. */
  #refuseUnread(name: string): void {
    if (this.#mayRead(name)) return;
    if (this.#rights?.allows('DESCRIBE', 'TOPIC', name)) {
      throw new CommandError('forbidden', `topic ${name} may not be read`, 'topic');
    }
    throw unknownTopic(name);
  }

  get hasPartitions(): boolean {
    return this.#partitions !== null;
  }

  includes(topic: string, isInternal: boolean): boolean {
    const isAsked = this.names?.has(topic) ?? (!isInternal && matchesGlob(this.#pattern, topic));
    return isAsked && this.#mayRead(topic);
  }

  /** The chosen partitions that this node leads, from partition `from` on. */
  partitionsOf(topic: TopicMirror, from = 0): PartitionMirror[] {
    const wanted = this.#partitions;
    const later = topic.held.filter(({ index, isLeader }) => isLeader && index >= from);
    return wanted === null ? later : later.filter((mirror) => wanted.has(mirror.index));
  }

  /** The chosen partitions that exist now. Throws for a name that must exist and does not. */
  resolve(front: Services<'partitions'>, mayMiss: (topic: string) => boolean): PartitionMirror[] {
    if (this.names === null) {
      return [...front.partitions.topics()]
        .filter((topic) => this.includes(topic.name, topic.internal))
        .flatMap((topic) => this.partitionsOf(topic));
    }
    const found: PartitionMirror[] = [];
    for (const name of this.names) {
      const topic = front.partitions.topicByName(name);
      if (topic === undefined) {
        if (mayMiss(name)) continue;
        throw unknownTopic(name);
      }
      this.#refuseUnread(name);
      for (const number of this.#partitions ?? []) {
        const mirror = topic.partitions[number];
        if (mirror?.isLeader) continue;
        if (mirror !== undefined) {
          const message = `${name}-${number} is led by another broker`;
          throw new CommandError('unavailable', message, 'partitions');
        }
        const message = `${name} has no partition ${number}`;
        throw new CommandError('unknown_partition', message, 'partitions');
      }
      found.push(...this.partitionsOf(topic));
    }
    return found;
  }
}

function unknownTopic(name: string): CommandError {
  return new CommandError('unknown_topic', `there is no topic ${name}`, 'topic');
}

function partitionsOf(fields: Fields): ReadonlySet<number> | null {
  const list = fields.list('partitions');
  if (list === undefined) return null;
  const path = fields.path('partitions');
  if (list.length === 0 || list.length > PARTITIONS_MAX) {
    throw badValue(path, 'must be a list of partition numbers');
  }
  return new Set(list.map((value, i) => integerOf(value, `${path}.${i}`, 0, PARTITION_NUMBER_MAX)));
}
