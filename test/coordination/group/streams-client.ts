import { ERROR } from '../../../src/base/kafka-errors.ts';
import type { StreamsAnswer } from '../../../src/coordination/group/members/streams-heartbeat.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import type { StreamsGroupHeartbeatRequest } from '../../../src/protocol/schema/88-streams-group-heartbeat.ts';
import type * as describeApi from '../../../src/protocol/schema/89-streams-group-describe.ts';
import type { ToldSubtopology, ToldTopology } from '../../support/told-topology.ts';
import { toldSubtopology, topicInfo } from '../../support/told-topology.ts';
import type { Harness } from './harness.ts';

type TaskIds = NonNullable<StreamsGroupHeartbeatRequest['activeTasks']>;

/** A subtopology that reads `sources` and keeps the state of `changelogs`. */
export function subtopology(
  subtopologyId: string,
  sources: string[],
  more: Partial<ToldSubtopology> & { changelogs?: string[]; repartitions?: string[] } = {},
): ToldSubtopology {
  const { changelogs = [], repartitions = [], ...fields } = more;
  return toldSubtopology(subtopologyId, sources, {
    stateChangelogTopics: changelogs.map((name) => topicInfo(name)),
    repartitionSourceTopics: repartitions.map((name) => topicInfo(name)),
    ...fields,
  });
}

/** One subtopology without state over one topic. */
export function simpleTopology(topic = 'topic'): ToldTopology {
  return { epoch: 0, subtopologies: [subtopology('0', [topic])] };
}

interface ClientOptions {
  groupId?: string;
  processId?: string;
  topology?: ToldTopology;
  endpoint?: { host: string; port: number } | null;
}

let made = 0;

/** A thread of Kafka Streams, as simple as can be: it keeps to what it is told. */
export class StreamsClient {
  readonly harness: Harness;
  readonly groupId: string;
  readonly processId: string;
  readonly endpoint: { host: string; port: number } | null;
  memberId: string;
  topology: ToldTopology;
  epoch = 0;
  /** 'subtopology:partition' */
  active = new Set<string>();
  standby = new Set<string>();
  endpointEpoch = -1;
  errorCode: number = ERROR.NONE;
  last!: StreamsAnswer;
  #isChanged = false;

  constructor(harness: Harness, options: ClientOptions = {}) {
    this.harness = harness;
    this.memberId = `member-${++made}`;
    this.groupId = options.groupId ?? 'group';
    this.processId = options.processId ?? `process-${made}`;
    this.topology = options.topology ?? simpleTopology();
    this.endpoint = options.endpoint ?? null;
  }

  send(fields: Partial<StreamsGroupHeartbeatRequest> = {}): StreamsAnswer {
    const body = this.harness.call<StreamsAnswer>(API.STREAMS_GROUP_HEARTBEAT, 0, {
      groupId: this.groupId,
      memberId: this.memberId,
      memberEpoch: this.epoch,
      endpointInformationEpoch: this.endpointEpoch,
      instanceId: null,
      rackId: null,
      rebalanceTimeoutMs: -1,
      topology: null,
      activeTasks: null,
      standbyTasks: null,
      warmupTasks: null,
      processId: null,
      userEndpoint: null,
      clientTags: null,
      taskOffsets: null,
      taskEndOffsets: null,
      shutdownApplication: false,
      ...fields,
    });
    this.last = body;
    this.errorCode = body.errorCode;
    return body;
  }

  /** Joins, heartbeats or rejoins, and does at once what it is told. */
  heartbeat(more: Partial<StreamsGroupHeartbeatRequest> = {}): this {
    const reported = this.epoch === 0 ? this.#joinFields() : this.#taskFields();
    this.#isChanged = false;
    const body = this.send({ ...reported, ...more });
    if (body.errorCode !== ERROR.NONE) {
      this.forget();
      return this;
    }
    this.epoch = body.memberEpoch;
    this.endpointEpoch = body.endpointInformationEpoch;
    if (body.activeTasks !== null) {
      this.active = namesOf(body.activeTasks);
      this.standby = namesOf(body.standbyTasks!);
      this.#isChanged = true;
    }
    return this;
  }

  leave(): this {
    this.send({ memberEpoch: -1 });
    this.forget();
    return this;
  }

  forget(): void {
    this.epoch = 0;
    this.active.clear();
    this.standby.clear();
  }

  /** Everything that it has, as after an answer that was lost. */
  report() {
    return { activeTasks: idsOf(this.active), standbyTasks: idsOf(this.standby), warmupTasks: [] };
  }

  statuses(): number[] {
    return this.last.status!.map(({ statusCode }) => statusCode);
  }

  #joinFields(): Partial<StreamsGroupHeartbeatRequest> {
    return {
      rebalanceTimeoutMs: 60_000,
      topology: this.topology,
      activeTasks: [],
      standbyTasks: [],
      warmupTasks: [],
      processId: this.processId,
      userEndpoint: this.endpoint,
      clientTags: [],
    };
  }

  #taskFields(): Partial<StreamsGroupHeartbeatRequest> {
    return this.#isChanged ? this.report() : {};
  }
}

function namesOf(ids: TaskIds): Set<string> {
  return new Set(
    ids.flatMap(({ subtopologyId, partitions }) => {
      return partitions.map((partition) => `${subtopologyId}:${partition}`);
    }),
  );
}

function idsOf(names: ReadonlySet<string>): TaskIds {
  const ids = new Map<string, number[]>();
  for (const name of names) {
    const [id, partition] = name.split(':') as [string, string];
    ids.set(id, [...(ids.get(id) ?? []), Number(partition)]);
  }
  return Array.from(ids, ([subtopologyId, partitions]) => ({ subtopologyId, partitions }));
}

/** Makes the topics that the last heartbeat asked for, as the front does. */
export function makeTopics(harness: Harness, answer: StreamsAnswer): void {
  for (const { name, partitions } of answer.topicsToMake ?? []) {
    if (harness.topics.topicId(name) === undefined) harness.topics.add(name, partitions);
  }
}

/** Lets all clients heartbeat until nothing changes any more. */
export function settleStreams(clients: readonly StreamsClient[], rounds = 12): void {
  for (let round = 0; round < rounds; round++) {
    clients[0]?.harness.advance(1_000);
    for (const client of clients) {
      client.heartbeat();
      makeTopics(client.harness, client.last);
    }
  }
}

export function describeStreams(
  harness: Harness,
  groupId = 'group',
): describeApi.StreamsGroupDescribeResponseDescribedGroup {
  const request = { groupIds: [groupId], includeAuthorizedOperations: false };
  const body = harness.call<describeApi.StreamsGroupDescribeResponse>(
    API.STREAMS_GROUP_DESCRIBE,
    0,
    request,
  );
  const group = body.groups[0]!;
  group.members.sort((one, other) => (one.memberId < other.memberId ? -1 : 1));
  return group;
}
