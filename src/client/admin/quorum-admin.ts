import { API } from '../../protocol/api-keys.ts';
import type { ResponseOf } from '../../protocol/api-registry.ts';
import { KafkaError, throwAnswerError } from '../errors/kafka-error.ts';
import type { Connection } from '../net/connection.ts';
import type { AdminLink } from './admin-link.ts';
import { AnyRoute } from './any-route.ts';
import type { CallOptions } from './call-options.ts';
import type { Outcome } from './outcome.ts';

/** A replica of the metadata log. */
export interface QuorumReplica {
  readonly id: number;
  /** All zeros where it is not known. */
  readonly directoryId: string;
  readonly logEndOffset: number;
  /** -1 where it is not known. */
  readonly lastFetchTimestamp: number;
  readonly lastCaughtUpTimestamp: number;
}

/** Where a controller listens. */
export interface QuorumListener {
  readonly name: string;
  readonly host: string;
  readonly port: number;
}

/** The controllers and how far their log is. */
export interface QuorumDescription {
  readonly leaderId: number;
  readonly leaderEpoch: number;
  readonly highWatermark: number;
  readonly voters: readonly QuorumReplica[];
  readonly observers: readonly QuorumReplica[];
  /** By id; empty from brokers before version 3.9. */
  readonly listeners: ReadonlyMap<number, readonly QuorumListener[]>;
}

/** A controller by its id and that of its directory. */
export interface Voter {
  readonly id: number;
  readonly directoryId: string;
}

export interface VoterOptions extends CallOptions {
  /** Refuses the change where the cluster is another one. */
  readonly clusterId?: string;
}

const METADATA_TOPIC = '__cluster_metadata';

/** The quorum of controllers. */
export class QuorumAdmin {
  readonly #link: AdminLink;

  constructor(link: AdminLink) {
    this.#link = link;
  }

  /** The leader of the metadata log, and how far each replica is. */
  describe(options?: CallOptions): Promise<QuorumDescription> {
    return this.#one('the description of the quorum', options, async (connection) => {
      const topics = [{ topicName: METADATA_TOPIC, partitions: [{ partitionIndex: 0 }] }];
      const answer = await connection.ask(API.DESCRIBE_QUORUM, { topics });
      throwAnswerError(answer.errorCode, answer.errorMessage, 'quorum');
      const found = answer.topics[0]?.partitions[0];
      if (found === undefined) {
        throw new KafkaError('MALFORMED_ANSWER', 'the broker did not answer about the quorum');
      }
      throwAnswerError(found.errorCode, found.errorMessage, 'quorum');
      const { leaderId, leaderEpoch, highWatermark, currentVoters, observers } = found;
      return {
        leaderId,
        leaderEpoch,
        highWatermark,
        voters: currentVoters.map(replicaOf),
        observers: observers.map(replicaOf),
        listeners: new Map(answer.nodes.map(({ nodeId, listeners }) => [nodeId, listeners])),
      };
    });
  }

  /** Makes a controller a voter (KIP-853). */
  async addVoter(
    voter: Voter & { readonly listeners: readonly QuorumListener[] },
    options: VoterOptions = {},
  ): Promise<void> {
    const what = `the addition of voter ${voter.id}`;
    await this.#one(what, options, async (connection, timeoutMs) => {
      const answer = await connection.ask(API.ADD_RAFT_VOTER, {
        clusterId: options.clusterId ?? null,
        timeoutMs,
        voterId: voter.id,
        voterDirectoryId: voter.directoryId,
        listeners: voter.listeners.map(({ name, host, port }) => ({ name, host, port })),
      });
      throwAnswerError(answer.errorCode, answer.errorMessage, `voter ${voter.id}`);
      return null;
    });
  }

  /** Takes a controller out of the voters. */
  async removeVoter(voter: Voter, options: VoterOptions = {}): Promise<void> {
    await this.#one(`the removal of voter ${voter.id}`, options, async (connection) => {
      const answer = await connection.ask(API.REMOVE_RAFT_VOTER, {
        clusterId: options.clusterId ?? null,
        voterId: voter.id,
        voterDirectoryId: voter.directoryId,
      });
      throwAnswerError(answer.errorCode, answer.errorMessage, `voter ${voter.id}`);
      return null;
    });
  }

  #one<Value>(
    what: string,
    options: CallOptions | undefined,
    request: (connection: Connection, timeoutMs: number) => Promise<Value>,
  ): Promise<Value> {
    const work = {
      what,
      keys: [what],
      route: new AnyRoute<string>(this.#link.cluster),
      subjectOf: (text: string) => text,
      ask: async (
        connection: Connection,
        _: readonly string[],
        outcomes: Map<string, Outcome<Value>>,
        timeoutMs: number,
      ) => {
        outcomes.set(what, await request(connection, timeoutMs));
      },
    };
    return this.#link.runOne(work, options);
  }
}

type QuorumPartition = ResponseOf<
  typeof API.DESCRIBE_QUORUM
>['topics'][number]['partitions'][number];

function replicaOf(replica: QuorumPartition['observers'][number]): QuorumReplica {
  const { replicaId: id, replicaDirectoryId: directoryId, logEndOffset } = replica;
  const { lastFetchTimestamp, lastCaughtUpTimestamp } = replica;
  return { id, directoryId, logEndOffset, lastFetchTimestamp, lastCaughtUpTimestamp };
}
