import { describe, expect, it } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { Cluster } from '../../src/client/cluster.ts';
import { TopicAdmin } from '../../src/client/topic-admin.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { encodeResponseFrame } from '../../src/protocol/frames.ts';
import { apiVersions, FakeBroker, type SeenRequest } from './fake-broker.ts';

/** Two brokers in one process; the first says that the second is the controller. */
function metadata(request: SeenRequest, ports: readonly number[], controllerId: number): Buffer {
  return encodeResponseFrame(API.METADATA, request.version, request.correlationId, {
    brokers: ports.map((port, nodeId) => ({ nodeId, host: '127.0.0.1', port })),
    clusterId: 'c',
    controllerId,
    topics: [],
  });
}

const SERVED = { [API.METADATA]: 9, [API.CREATE_TOPICS]: 5 };

function created(request: SeenRequest, errorCode: number): Buffer {
  return encodeResponseFrame(API.CREATE_TOPICS, request.version, request.correlationId, {
    topics: [{ name: 't', errorCode, errorMessage: null, configs: [] }],
  });
}

async function closedPort(): Promise<number> {
  await using broker = await FakeBroker.start(() => null);
  return broker.port;
}

describe('Cluster', () => {
  it('asks the next bootstrap server when the first is away', async () => {
    const away = await closedPort();
    let port = 0;
    await using broker = await FakeBroker.start((request) =>
      request.apiKey === API.API_VERSIONS
        ? apiVersions(request, SERVED)
        : metadata(request, [port], 0),
    );
    port = broker.port;
    const cluster = new Cluster({ bootstrapServers: `127.0.0.1:${away},127.0.0.1:${port}` });
    expect(await cluster.nodes()).toMatchObject([{ id: 0, port }]);
    await cluster.close();
  });

  it('names every server that it tried in vain', async () => {
    const ports = [await closedPort(), await closedPort()];
    const bootstrapServers = ports.map((port) => `127.0.0.1:${port}`).join(',');
    const cluster = new Cluster({ bootstrapServers });
    const tried = ports.map((port) => `127.0.0.1:${port}: connection refused`);
    const failed = cluster.nodes();
    await expect(failed).rejects.toThrow(tried[0]);
    await expect(failed).rejects.toThrow(tried[1]);
    await cluster.close();
  });

  it('follows the controller when it moves', async () => {
    const ports: number[] = [];
    let controllerId = 0;
    const asked: number[] = [];
    const answer = (nodeId: number) => (request: SeenRequest) => {
      if (request.apiKey === API.API_VERSIONS) return apiVersions(request, SERVED);
      if (request.apiKey === API.METADATA) return metadata(request, ports, controllerId);
      asked.push(nodeId);
      controllerId = 1;
      return created(request, nodeId === 1 ? ERROR.NONE : ERROR.NOT_CONTROLLER);
    };
    await using first = await FakeBroker.start(answer(0));
    await using second = await FakeBroker.start(answer(1));
    ports.push(first.port, second.port);
    const cluster = new Cluster({ bootstrapServers: `127.0.0.1:${first.port}` });
    expect(await new TopicAdmin(cluster).create({ name: 't' })).toBe(true);
    expect(asked).toEqual([0, 1]);
    await cluster.close();
  });

  it('says so when the broker leaves out what it was asked about', async () => {
    let port = 0;
    await using broker = await FakeBroker.start((request) => {
      if (request.apiKey === API.API_VERSIONS) return apiVersions(request, SERVED);
      if (request.apiKey === API.METADATA) return metadata(request, [port], 0);
      const { version, correlationId } = request;
      return encodeResponseFrame(API.CREATE_TOPICS, version, correlationId, { topics: [] });
    });
    port = broker.port;
    const cluster = new Cluster({ bootstrapServers: `127.0.0.1:${port}` });
    const asked = new TopicAdmin(cluster).create({ name: 't' });
    await expect(asked).rejects.toThrow('the broker did not answer about topic t');
    await cluster.close();
  });
});
