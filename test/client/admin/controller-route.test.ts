import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { Admin } from '../../../src/client/admin/admin.ts';
import { required } from '../../../src/client/admin/outcome.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { encodeResponseFrame } from '../../../src/protocol/frames.ts';
import { apiVersions, FakeBroker, type SeenRequest } from '../fake-broker.ts';

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

describe('ControllerRoute', () => {
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
    const admin = new Admin({ bootstrapServers: `127.0.0.1:${first.port}` });
    expect(required((await admin.topics.create([{ name: 't' }])).get('t')).name).toBe('t');
    expect(asked).toEqual([0, 1]);
    await admin.close();
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
    const admin = new Admin({ bootstrapServers: `127.0.0.1:${port}` });
    const created = (await admin.topics.create([{ name: 't' }])).get('t');
    expect(() => required(created)).toThrow('the broker did not answer about topic t');
    await admin.close();
  });
});
