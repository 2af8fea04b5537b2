import { ERROR } from '../../../base/kafka-errors.ts';
import type { StreamsGroupTopologyValue } from '../../../protocol/schema/records-streams-group.ts';
import { GroupError } from '../group-error.ts';

export type Subtopology = StreamsGroupTopologyValue['subtopologies'][number];
export type TopicInfo = Subtopology['stateChangelogTopics'][number];

/**
 * The parts of an application as its members told of them. All members of a group must tell the
 * same.
 */
export class StreamsTopology {
  readonly epoch: number;
  readonly subtopologies: ReadonlyMap<string, Subtopology>;
  /** The subtopology that reads a topic. */
  readonly readers: ReadonlyMap<string, Subtopology>;
  /** Every topic that the topology needs. */
  readonly topics: ReadonlySet<string>;
  readonly #text: string;

  constructor(value: StreamsGroupTopologyValue) {
    const subtopologies = new Map<string, Subtopology>();
    const readers = new Map<string, Subtopology>();
    const topics = new Set<string>();
    for (const given of value.subtopologies) {
      const subtopology = copyOf(given);
      subtopologies.set(subtopology.subtopologyId, subtopology);
      for (const name of sourcesOf(subtopology)) {
        readers.set(name, subtopology);
        topics.add(name);
      }
      for (const { name } of subtopology.stateChangelogTopics) topics.add(name);
    }
    this.epoch = value.epoch;
    this.subtopologies = subtopologies;
    this.readers = readers;
    this.topics = topics;
    const sorted = [...subtopologies.values()].sort((one, other) => {
      return one.subtopologyId < other.subtopologyId ? -1 : 1;
    });
    this.#text = JSON.stringify([this.epoch, sorted]);
  }

  /** Characters that it takes, roughly. */
  get size(): number {
    return this.#text.length;
  }

  get value(): StreamsGroupTopologyValue {
    return { epoch: this.epoch, subtopologies: [...this.subtopologies.values()] };
  }

  equals(other: StreamsTopology): boolean {
    return this.#text === other.#text;
  }
}

interface TopicsRead {
  readonly sourceTopics: readonly string[];
  readonly repartitionSourceTopics: readonly { readonly name: string }[];
}

/** The topics whose partitions make the tasks of a subtopology. */
export function sourcesOf({ sourceTopics, repartitionSourceTopics }: TopicsRead): string[] {
  return [...sourceTopics, ...repartitionSourceTopics.map(({ name }) => name)];
}

/** The topics of one copartition group. Its members are indexes into lists of the subtopology. */
export function copartitionedTopics(
  subtopology: Subtopology,
  group: Subtopology['copartitionGroups'][number],
): Set<string> {
  const { sourceTopics, repartitionSourceTopics, subtopologyId } = subtopology;
  const names = [
    ...group.sourceTopics.map((index) => sourceTopics[index]),
    ...group.repartitionSourceTopics.map((index) => repartitionSourceTopics[index]?.name),
  ];
  return new Set(
    names.map((name) => {
      if (name !== undefined) return name;
      throw invalidTopology(
        `A copartition group of subtopology ${subtopologyId} names a topic that is not there.`,
      );
    }),
  );
}

export function invalidTopology(message: string): GroupError {
  return new GroupError(ERROR.STREAMS_INVALID_TOPOLOGY, message);
}

/** Always the same fields in the same order, so that equal ones have equal texts. */
function copyOf(given: Subtopology): Subtopology {
  return {
    subtopologyId: given.subtopologyId,
    sourceTopics: [...given.sourceTopics],
    sourceTopicRegex: [...given.sourceTopicRegex],
    stateChangelogTopics: given.stateChangelogTopics.map(copyOfTopic),
    repartitionSinkTopics: [...given.repartitionSinkTopics],
    repartitionSourceTopics: given.repartitionSourceTopics.map(copyOfTopic),
    copartitionGroups: given.copartitionGroups.map((group) => ({
      sourceTopics: [...group.sourceTopics],
      sourceTopicRegex: [...group.sourceTopicRegex],
      repartitionSourceTopics: [...group.repartitionSourceTopics],
    })),
  };
}

function copyOfTopic({ name, partitions, replicationFactor, topicConfigs }: TopicInfo): TopicInfo {
  return {
    name,
    partitions,
    replicationFactor,
    topicConfigs: topicConfigs.map(({ key, value }) => ({ key, value })),
  };
}
