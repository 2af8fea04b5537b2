import { API } from '../../protocol/api-keys.ts';
import { ZERO_UUID } from '../../protocol/schema-dsl.ts';
import type { Connection } from '../net/connection.ts';
import type { AdminLink } from './admin-link.ts';
import type { CallOptions } from './call-options.ts';
import { ControllerRoute } from './controller-route.ts';
import { type Outcome, type Outcomes, outcomeOf } from './outcome.ts';
import type { TopicDescription } from './topic-description.ts';
import { describeTopics, describeTopicsById, listTopics } from './topic-descriptions.ts';

/** A topic to be made. */
export interface NewTopic {
  readonly name: string;
  /** Without it, or with -1, as many as the broker's `num.partitions`. */
  readonly partitions?: number;
  /** Without it, or with -1, the broker's `default.replication.factor`. */
  readonly replicationFactor?: number;
  /** The brokers of each partition, the preferred leader first. It stands for both numbers. */
  readonly assignments?: readonly (readonly number[])[];
  readonly configs?: Readonly<Record<string, string>>;
}

/** A topic as the broker made it. Brokers before version 2.4 tell none of it. */
export interface CreatedTopic {
  readonly name: string;
  readonly topicId: string;
  readonly partitions: number;
  readonly replicationFactor: number;
}

/** To how many partitions a topic grows. */
export interface NewPartitions {
  readonly topic: string;
  readonly count: number;
  /** The brokers of each partition that is added. */
  readonly assignments?: readonly (readonly number[])[] | undefined;
}

/** Options of a change that may be tried out. */
export interface ChangeOptions extends CallOptions {
  /** The broker checks the change and leaves everything as it is. */
  readonly validateOnly?: boolean | undefined;
}

const BROKER_DEFAULT = -1;
/** From this version on topics are named in a list that takes ids as well. */
const DELETE_BY_STATE_VERSION = 6;

/** Topics: make, show, grow, remove. */
export class TopicAdmin {
  readonly #link: AdminLink;

  constructor(link: AdminLink) {
    this.#link = link;
  }

  /** All topics by name, internal ones too. */
  list(options?: CallOptions): Promise<TopicDescription[]> {
    return listTopics(this.#link, options);
  }

  /** The topics by name, page by page where the broker pages (KIP-966). */
  describe(
    names: readonly string[],
    options?: CallOptions,
  ): Promise<Outcomes<string, TopicDescription>> {
    return describeTopics(this.#link, names, options);
  }

  /** As `describe`, by topic ids in base64, which outlive no deletion. */
  describeByIds(
    ids: readonly string[],
    options?: CallOptions,
  ): Promise<Outcomes<string, TopicDescription>> {
    return describeTopicsById(this.#link, ids, options);
  }

  /** Makes topics, all in one request. */
  create(
    topics: readonly NewTopic[],
    options: ChangeOptions = {},
  ): Promise<Outcomes<string, CreatedTopic>> {
    const byName = new Map(topics.map((topic) => [topic.name, topic]));
    const { validateOnly = false } = options;
    const work = {
      what: 'the creation of topics',
      keys: byName.keys(),
      route: new ControllerRoute<string>(this.#link.cluster),
      subjectOf: topicText,
      ask: async (
        connection: Connection,
        names: readonly string[],
        outcomes: Map<string, Outcome<CreatedTopic>>,
        timeoutMs: number,
      ) => {
        const wanted = names.map((name) => creatable(byName.get(name)!));
        const body = { topics: wanted, timeoutMs, validateOnly };
        const answer = await connection.ask(API.CREATE_TOPICS, body);
        for (const { name, topicId, errorCode, errorMessage, ...made } of answer.topics) {
          const { numPartitions: partitions, replicationFactor } = made;
          const value = () => ({ name, topicId, partitions, replicationFactor });
          const details = { topic: name };
          outcomes.set(name, outcomeOf(errorCode, errorMessage, topicText(name), value, details));
        }
      },
    };
    return this.#link.run(work, options);
  }

  /** Removes topics. Null stands for one that is gone. */
  delete(names: readonly string[], options?: CallOptions): Promise<Outcomes<string, null>> {
    return this.#delete(names, options, async (connection, asked, timeoutMs) => {
      const answer = await connection.ask(API.DELETE_TOPICS, (version) =>
        version < DELETE_BY_STATE_VERSION
          ? { topicNames: [...asked], timeoutMs }
          : { topics: asked.map((name) => ({ name, topicId: ZERO_UUID })), timeoutMs },
      );
      return answer.responses.map((each) => ({ ...each, key: each.name ?? '' }));
    });
  }

  /** Removes topics by id: never a namesake that has been made since. */
  deleteByIds(ids: readonly string[], options?: CallOptions): Promise<Outcomes<string, null>> {
    return this.#delete(ids, options, async (connection, asked, timeoutMs) => {
      const topics = asked.map((topicId) => ({ name: null, topicId }));
      const answer = await connection.ask(API.DELETE_TOPICS, { topics, timeoutMs });
      return answer.responses.map((each) => ({ ...each, key: each.topicId }));
    });
  }

  /** Adds partitions. Null stands for a topic that has grown. */
  createPartitions(
    changes: readonly NewPartitions[],
    options: ChangeOptions = {},
  ): Promise<Outcomes<string, null>> {
    const byTopic = new Map(changes.map((change) => [change.topic, change]));
    const { validateOnly = false } = options;
    const work = {
      what: 'the creation of partitions',
      keys: byTopic.keys(),
      route: new ControllerRoute<string>(this.#link.cluster),
      subjectOf: topicText,
      ask: async (
        connection: Connection,
        names: readonly string[],
        outcomes: Map<string, Outcome<null>>,
        timeoutMs: number,
      ) => {
        const topics = names.map((name) => {
          const { count, assignments } = byTopic.get(name)!;
          const lists = assignments?.map((brokerIds) => ({ brokerIds: [...brokerIds] })) ?? null;
          return { name, count, assignments: lists };
        });
        const body = { topics, timeoutMs, validateOnly };
        const answer = await connection.ask(API.CREATE_PARTITIONS, body);
        for (const { name, errorCode, errorMessage } of answer.results) {
          outcomes.set(name, done(errorCode, errorMessage, name));
        }
      },
    };
    return this.#link.run(work, options);
  }

  #delete(
    keys: readonly string[],
    options: CallOptions | undefined,
    request: (
      connection: Connection,
      asked: readonly string[],
      timeoutMs: number,
    ) => Promise<{ key: string; errorCode: number; errorMessage: string | null }[]>,
  ): Promise<Outcomes<string, null>> {
    const work = {
      what: 'the deletion of topics',
      keys,
      route: new ControllerRoute<string>(this.#link.cluster),
      subjectOf: topicText,
      ask: async (
        connection: Connection,
        asked: readonly string[],
        outcomes: Map<string, Outcome<null>>,
        timeoutMs: number,
      ) => {
        for (const { key, ...said } of await request(connection, asked, timeoutMs)) {
          outcomes.set(key, done(said.errorCode, said.errorMessage, key));
        }
      },
    };
    return this.#link.run(work, options);
  }
}

function done(errorCode: number, text: string | null, name: string): Outcome<null> {
  return outcomeOf(errorCode, text, topicText(name), () => null, { topic: name });
}

function topicText(name: string): string {
  return `topic ${name}`;
}

function creatable({ name, partitions, replicationFactor, assignments, configs }: NewTopic) {
  const isAssigned = assignments !== undefined;
  return {
    name,
    numPartitions: isAssigned ? BROKER_DEFAULT : (partitions ?? BROKER_DEFAULT),
    replicationFactor: isAssigned ? BROKER_DEFAULT : (replicationFactor ?? BROKER_DEFAULT),
    assignments: (assignments ?? []).map((brokerIds, partitionIndex) => ({
      partitionIndex,
      brokerIds: [...brokerIds],
    })),
    configs: Object.entries(configs ?? {}).map(([key, value]) => ({ name: key, value })),
  };
}
