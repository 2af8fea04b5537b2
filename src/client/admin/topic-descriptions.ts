import { ERROR } from '../../base/kafka-errors.ts';
import { API } from '../../protocol/api-keys.ts';
import type { ResponseOf } from '../../protocol/api-registry.ts';
import type { MetadataResponseTopic } from '../../protocol/schema/03-metadata.ts';
import { ZERO_UUID } from '../../protocol/schema-dsl.ts';
import { KafkaError, throwAnswerError } from '../errors/kafka-error.ts';
import type { Connection } from '../net/connection.ts';
import type { AdminLink } from './admin-link.ts';
import { AnyRoute } from './any-route.ts';
import type { CallOptions } from './call-options.ts';
import { type Outcome, type Outcomes, outcomeOf } from './outcome.ts';
import {
  byPartition,
  describedPartition,
  fromMetadata,
  type TopicDescription,
} from './topic-description.ts';

/** How many partitions one page has at most; the broker may have a lower limit. */
const PAGE_PARTITIONS = 2_000;

type TopicOutcomes = Map<string, Outcome<TopicDescription>>;

/** Every topic of the cluster by name. */
export function listTopics(link: AdminLink, options?: CallOptions): Promise<TopicDescription[]> {
  const work = {
    what: 'the list of topics',
    keys: [''],
    route: new AnyRoute<string>(link.cluster),
    subjectOf: () => 'topics',
    ask: async (
      connection: Connection,
      _: readonly string[],
      outcomes: Map<string, Outcome<TopicDescription[]>>,
    ) => {
      const body = { topics: null, allowAutoTopicCreation: false };
      const { topics, errorCode } = await connection.ask(API.METADATA, body);
      throwAnswerError(errorCode, null, 'metadata');
      const listed = topics.map(fromMetadata);
      listed.sort((one, other) => (one.name < other.name ? -1 : 1));
      outcomes.set('', listed);
    },
  };
  return link.runOne(work, options);
}

export function describeTopics(
  link: AdminLink,
  names: readonly string[],
  options?: CallOptions,
): Promise<Outcomes<string, TopicDescription>> {
  const work = {
    what: 'the description of topics',
    keys: names,
    route: new AnyRoute<string>(link.cluster),
    subjectOf: (name: string) => `topic ${name}`,
    ask: (connection: Connection, asked: readonly string[], outcomes: TopicOutcomes) =>
      connection.serves(API.DESCRIBE_TOPIC_PARTITIONS)
        ? askPages(connection, asked, outcomes)
        : askMetadata(connection, asked, outcomes),
  };
  return link.run(work, options);
}

export function describeTopicsById(
  link: AdminLink,
  ids: readonly string[],
  options?: CallOptions,
): Promise<Outcomes<string, TopicDescription>> {
  const work = {
    what: 'the description of topics',
    keys: ids,
    route: new AnyRoute<string>(link.cluster),
    subjectOf: (id: string) => `topic ${id}`,
    ask: async (connection: Connection, asked: readonly string[], outcomes: TopicOutcomes) => {
      const body = {
        topics: asked.map((topicId) => ({ topicId, name: null })),
        allowAutoTopicCreation: false,
      };
      const answer = await connection.ask(API.METADATA, body);
      throwAnswerError(answer.errorCode, null, 'metadata');
      for (const topic of answer.topics) outcomes.set(topic.topicId, described(topic));
    },
  };
  return link.run(work, options);
}

async function askMetadata(
  connection: Connection,
  names: readonly string[],
  outcomes: TopicOutcomes,
): Promise<void> {
  const body = {
    topics: names.map((name) => ({ topicId: ZERO_UUID, name })),
    allowAutoTopicCreation: false,
  };
  const answer = await connection.ask(API.METADATA, body);
  throwAnswerError(answer.errorCode, null, 'metadata');
  for (const topic of answer.topics) outcomes.set(topic.name ?? '', described(topic));
}

type Page = ResponseOf<typeof API.DESCRIBE_TOPIC_PARTITIONS>;
type Cursor = Page['nextCursor'];

/** A page may end inside a topic, which the next one goes on with. */
async function askPages(
  connection: Connection,
  names: readonly string[],
  outcomes: TopicOutcomes,
): Promise<void> {
  const topics = [...names].sort().map((name) => ({ name }));
  let cursor: Cursor = null;
  do {
    const body = { topics, responsePartitionLimit: PAGE_PARTITIONS, cursor };
    const page: Page = await connection.ask(API.DESCRIBE_TOPIC_PARTITIONS, body);
    for (const { errorCode, partitions, ...topic } of page.topics) {
      const name = topic.name ?? '';
      const more = partitions.map(describedPartition);
      const known = outcomes.get(name);
      const before = known === undefined || known instanceof KafkaError ? [] : known.partitions;
      const value = () => ({
        name,
        topicId: topic.topicId,
        isInternal: topic.isInternal,
        partitions: [...before, ...more].sort(byPartition),
      });
      outcomes.set(
        name,
        outcomeOf(errorCode, textOf(errorCode), `topic ${name}`, value, { topic: name }),
      );
    }
    requireProgress(cursor, page.nextCursor);
    cursor = page.nextCursor;
  } while (cursor !== null);
}

function requireProgress(before: Cursor, next: Cursor): void {
  if (before === null || next === null) return;
  const isSame = before.topicName === next.topicName;
  if (!isSame || before.partitionIndex !== next.partitionIndex) return;
  const at = `${next.topicName}-${next.partitionIndex}`;
  throw new KafkaError('MALFORMED_ANSWER', `the broker describes ${at} again and again`);
}

function described(topic: MetadataResponseTopic): Outcome<TopicDescription> {
  const subject = `topic ${topic.name ?? topic.topicId}`;
  // Some partitions have no leader; the topic is there.
  const isThere = topic.errorCode === ERROR.LEADER_NOT_AVAILABLE && topic.partitions.length > 0;
  const errorCode = isThere ? ERROR.NONE : topic.errorCode;
  const details = topic.name === null ? {} : { topic: topic.name };
  return outcomeOf(errorCode, textOf(errorCode), subject, () => fromMetadata(topic), details);
}

function textOf(errorCode: number): string | null {
  const unknown: readonly number[] = [ERROR.UNKNOWN_TOPIC_OR_PARTITION, ERROR.UNKNOWN_TOPIC_ID];
  return unknown.includes(errorCode) ? 'there is no such topic' : null;
}
