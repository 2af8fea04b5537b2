import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { startBroker } from '#millrace/broker/start-broker';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { CLIENT_DEFAULTS, type ClientOptions } from '../../../src/client/config/client-options.ts';
import { readOptions } from '../../../src/client/config/option-names.ts';
import { ClusterLink } from '../../../src/client/metadata/cluster-link.ts';
import { LANE } from '../../../src/client/net/lane.ts';
import { webSocketOpener } from '../../../src/client/net/websocket-transport.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { encodeResponseFrame } from '../../../src/protocol/frames.ts';
import type { MetadataResponseTopic } from '../../../src/protocol/schema/03-metadata.ts';
import { type Answer, apiVersions, FakeBroker } from '../fake-broker.ts';

/** As in a browser. Node has it as a global from version 22 on. */
const { WebSocket } = createRequire(import.meta.url)('ws') as { WebSocket: never };

function linkTo(bootstrapServers: string, more: Partial<ClientOptions> = {}): ClusterLink {
  const settings = readOptions(
    { bootstrapServers, retryBackoffMs: 5, retryBackoffMaxMs: 20, ...more },
    CLIENT_DEFAULTS,
  );
  return new ClusterLink(settings, { allowAutoTopicCreation: false });
}

const TOPIC_ID = 'AAAAAAAAAAAAAAAAAAAAAQ';

/** Metadata of one topic whose partition is led as `leaders` says, one answer after the other. */
function leadersInTurn(fake: { port: number }, leaders: readonly [id: number, epoch: number][]) {
  let asked = 0;
  const answer: Answer = (request) => {
    const { apiKey, version, correlationId } = request;
    if (apiKey === API.API_VERSIONS) return apiVersions(request, { [API.METADATA]: 13 });
    const [leaderId, leaderEpoch] = leaders[Math.min(asked++, leaders.length - 1)]!;
    const partition = { errorCode: 0, partitionIndex: 0, leaderId, leaderEpoch };
    const rest = { replicaNodes: [1, 2], isrNodes: [1], offlineReplicas: [] };
    const topic: Partial<MetadataResponseTopic> = {
      errorCode: 0,
      name: 'orders',
      topicId: TOPIC_ID,
      isInternal: false,
      partitions: [{ ...partition, ...rest }],
    };
    return encodeResponseFrame(API.METADATA, version, correlationId, {
      brokers: [1, 2].map((nodeId) => ({ nodeId, host: '127.0.0.1', port: fake.port, rack: null })),
      clusterId: 'fake',
      controllerId: 1,
      topics: [topic],
    });
  };
  return answer;
}

async function fakeCluster(leaders: readonly [number, number][]): Promise<FakeBroker> {
  const place = { port: 0 };
  const broker = await FakeBroker.start(leadersInTurn(place, leaders));
  place.port = broker.port;
  return broker;
}

async function closedPort(): Promise<number> {
  await using broker = await FakeBroker.start(() => null);
  return broker.port;
}

describe('ClusterLink', () => {
  it('lets a long poll on one lane hold up no request on another', async () => {
    await using broker = await startBroker();
    await broker.createTopic('orders');
    const link = linkTo(broker.bootstrapServers);
    const topic = await link.metadata.requireTopic('orders', { timeoutMs: 5_000 });
    const { leader } = topic.partitions[0]!;
    const fetching = await link.network.connect(leader, LANE.FETCH);
    let isAnswered = false;
    const polled = fetching
      .ask(API.FETCH, {
        replicaId: -1,
        maxWaitMs: 30_000,
        minBytes: 1,
        maxBytes: 1_000_000,
        isolationLevel: 0,
        sessionId: 0,
        sessionEpoch: -1,
        topics: [
          {
            topicId: topic.id,
            partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 1e6 }],
          },
        ],
        forgottenTopicsData: [],
      })
      .finally(() => {
        isAnswered = true;
      });
    const other = await link.network.connect(leader, LANE.GROUP);
    expect((await other.ask(API.METADATA, { topics: [] })).clusterId).toBe(link.metadata.clusterId);
    expect(isAnswered).toBe(false);
    expect(link.network.lane(leader, LANE.FETCH)?.current).toBe(fetching);
    link.close();
    await expect(polled).rejects.toMatchObject({ code: 'CLOSED' });
  });

  it('speaks through the gateway over a WebSocket', async () => {
    await using broker = await startBroker({ config: { 'millrace.http.listener': '127.0.0.1:0' } });
    await broker.createTopic('orders', { partitions: 3 });
    const url = `${broker.httpUrl.replace('http', 'ws')}/ws`;
    const link = linkTo(broker.bootstrapServers, {
      transport: webSocketOpener(url, WebSocket),
    });
    const topic = await link.metadata.requireTopic('orders', { timeoutMs: 5_000 });
    expect(topic.partitions).toHaveLength(3);
    link.close();
  });

  it('waits for a topic until it is there, and names it where it is not in time', async () => {
    await using broker = await startBroker({ config: { 'auto.create.topics.enable': 'false' } });
    const link = linkTo(broker.bootstrapServers);
    const waited = link.metadata.requireTopic('late', { timeoutMs: 10_000 });
    await broker.createTopic('late');
    expect((await waited).partitions[0]).toMatchObject({ partition: 0, isr: [expect.any(Number)] });
    await expect(link.metadata.requireTopic('never', { timeoutMs: 30 })).rejects.toMatchObject({
      code: 'UNKNOWN_TOPIC_OR_PARTITION',
      errorCode: ERROR.UNKNOWN_TOPIC_OR_PARTITION,
      category: 'refresh-retriable',
      topic: 'never',
    });
    const signal = AbortSignal.timeout(20);
    const options = { timeoutMs: 10_000, signal };
    await expect(link.metadata.requireTopic('never', options)).rejects.toMatchObject({
      code: 'ABORTED',
      name: 'AbortError',
    });
    link.close();
  });

  it('keeps a leader that it knows to be newer than the answer', async () => {
    await using broker = await fakeCluster([
      [1, 5],
      [2, 4],
      [2, 6],
    ]);
    const link = linkTo(`127.0.0.1:${broker.port}`);
    const { metadata } = link;
    const leader = () => metadata.topicById(TOPIC_ID)?.partitions[0]?.leader;
    await metadata.requireTopic('orders', { timeoutMs: 5_000 });
    expect(leader()).toBe(1);
    await metadata.refresh();
    expect(leader()).toBe(1);
    await metadata.refresh();
    expect(leader()).toBe(2);
    link.close();
  });

  it('learns a leader from an answer, unless that is old or of a broker without an address', async () => {
    await using broker = await fakeCluster([[1, 5]]);
    const link = linkTo(`127.0.0.1:${broker.port}`);
    const { metadata } = link;
    await metadata.requireTopic('orders', { timeoutMs: 5_000 });
    const { version } = metadata;
    expect(metadata.learnLeader('orders', 0, { leaderId: 2, leaderEpoch: 5 }, [])).toBe(false);
    expect(metadata.learnLeader('orders', 0, { leaderId: 7, leaderEpoch: 6 }, [])).toBe(false);
    expect(metadata.version).toBe(version);
    const seven = { nodeId: 7, host: '127.0.0.1', port: broker.port, rack: null };
    expect(metadata.learnLeader('orders', 0, { leaderId: 7, leaderEpoch: 6 }, [seven])).toBe(true);
    expect(metadata.topic('orders')?.partitions[0]).toMatchObject({ leader: 7, leaderEpoch: 6 });
    link.close();
  });

  it('keeps a broker that only an answer named until the metadata names its successor', async () => {
    await using broker = await fakeCluster([
      [1, 5],
      [1, 5],
      [2, 7],
    ]);
    const link = linkTo(`127.0.0.1:${broker.port}`);
    const { metadata } = link;
    await metadata.requireTopic('orders', { timeoutMs: 5_000 });
    const seven = { nodeId: 7, host: '127.0.0.1', port: broker.port, rack: 'b' };
    metadata.learnLeader('orders', 0, { leaderId: 7, leaderEpoch: 6 }, [seven]);
    const seen = () => [
      metadata.topic('orders')?.partitions[0]?.leader,
      [...metadata.nodes.keys()],
    ];
    await metadata.refresh();
    expect(seen()).toEqual([7, [1, 2, 7]]);
    expect(metadata.nodes.get(7)).toMatchObject({ port: broker.port, rack: 'b' });
    await metadata.refresh();
    expect(seen()).toEqual([2, [1, 2]]);
    link.close();
  });

  it('asks the next bootstrap server where one is away, and names all that it tried in vain', async () => {
    const away = [await closedPort(), await closedPort()].map((port) => `127.0.0.1:${port}`);
    await using broker = await fakeCluster([[1, 5]]);
    const link = linkTo([...away, `127.0.0.1:${broker.port}`].join());
    await link.metadata.requireTopic('orders', { timeoutMs: 5_000 });
    link.close();
    const lost = linkTo(away.join());
    const failed = lost.metadata.refresh();
    for (const server of away)
      await expect(failed).rejects.toThrow(`${server}: connection refused`);
    lost.close();
  });

  it('goes back to the bootstrap servers where no known broker answers', async () => {
    const place = { port: 1 };
    await using broker = await FakeBroker.start(leadersInTurn(place, [[1, 1]]));
    const link = linkTo(`127.0.0.1:${broker.port}`);
    await link.metadata.requireTopic('orders', { timeoutMs: 5_000 });
    await link.metadata.refresh();
    expect(link.metadata.nodes.get(1)).toMatchObject({ port: 1 });
    link.close();
  });
});
