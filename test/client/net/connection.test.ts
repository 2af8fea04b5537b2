import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { createServer } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import type { KafkaError } from '../../../src/client/errors/kafka-error.ts';
import { Connection } from '../../../src/client/net/connection.ts';
import type { ConnectionSettings } from '../../../src/client/net/connection-settings.ts';
import { RequestClock } from '../../../src/client/net/request-clock.ts';
import { openTcp, tlsOpener } from '../../../src/client/net/tcp-transport.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { encodeResponseFrame } from '../../../src/protocol/frames.ts';
import { type Answer, apiVersions, FakeBroker } from '../fake-broker.ts';
import { CERTIFICATE } from './certificate.ts';
import { unobserved } from './unobserved.ts';

function settings(more: Partial<ConnectionSettings> = {}): ConnectionSettings {
  return {
    clientId: 'tests',
    requestTimeoutMs: 10_000,
    connectTimeoutMs: 5_000,
    maxIdleMs: 60_000,
    sasl: null,
    openTransport: openTcp,
    observer: unobserved(),
    clock: new RequestClock((thrown) => expect.unreachable(String(thrown))),
    onError: (error) => expect.unreachable(error.message),
    ...more,
  };
}

const served: Answer = (request) => {
  if (request.apiKey === API.API_VERSIONS) return apiVersions(request, { [API.METADATA]: 5 });
  return encodeResponseFrame(API.METADATA, request.version, request.correlationId, {
    brokers: [],
    clusterId: `asked in version ${request.version}`,
    topics: [],
  });
};

const silent: Answer = (request) =>
  request.apiKey === API.METADATA ? null : served(request, null!);

const ALL = { topics: null, allowAutoTopicCreation: false };

describe('Connection', () => {
  it('gives every one of many requests at once its own answer', async () => {
    await using broker = await FakeBroker.start(served);
    const connection = await Connection.open(broker.address, settings());
    const versions = [5, 4, 4, 5, 4];
    const answers = await Promise.all(
      versions.map((maxVersion) => connection.ask(API.METADATA, ALL, { maxVersion })),
    );
    expect(answers.map(({ clusterId }) => clusterId)).toEqual(
      versions.map((version) => `asked in version ${version}`),
    );
    expect(connection.inFlight).toBe(0);
    connection.close();
  });

  it('falls back to version 0 of ApiVersions where the broker is older', async () => {
    await using broker = await FakeBroker.start((request, socket) => {
      if (request.apiKey === API.API_VERSIONS && request.version > 0) {
        const body = { errorCode: ERROR.UNSUPPORTED_VERSION, apiKeys: [] };
        return encodeResponseFrame(API.API_VERSIONS, 0, request.correlationId, body);
      }
      return served(request, socket);
    });
    const connection = await Connection.open(broker.address, settings());
    expect(connection.versionOf(API.METADATA)).toBe(5);
    expect(() => connection.versionOf(API.FETCH)).toThrow(
      expect.objectContaining({ code: 'UNSUPPORTED_VERSION', category: 'invalid-configuration' }),
    );
    connection.close();
  });

  it('fails all requests of a connection whose answer does not come in time', async () => {
    await using broker = await FakeBroker.start(silent);
    const connection = await Connection.open(broker.address, settings({ requestTimeoutMs: 60 }));
    const asked = [connection.ask(API.METADATA, ALL), connection.ask(API.METADATA, ALL)];
    for (const outcome of await Promise.allSettled(asked)) {
      expect(outcome).toMatchObject({ reason: { code: 'REQUEST_TIMED_OUT', retriable: true } });
    }
    expect(connection.isOpen).toBe(false);
  });

  it('names a broker that closes and one that is not there', async () => {
    await using broker = await FakeBroker.start((request, socket) => {
      if (request.apiKey === API.API_VERSIONS) return served(request, socket);
      socket.destroy();
      return null;
    });
    const connection = await Connection.open(broker.address, settings());
    await expect(connection.ask(API.METADATA, ALL)).rejects.toMatchObject({
      code: 'NETWORK_EXCEPTION',
      category: 'refresh-retriable',
    });
    const nobody = { host: '127.0.0.1', port: 1 };
    await expect(Connection.open(nobody, settings())).rejects.toThrow('connection refused');
  });

  it('gives up a broker whose answers do not follow the protocol', async () => {
    await using broker = await FakeBroker.start((request, socket) => {
      if (request.apiKey === API.API_VERSIONS) return served(request, socket);
      return encodeResponseFrame(API.METADATA, 5, request.correlationId, {
        brokers: [],
        topics: [],
      }).fill(0x7f, 8);
    });
    const told: KafkaError[] = [];
    const onError = (error: KafkaError) => told.push(error);
    const connection = await Connection.open(broker.address, settings({ onError }));
    // Another connection may be in order, so it is worth another try; and somebody must hear of it.
    await expect(connection.ask(API.METADATA, ALL)).rejects.toMatchObject({
      code: 'MALFORMED_ANSWER',
      category: 'refresh-retriable',
    });
    expect(told).toMatchObject([{ code: 'MALFORMED_ANSWER' }]);
    expect(connection.isOpen).toBe(false);
  });

  it('refuses an answer to another request, and a peer that is no Kafka broker', async () => {
    await using broker = await FakeBroker.start((request, socket) => {
      if (request.apiKey === API.API_VERSIONS) return served(request, socket);
      return served({ ...request, correlationId: request.correlationId + 7 }, socket);
    });
    const connection = await Connection.open(broker.address, settings());
    await expect(connection.ask(API.METADATA, ALL)).rejects.toThrow(
      /answered request \d+, expected \d+/,
    );
    expect(connection.isOpen).toBe(false);
    await using web = await FakeBroker.start(() => Buffer.from('HTTP/1.1 400 Bad Request\r\n'));
    await expect(Connection.open(web.address, settings())).rejects.toThrow('no Kafka broker');
  });

  it('closes itself after it was idle for long', async () => {
    await using broker = await FakeBroker.start(served);
    const connection = await Connection.open(broker.address, settings({ maxIdleMs: 1_000 }));
    expect(connection.onTick(performance.now())).toBe(true);
    expect(connection.onTick(performance.now() + 1_100)).toBe(false);
    expect(connection.isOpen).toBe(false);
  });

  it('speaks TLS with a certificate of its own, and refuses a broker that nobody vouches for', async () => {
    await using broker = await FakeBroker.start(served);
    const { key, cert } = CERTIFICATE;
    const front = createServer({ key, cert, ca: cert, requestCert: true }, (socket) => {
      const behind = connect(broker.port, '127.0.0.1');
      socket.pipe(behind).pipe(socket);
      socket.on('error', () => behind.destroy());
    });
    front.listen(0, '127.0.0.1');
    await once(front, 'listening');
    const { port } = front.address() as AddressInfo;
    const address = { host: '127.0.0.1', port };
    const openTransport = tlsOpener({ key, cert, ca: cert });
    const connection = await Connection.open(address, settings({ openTransport }));
    expect((await connection.ask(API.METADATA, ALL)).clusterId).toBe('asked in version 5');
    connection.close();
    const trusting = settings({ openTransport: tlsOpener({}) });
    await expect(Connection.open(address, trusting)).rejects.toMatchObject({
      code: 'NETWORK_EXCEPTION',
      category: 'invalid-configuration',
    });
    front.close();
  });
});
