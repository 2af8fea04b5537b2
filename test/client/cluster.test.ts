import { describe, expect, it } from 'vitest';
import { Cluster } from '../../src/client/cluster.ts';
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
});
