import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../src/base/clock.ts';
import { coordinatorPartitionOf } from '../../../src/base/coordinator-partition.ts';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { silentLogger } from '../../../src/base/logger.ts';
import type { ControlCommand } from '../../../src/exchange/control.ts';
import { NO_SLOT } from '../../../src/exchange/messages.ts';
import { FetchSessions } from '../../../src/front/fetch/fetch-sessions.ts';
import { FetchTarget } from '../../../src/front/fetch/fetch-target.ts';
import { PendingFetch } from '../../../src/front/fetch/pending-fetch.ts';
import { coordinatorAt, promiseCoordinators } from '../../../src/front/groups/coordinator-topic.ts';
import { GROUPS_TOPIC } from '../../../src/front/groups/internal-topics.ts';
import { produce } from '../../../src/front/handlers/00-produce.ts';
import { metadata } from '../../../src/front/handlers/03-metadata.ts';
import { findCoordinator } from '../../../src/front/handlers/10-find-coordinator.ts';
import { describeCluster } from '../../../src/front/handlers/60-describe-cluster.ts';
import { PartitionDescriber } from '../../../src/front/handlers/topic-description.ts';
import type { Call } from '../../../src/front/net/call.ts';
import { Endpoints } from '../../../src/front/net/endpoints.ts';
import { errorOfPartition } from '../../../src/front/partitions/partition-errors.ts';
import { Partitions } from '../../../src/front/partitions/partitions.ts';
import { TopicDirectory } from '../../../src/front/partitions/topic-directory.ts';
import type { Workers } from '../../../src/front/partitions/workers.ts';
import { Rights } from '../../../src/front/requests/rights.ts';
import { brokerSettings } from '../../../src/metadata/config/broker-settings.ts';
import type { NewTopic } from '../../../src/metadata/plan-topics.ts';
import type { MetadataRecord } from '../../../src/metadata/records.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import type { ProduceResponse } from '../../../src/protocol/schema/00-produce.ts';
import type { FetchResponse } from '../../../src/protocol/schema/01-fetch.ts';
import { ImageView } from '../../metadata/image-view.ts';
import { noQuotas } from '../../support/no-quotas.ts';

const THIS = 1;
const OTHER = 2;
const FENCED = 3;
const UNKNOWN = 4;
const ELSEWHERE = 5;

function broker(id: number, listener = 'PLAINTEXT', fenced = false): MetadataRecord {
  const endpoints = [[listener, `host-${id}`, 9000 + id]] as const;
  return { type: 'broker', id, epoch: 1, fenced, rack: null, endpoints };
}

function topic(name: string, id: string, partitions: number): MetadataRecord {
  return { type: 'topic', name, id, partitions, replicas: [THIS], configs: [] };
}

function led(id: string, partition: number, replicas: number[], epoch = 1): MetadataRecord {
  const epochs = { leaderEpoch: epoch, partitionEpoch: epoch };
  const leader = replicas[0]!;
  return {
    type: 'partition',
    id,
    partition,
    leader,
    ...epochs,
    replicas,
    inSyncReplicas: replicas,
  };
}

/** Partition 0 is led here, 1 is held but led elsewhere, the others are not here. */
function cluster() {
  const view = new ImageView(
    { type: 'cluster', clusterId: 'c', nodeId: THIS, brokerEpoch: 1 },
    broker(OTHER),
    broker(FENCED, 'PLAINTEXT', true),
    broker(ELSEWHERE, 'INTERNAL'),
    topic('orders', 'O', 5),
    led('O', 1, [OTHER, THIS]),
    led('O', 2, [FENCED, OTHER]),
    led('O', 3, [UNKNOWN]),
    led('O', 4, [ELSEWHERE]),
    topic(GROUPS_TOPIC.name, 'G', 2),
    led('G', 1, [OTHER]),
  );
  const partitions = new Partitions();
  const commands: ControlCommand[] = [];
  const reports = { forgetDeletedTopic: async () => {}, bumpLeaderEpochs: async () => {} };
  const directories = { place: () => '/d', remove() {} };
  const services = { metadata: view, reports, partitions, directories };
  const directory = new TopicDirectory({ ...services, workerCount: 1, logger: silentLogger });
  const none = new Map<string, number>();
  const offsets = { logStartOffsets: none, recoveryPoints: none, highWatermarks: none };
  directory.placeAll({ ...offsets, wasClean: false });
  const workers = {
    async control(_worker: number, command: ControlCommand) {
      commands.push(command);
      return { error: 0 };
    },
  };
  directory.follow(workers as unknown as Workers);
  const settings = { ...brokerSettings(view.config), nodeId: THIS };
  const endpoints = new Endpoints(settings, view, []);
  const partition = (index: number) => partitions.topicByName('orders')!.partitions[index];
  const rights = new Rights(null);
  return {
    metadata: view,
    partitions,
    directory,
    commands,
    endpoints,
    partition,
    rights,
    throttling: noQuotas,
  };
}

function callOf(apiKey: number, apiVersion: number): Call {
  const transport = { localAddress: 'here', localPort: 9092 };
  const connection = { listenerName: 'PLAINTEXT', transport };
  return { apiKey, apiVersion, connection, throttleTimeMs: 0 } as unknown as Call;
}

type Cluster = ReturnType<typeof cluster>;

/** Whom the answer to a produce names as leaders, and the nodes whose address it tells. */
function produceTo(services: Cluster, version: number, indexes = [1, 2]) {
  const partitionData = indexes.map((index) => ({ index, records: Buffer.alloc(0) }));
  const topicData = [{ name: 'orders', topicId: '', partitionData }];
  let answer: ProduceResponse | null = null;
  const others = {
    workers: { takeAppendTicket: () => 0, giveBackAppendTicket() {} },
    replies: {
      reply(_call: Call, response: ProduceResponse) {
        answer = response;
      },
    },
  };
  produce.handle(
    { transactionalId: null, acks: 1, timeoutMs: 0, topicData },
    callOf(API.PRODUCE, version),
    { ...services, ...others } as never,
  );
  const { responses, nodeEndpoints } = answer! as ProduceResponse;
  const hints = responses[0]!.partitionResponses.map(({ currentLeader }) => currentLeader);
  return { hints, nodes: nodeEndpoints.map(({ nodeId }) => nodeId) };
}

/** Partition 1 is asked of its former leader: in the epoch of now, its follower would serve it. */
function fetchOf(services: Cluster, version: number) {
  const asked = { fetchOffset: 0, lastFetchedEpoch: -1, logStartOffset: -1, partitionMaxBytes: 9 };
  const partitions = [1, 2].map((partition) => {
    return { partition, currentLeaderEpoch: partition === 1 ? 0 : -1, ...asked };
  });
  const topicId = version >= 13 ? 'O' : '';
  const session = { sessionId: 0, sessionEpoch: -1, forgottenTopicsData: [] };
  const request = { topics: [{ topic: '', topicId, partitions }], ...session };
  let answer: FetchResponse | null = null;
  const others = {
    settings: { limits: { fetchBytesMax: 1_000_000 } },
    loader: { load: async () => {} },
    metrics: { fetched() {} },
    kafka: { stopping: false },
    replies: {
      reply(_call: Call, response: FetchResponse) {
        answer = response;
      },
    },
  };
  const plan = new FetchSessions(10).plan(request as never, version);
  const call = callOf(API.FETCH, version);
  new PendingFetch(call, request as never, plan, { ...services, ...others } as never).start();
  const { responses, nodeEndpoints } = answer! as FetchResponse;
  const hints = responses[0]!.partitions.map(({ currentLeader }) => currentLeader);
  return { hints, nodes: nodeEndpoints.map(({ nodeId }) => nodeId) };
}

describe('partitions on other nodes', () => {
  it('are known, but only replicas of this node have a mirror and a slot', () => {
    const { partition, partitions } = cluster();
    expect(partition(0)).toMatchObject({ isLeader: true, leaderEpoch: 0 });
    expect(partition(1)).toMatchObject({ isLeader: false, leaderEpoch: 1 });
    expect([2, 3, 4, 5].map(partition)).toEqual([null, null, null, undefined]);
    expect(partitions.topicByName('orders')!.held.map(({ index }) => index)).toEqual([0, 1]);
  });

  it('are refused with NOT_LEADER_OR_FOLLOWER, to a fetch as well', () => {
    const { partition, partitions } = cluster();
    const errors = [0, 1, 2, 5].map((index) => errorOfPartition(partition(index)));
    const { NOT_LEADER_OR_FOLLOWER, UNKNOWN_TOPIC_OR_PARTITION } = ERROR;
    const expected = [
      0,
      NOT_LEADER_OR_FOLLOWER,
      NOT_LEADER_OR_FOLLOWER,
      UNKNOWN_TOPIC_OR_PARTITION,
    ];
    expect(errors).toEqual(expected);
    const fetched = [0, 1, 2, 5].map((index) => {
      return new FetchTarget('orders', '', index).resolve(partitions, false, false, true);
    });
    expect(fetched).toEqual(expected);
    expect(errorOfPartition(partition(1), 0)).toBe(ERROR.FENCED_LEADER_EPOCH);
    expect(errorOfPartition(partition(1), 2)).toBe(ERROR.UNKNOWN_LEADER_EPOCH);
  });

  it('are described with the leader that the client can reach, or why there is none', () => {
    const services = cluster();
    const orders = services.metadata.image.topicsByName.get('orders')!;
    const described = (version: number) => {
      const describer = new PartitionDescriber(callOf(API.METADATA, version), services);
      return describer.describe(orders, orders.partitions).map((each) => {
        return [each.errorCode, each.leaderId, each.offlineReplicas];
      });
    };
    const { LEADER_NOT_AVAILABLE, LISTENER_NOT_FOUND } = ERROR;
    expect(described(9)).toEqual([
      [0, THIS, []],
      [0, OTHER, []],
      [LEADER_NOT_AVAILABLE, -1, [FENCED]],
      [LEADER_NOT_AVAILABLE, -1, [UNKNOWN]],
      [LISTENER_NOT_FOUND, -1, [ELSEWHERE]],
    ]);
    expect(described(5)[4]).toEqual([LEADER_NOT_AVAILABLE, -1, [ELSEWHERE]]);
  });

  it.each([
    [9, 15, []],
    [10, 16, [OTHER]],
  ])('are named with their leader to Produce v%i and Fetch v%i', (produced, fetched, nodes) => {
    const services = cluster();
    const hint = (leaderId: number, leaderEpoch: number) => ({ leaderId, leaderEpoch });
    const none = hint(-1, -1);
    const expected = nodes.length === 0 ? [none, none] : [hint(OTHER, 1), hint(FENCED, 1)];
    for (const answer of [produceTo(services, produced), fetchOf(services, fetched)]) {
      expect(answer.hints).toEqual(expected);
      expect(answer.nodes).toEqual(nodes);
    }
  });

  it('are no news to a client whose produce failed for another reason', () => {
    const { hints, nodes } = produceTo(cluster(), 10, [7]);
    expect(hints).toEqual([{ leaderId: -1, leaderEpoch: -1 }]);
    expect(nodes).toEqual([]);
  });

  it('make their broker known to clients of its listener', async () => {
    const services = cluster();
    const answer = await describeCluster.handle(
      { endpointType: 1, includeClusterAuthorizedOperations: false, includeFencedBrokers: false },
      callOf(API.DESCRIBE_CLUSTER, 1),
      services,
    );
    expect(answer).toMatchObject({
      // The quorum's leader is no broker, so this broker stands in for it.
      controllerId: THIS,
      brokers: [
        { brokerId: THIS, host: 'here', port: 9092 },
        { brokerId: OTHER, host: 'host-2', port: 9002 },
      ],
    });
  });

  it('get requests for the controller when they lead the quorum', async () => {
    const services = cluster();
    services.metadata.quorum = { ...services.metadata.quorum, leaderId: OTHER };
    const answer = await metadata.handle(
      {
        topics: [],
        allowAutoTopicCreation: false,
        includeClusterAuthorizedOperations: false,
        includeTopicAuthorizedOperations: false,
      },
      callOf(API.METADATA, 9),
      { ...services, clock: systemClock } as never,
    );
    expect(answer).toMatchObject({ controllerId: OTHER });
  });

  it.each([
    [3, 2],
    [1, 1],
  ])('share the groups: %i replicas asked for become %i', async (offsetsReplicas, made) => {
    const view = new ImageView(
      { type: 'cluster', clusterId: 'c', nodeId: THIS, brokerEpoch: 1 },
      broker(OTHER),
      broker(FENCED, 'PLAINTEXT', true),
    );
    const asked: number[] = [];
    const { groups } = brokerSettings(view.config);
    const services = {
      metadata: view,
      settings: { groups: { ...groups, offsetsReplicas } },
      partitions: new Partitions(),
      directory: { settled: async () => {} },
      changes: {
        async createTopics(topics: readonly NewTopic[]) {
          asked.push(...topics.map(({ replicationFactor }) => replicationFactor));
          return [{ refused: null, result: null }];
        },
      },
    };
    expect(await promiseCoordinators(GROUPS_TOPIC, [], services as never)).toBe(true);
    expect(asked).toEqual([made]);
  });

  it('coordinate their groups', async () => {
    const services = cluster();
    const ids = ['a', 'b'];
    const ofThis = ids.find((id) => coordinatorPartitionOf(id, 2) === 0)!;
    const ofOther = ids.find((id) => coordinatorPartitionOf(id, 2) === 1)!;
    const made = services.partitions.topicByName(GROUPS_TOPIC.name)!;
    expect(coordinatorAt(made, ofThis)).toBe(made.partitions[0]);
    expect(coordinatorAt(made, ofOther)).toMatchObject({ slot: NO_SLOT });
    const loader = { load: async () => {} };
    const answer = await findCoordinator.handle(
      { key: '', keyType: 0, coordinatorKeys: [ofThis, ofOther] },
      callOf(API.FIND_COORDINATOR, 4),
      { ...services, loader, logger: silentLogger } as never,
    );
    expect(answer).toMatchObject({
      coordinators: [
        { key: ofThis, nodeId: THIS, errorCode: 0 },
        { key: ofOther, nodeId: OTHER, host: 'host-2', errorCode: 0 },
      ],
    });
  });
});

describe('a partition that moves', () => {
  it('is made here with its first replica and removed with its last, under another slot', async () => {
    const { metadata, directory, commands, partition, partitions } = cluster();
    const leaving = partition(1)!;
    metadata.apply(led('O', 1, [OTHER], 2), led('O', 2, [THIS, OTHER], 2));
    await directory.settled();
    expect(partition(1)).toBeNull();
    expect(leaving.removed).toBe(true);
    expect(partitions.bySlot(leaving.slot)).toBeUndefined();
    const arrived = partition(2)!;
    expect(arrived).toMatchObject({ isLeader: true, leaderEpoch: 2 });
    expect(arrived.slot).toBeGreaterThan(leaving.slot);
    expect(commands.map(({ kind }) => kind)).toEqual(['create', 'remove']);
  });

  it('is led here from the change of the metadata on', async () => {
    const { metadata, directory, partition } = cluster();
    const mirror = partition(1)!;
    metadata.apply(led('O', 1, [THIS, OTHER], 2));
    await directory.settled();
    expect(partition(1)).toBe(mirror);
    expect(mirror).toMatchObject({ isLeader: true, leaderEpoch: 2 });
    expect(errorOfPartition(mirror, 1)).toBe(ERROR.FENCED_LEADER_EPOCH);
    expect(errorOfPartition(mirror, 2)).toBe(0);
  });
});
