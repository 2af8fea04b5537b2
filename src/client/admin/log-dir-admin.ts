import { API } from '../../protocol/api-keys.ts';
import type { ResponseOf } from '../../protocol/api-registry.ts';
import type { Connection } from '../net/connection.ts';
import { byPlace, byTopic, inTopics, type TopicPartition } from '../topic-partition.ts';
import type { AdminLink } from './admin-link.ts';
import type { CallOptions } from './call-options.ts';
import { brokerIds } from './every-broker.ts';
import { NodeRoute } from './node-route.ts';
import {
  type Outcome,
  type Outcomes,
  outcomeOf,
  type PartitionOutcome,
  partitionOutcomeOf,
  partitionText,
} from './outcome.ts';
import { grouped } from './route.ts';

/** A replica in a directory. */
export interface ReplicaSize extends TopicPartition {
  readonly bytes: number;
  /** By how many records it is behind. */
  readonly offsetLag: number;
  /** Whether it will take the place of the one in another directory. */
  readonly isFuture: boolean;
}

/** One of the directories in which a broker keeps its logs. */
export interface LogDir {
  readonly path: string;
  /** Of the file system; -1 where the broker does not say. */
  readonly totalBytes: number;
  readonly usableBytes: number;
  /** Whether it gets no new partitions (Apache Kafka 4.3). */
  readonly isCordoned: boolean;
  readonly replicas: readonly ReplicaSize[];
}

/** The directories of one broker: each by its path, with what is wrong with it in its place. */
export type LogDirs = ReadonlyMap<string, Outcome<LogDir>>;

export interface DescribeLogDirsOptions extends CallOptions {
  /** Only these partitions. */
  readonly partitions?: readonly TopicPartition[];
}

/** To which directory of which broker a replica moves. */
export interface ReplicaMove extends TopicPartition {
  readonly broker: number;
  readonly path: string;
}

/** What became of one move. */
export interface ReplicaMoveOutcome extends PartitionOutcome<null> {
  readonly broker: number;
}

/** The directories in which brokers keep their logs. */
export class LogDirAdmin {
  readonly #link: AdminLink;

  constructor(link: AdminLink) {
    this.#link = link;
  }

  /** The directories of each broker; of all brokers without any named. */
  async describe(
    brokers?: readonly number[],
    options: DescribeLogDirsOptions = {},
  ): Promise<Outcomes<number, LogDirs>> {
    const { partitions } = options;
    const topics =
      partitions === undefined
        ? null
        : Array.from(byTopic(partitions), ([topic, list]) => {
            return { topic, partitions: list.map(({ partition }) => partition) };
          });
    const work = {
      what: 'the description of log directories',
      keys: brokers ?? (await brokerIds(this.#link, options)),
      route: new NodeRoute<number>(this.#link.cluster, (id) => id),
      subjectOf: brokerText,
      ask: async (
        connection: Connection,
        [id = -1]: readonly number[],
        outcomes: Map<number, Outcome<LogDirs>>,
      ) => {
        const answer = await connection.ask(API.DESCRIBE_LOG_DIRS, { topics });
        const value = () => dirsOf(answer.results);
        outcomes.set(id, outcomeOf(answer.errorCode, null, brokerText(id), value));
      },
    };
    return this.#link.run(work, options);
  }

  /** Moves replicas to other directories of their brokers. */
  async alter(moves: readonly ReplicaMove[], options?: CallOptions): Promise<ReplicaMoveOutcome[]> {
    const work = {
      what: 'the move of replicas',
      keys: moves,
      route: new NodeRoute<ReplicaMove>(this.#link.cluster, ({ broker }) => broker),
      subjectOf: (at: ReplicaMove) => partitionText(at),
      ask: askMoves,
    };
    const outcomes = await this.#link.run(work, options);
    return Array.from(outcomes, ([{ broker, topic, partition }, outcome]) => {
      return { broker, topic, partition, outcome };
    });
  }
}

async function askMoves(
  connection: Connection,
  asked: readonly ReplicaMove[],
  outcomes: Map<ReplicaMove, Outcome<null>>,
): Promise<void> {
  const dirs = Array.from(
    grouped(asked, ({ path }) => path),
    ([path, moves]) => ({ path, topics: inTopics(moves, ({ partition }) => partition) }),
  );
  const answer = await connection.ask(API.ALTER_REPLICA_LOG_DIRS, { dirs });
  for (const { topicName: topic, partitions } of answer.results) {
    for (const { partitionIndex: partition, errorCode } of partitions) {
      for (const move of asked) {
        if (move.topic !== topic || move.partition !== partition) continue;
        outcomes.set(
          move,
          partitionOutcomeOf(move, errorCode, null, () => null),
        );
      }
    }
  }
}

type AnsweredDir = ResponseOf<typeof API.DESCRIBE_LOG_DIRS>['results'][number];

function dirsOf(answers: readonly AnsweredDir[]): LogDirs {
  const dirs = new Map<string, Outcome<LogDir>>();
  for (const { logDir: path, errorCode, totalBytes, usableBytes, isCordoned, topics } of answers) {
    const value = () => {
      const replicas = topics.flatMap(({ name: topic, partitions }) =>
        partitions.map(({ partitionIndex: partition, partitionSize: bytes, ...each }) => {
          return { topic, partition, bytes, offsetLag: each.offsetLag, isFuture: each.isFutureKey };
        }),
      );
      return { path, totalBytes, usableBytes, isCordoned, replicas: replicas.sort(byPlace) };
    };
    dirs.set(path, outcomeOf(errorCode, null, `directory ${path}`, value));
  }
  return dirs;
}

function brokerText(id: number): string {
  return `broker ${id}`;
}
