import { describe, expect, it } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { Connection } from '../../src/client/connection.ts';
import { API } from '../../src/protocol/api-keys.ts';
import { encodeResponseFrame } from '../../src/protocol/frames.ts';
import { type Answer, apiVersions, FakeBroker } from './fake-broker.ts';

const OPTIONS = { clientId: 'tests', connectTimeoutMs: 2_000, requestTimeoutMs: 200 };

const metadataOnly: Answer = (request) => {
  if (request.apiKey === API.API_VERSIONS) return apiVersions(request, { [API.METADATA]: 5 });
  return encodeResponseFrame(API.METADATA, request.version, request.correlationId, {
    brokers: [],
    clusterId: `asked in version ${request.version}`,
    topics: [],
  });
};

const ALL_TOPICS = { topics: null, allowAutoTopicCreation: false };

describe('Connection', () => {
  it('asks in the highest version that both sides know', async () => {
    await using broker = await FakeBroker.start(metadataOnly);
    const connection = await Connection.open(broker.address, OPTIONS);
    const answer = await connection.ask(API.METADATA, ALL_TOPICS);
    expect(answer.clusterId).toBe('asked in version 5');
    const older = await connection.ask(API.METADATA, ALL_TOPICS, { maxVersion: 4 });
    expect(older.clusterId).toBe('asked in version 4');
    connection.close();
  });

  it('gives every one of many requests at once its own answer', async () => {
    await using broker = await FakeBroker.start(metadataOnly);
    const connection = await Connection.open(broker.address, OPTIONS);
    const versions = [5, 4, 4, 5, 4];
    const answers = await Promise.all(
      versions.map((maxVersion) => connection.ask(API.METADATA, ALL_TOPICS, { maxVersion })),
    );
    expect(answers.map(({ clusterId }) => clusterId)).toEqual(
      versions.map((version) => `asked in version ${version}`),
    );
    connection.close();
  });

  it('falls back to version 0 of ApiVersions where the broker is older', async () => {
    await using broker = await FakeBroker.start((request) => {
      if (request.apiKey === API.API_VERSIONS && request.version > 0) {
        const body = { errorCode: ERROR.UNSUPPORTED_VERSION, apiKeys: [] };
        return encodeResponseFrame(API.API_VERSIONS, 0, request.correlationId, body);
      }
      return metadataOnly(request, undefined as never);
    });
    const connection = await Connection.open(broker.address, OPTIONS);
    expect(broker.requests.map(({ version }) => version)).toEqual([4, 0]);
    expect(connection.serves(API.METADATA)).toBe(true);
    expect(connection.serves(API.FETCH)).toBe(false);
    connection.close();
  });

  it('names the API that the broker does not serve', async () => {
    await using broker = await FakeBroker.start(metadataOnly);
    const connection = await Connection.open(broker.address, OPTIONS);
    const asked = connection.ask(API.LIST_GROUPS, { statesFilter: [], typesFilter: [] });
    await expect(asked).rejects.toThrow(`127.0.0.1:${broker.port} does not serve ListGroups`);
    connection.close();
  });

  it('ends with a clear error when an answer does not come in time', async () => {
    await using broker = await FakeBroker.start((request, socket) =>
      request.apiKey === API.API_VERSIONS ? metadataOnly(request, socket) : null,
    );
    const connection = await Connection.open(broker.address, OPTIONS);
    const two = [
      connection.ask(API.METADATA, ALL_TOPICS),
      connection.ask(API.METADATA, ALL_TOPICS),
    ];
    const outcomes = await Promise.allSettled(two);
    for (const outcome of outcomes) {
      expect(String((outcome as PromiseRejectedResult).reason)).toContain('within 200 ms');
    }
    expect(connection.isOpen).toBe(false);
    await expect(connection.ask(API.METADATA, ALL_TOPICS)).rejects.toThrow('within 200 ms');
  });

  it('says so when the broker closes the connection', async () => {
    await using broker = await FakeBroker.start((request, socket) => {
      if (request.apiKey === API.API_VERSIONS) return metadataOnly(request, socket);
      socket.destroy();
      return null;
    });
    const connection = await Connection.open(broker.address, OPTIONS);
    await expect(connection.ask(API.METADATA, ALL_TOPICS)).rejects.toThrow(
      `the broker at 127.0.0.1:${broker.port} closed the connection`,
    );
  });

  it('refuses an answer to another request', async () => {
    await using broker = await FakeBroker.start((request, socket) => {
      if (request.apiKey === API.API_VERSIONS) return metadataOnly(request, socket);
      return metadataOnly({ ...request, correlationId: request.correlationId + 7 }, socket);
    });
    const connection = await Connection.open(broker.address, OPTIONS);
    await expect(connection.ask(API.METADATA, ALL_TOPICS)).rejects.toThrow(
      'answered request 8, expected 1',
    );
  });

  it('finds that the other side is no Kafka broker', async () => {
    await using broker = await FakeBroker.start(() => Buffer.from('HTTP/1.1 400 Bad Request\r\n'));
    await expect(Connection.open(broker.address, OPTIONS)).rejects.toThrow('no Kafka broker');
  });

  it('gives one line when nobody listens', async () => {
    let port = 0;
    {
      await using broker = await FakeBroker.start(() => null);
      port = broker.port;
    }
    await expect(Connection.open({ host: '127.0.0.1', port }, OPTIONS)).rejects.toThrow(
      `cannot reach the broker at 127.0.0.1:${port}: connection refused`,
    );
  });
});
