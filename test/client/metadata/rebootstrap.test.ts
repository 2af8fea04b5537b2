import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { CLIENT_DEFAULTS, type ClientOptions } from '../../../src/client/config/client-options.ts';
import { readOptions } from '../../../src/client/config/option-names.ts';
import { ClusterLink } from '../../../src/client/metadata/cluster-link.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { encodeResponseFrame } from '../../../src/protocol/frames.ts';
import { apiVersions, FakeBroker } from '../fake-broker.ts';

const WAIT = { timeout: 10_000 };

interface Cluster extends AsyncDisposable {
  readonly link: ClusterLink;
  /** How often each was asked for metadata. */
  readonly asked: { bootstrap: number; old: number };
}

/**
 * A bootstrap server that names broker 1 at first and broker 2 from then on, which is itself. The
 * old broker 1 lives, and answers each question about metadata with an error.
 */
async function movedCluster(errorCode: number, more: Partial<ClientOptions>): Promise<Cluster> {
  const asked = { bootstrap: 0, old: 0 };
  const ports = { bootstrap: 0, old: 0 };
  const start = (who: 'bootstrap' | 'old') =>
    FakeBroker.start((request) => {
      if (request.apiKey === API.API_VERSIONS) return apiVersions(request, { [API.METADATA]: 13 });
      const first = asked[who]++ === 0;
      const node = first ? { nodeId: 1, port: ports.old } : { nodeId: 2, port: ports.bootstrap };
      const refused = { errorCode, brokers: [], topics: [] };
      const told = { brokers: [{ ...node, host: '127.0.0.1', rack: null }], topics: [] };
      const body = { clusterId: 'fake', controllerId: 1, ...(who === 'old' ? refused : told) };
      return encodeResponseFrame(API.METADATA, request.version, request.correlationId, body);
    });
  const [bootstrap, old] = [await start('bootstrap'), await start('old')];
  ports.bootstrap = bootstrap.port;
  ports.old = old.port;
  const link = new ClusterLink(
    readOptions(
      {
        bootstrapServers: `127.0.0.1:${bootstrap.port}`,
        retryBackoffMs: 5,
        retryBackoffMaxMs: 10,
        ...more,
      },
      CLIENT_DEFAULTS,
    ),
    { allowAutoTopicCreation: false },
  );
  await link.metadata.refresh();
  expect([...link.metadata.nodes.keys()]).toEqual([1]);
  return {
    link,
    asked,
    async [Symbol.asyncDispose]() {
      link.close();
      for (const broker of [bootstrap, old]) await broker[Symbol.asyncDispose]();
    },
  };
}

describe('a client whose brokers do not know the cluster any more (KIP-1102)', () => {
  it('starts over at the bootstrap servers at once where a broker says so', async () => {
    const never = { metadataRecoveryRebootstrapTriggerMs: 1_000_000 };
    await using moved = await movedCluster(ERROR.REBOOTSTRAP_REQUIRED, never);
    moved.link.metadata.invalidate();
    await expect.poll(() => [...moved.link.metadata.nodes.keys()], WAIT).toEqual([2]);
    expect(moved.asked).toEqual({ bootstrap: 2, old: 1 });
  });

  it('starts over once no broker has answered for the time of the trigger', async () => {
    const soon = { metadataRecoveryRebootstrapTriggerMs: 40 };
    await using moved = await movedCluster(ERROR.UNKNOWN_SERVER_ERROR, soon);
    moved.link.metadata.invalidate();
    await expect.poll(() => [...moved.link.metadata.nodes.keys()], WAIT).toEqual([2]);
    expect(moved.asked.bootstrap).toBe(2);
    expect(moved.asked.old).toBeGreaterThan(0);
  });

  it.each([
    ['the trigger is far', ERROR.UNKNOWN_SERVER_ERROR, {}],
    [
      'it must not, for an error',
      ERROR.UNKNOWN_SERVER_ERROR,
      { metadataRecoveryStrategy: 'none', metadataRecoveryRebootstrapTriggerMs: 0 },
    ],
    [
      'it must not, for a broker that says so',
      ERROR.REBOOTSTRAP_REQUIRED,
      { metadataRecoveryStrategy: 'none' },
    ],
  ] as const)('goes on asking the brokers that it knows while %s', async (_, code, more) => {
    await using moved = await movedCluster(code, more);
    moved.link.metadata.invalidate();
    await expect.poll(() => moved.asked.old, WAIT).toBeGreaterThan(10);
    expect(moved.asked.bootstrap).toBe(1);
    expect([...moved.link.metadata.nodes.keys()]).toEqual([1]);
  });
});
