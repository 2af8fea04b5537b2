import { beforeEach, describe, expect, it } from 'vitest';
import { ManualClock } from '../../../src/base/clock.ts';
import { MillraceError } from '../../../src/base/errors.ts';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { RateLimitedLog, silentLogger } from '../../../src/base/logger.ts';
import { RequestMetrics } from '../../../src/front/metrics/request-metrics.ts';
import type { Call } from '../../../src/front/net/call.ts';
import { Connection } from '../../../src/front/net/connection.ts';
import { MemoryBudget } from '../../../src/front/net/memory-budget.ts';
import type { Transport } from '../../../src/front/net/transport.ts';
import { FrontReplies } from '../../../src/front/requests/front-replies.ts';
import type { FrontServices } from '../../../src/front/requests/front-services.ts';
import type { AnyHandler } from '../../../src/front/requests/handler.ts';
import { RequestRouter } from '../../../src/front/requests/request-router.ts';
import { API, type ApiKey } from '../../../src/protocol/api-keys.ts';
import { decodeResponse, encodeRequest } from '../../../src/protocol/frames.ts';
import { noQuotas } from '../../support/no-quotas.ts';

const LIMITS = { frameBytesMax: 1_000_000, unreadBytesMax: 1_000_000, inFlightMax: 10 };
const METADATA_VERSION = 12;

let cuts: string[];
let written: Buffer[];
let stalled: Connection[];
let warnings: string[];
let metrics: RequestMetrics;
let ringsAreFull: boolean;
let connection: Connection;

/** Handlers of two APIs, and the calls that they got. */
let started: { call: Call; name: string }[];
let answer: (call: Call) => unknown;
let rawAnswer: () => Promise<void> | null;

function handlerOf(name: string, key: ApiKey, versions: string, more: object = {}): AnyHandler {
  const handle = (_request: unknown, call: Call): unknown => {
    started.push({ call, name });
    return answer(call);
  };
  return { key, versions, needs: [], handle, ...more } as unknown as AnyHandler;
}

const handlers = (): AnyHandler[] => [
  handlerOf('versions', API.API_VERSIONS, '0-4'),
  handlerOf('metadata', API.METADATA, '9-13', { advertisedFrom: 10 }),
  handlerOf('produce', API.PRODUCE, '3-13', { overlaps: true, appends: true }),
  {
    key: API.HEARTBEAT,
    versions: '0-4',
    needs: [],
    handleRaw: (body: Buffer, call: Call) => {
      started.push({ call, name: `raw ${body.length}` });
      return rawAnswer();
    },
  } as unknown as AnyHandler,
];

function open(): RequestRouter {
  const clock = new ManualClock(0);
  const log = { ...silentLogger, warn: (line: string) => warnings.push(line) };
  const faults = new RateLimitedLog(log, 1000);
  const replies = new FrontReplies(metrics, faults, clock, {} as never, noQuotas);
  const router = new RequestRouter(handlers());
  router.attach({
    clock,
    metrics,
    replies,
    throttling: noQuotas,
    workers: {
      get isBackedUp() {
        return ringsAreFull;
      },
    },
    recompression: { isBackedUp: false },
    kafka: { retryWhenRingsHaveRoom: (waiting: Connection) => stalled.push(waiting) },
  } as unknown as FrontServices);
  const transport = {
    pause() {},
    resume() {},
    bufferedBytes: () => 0,
    destroy() {},
    write: (chunks: readonly Buffer[]) => written.push(Buffer.concat([...chunks])),
  } as unknown as Transport;
  const owner = {
    onReplies() {},
    isLoopTurnSpent: () => false,
    onTurnOver() {},
    onClosed() {},
    onCut: (_: Connection, reason: string) => cuts.push(reason),
  };
  connection = new Connection(transport, router, owner, LIMITS, new MemoryBudget(1_000_000), 0);
  return router;
}

beforeEach(() => {
  cuts = [];
  written = [];
  stalled = [];
  warnings = [];
  started = [];
  metrics = new RequestMetrics();
  ringsAreFull = false;
  answer = () => null;
  rawAnswer = () => null;
  open();
});

function send(frame: Buffer): void {
  const length = Buffer.alloc(4);
  length.writeInt32BE(frame.length);
  const bytes = Buffer.concat([length, frame]);
  connection.onBytes(bytes, 0, bytes.length, 0);
}

function sendMetadata(correlationId = 1): void {
  send(
    encodeRequest(
      API.METADATA,
      METADATA_VERSION,
      { correlationId, clientId: 'me' },
      { topics: null, allowAutoTopicCreation: false, includeTopicAuthorizedOperations: false },
    ),
  );
}

function sendProduce(correlationId: number): void {
  const body = { transactionalId: null, acks: 1, timeoutMs: 1, topicData: [] };
  send(encodeRequest(API.PRODUCE, 9, { correlationId, clientId: 'me' }, body));
}

/** A header of version 1 and a body. */
function sendRaw(apiKey: number, version: number, body = Buffer.alloc(0)): void {
  const header = Buffer.alloc(10);
  header.writeInt16BE(apiKey, 0);
  header.writeInt16BE(version, 2);
  header.writeInt32BE(7, 4);
  header.writeInt16BE(-1, 8);
  send(Buffer.concat([header, body]));
}

const names = () => started.map(({ name }) => name);
const turn = () => new Promise((resolve) => setImmediate(resolve));
const METADATA = {
  brokers: [],
  clusterId: 'c',
  controllerId: 1,
  topics: [],
  errorCode: 0,
  clusterAuthorizedOperations: -2147483648,
};

describe('the router', () => {
  it('gives a request to its handler, and encodes what that returns or resolves to', async () => {
    for (const result of [METADATA, Promise.resolve(METADATA)]) {
      answer = () => result;
      sendMetadata(5);
      await turn();
      connection.flush(0);
      expect([cuts, warnings]).toEqual([[], []]);
      const { correlationId, body } = decodeResponse(
        API.METADATA,
        METADATA_VERSION,
        written.pop()!.subarray(4),
      );
      expect(correlationId).toBe(5);
      expect(body.clusterId).toBe('c');
    }
    const { call } = started[0]!;
    expect(call).toMatchObject({ apiKey: API.METADATA, apiVersion: METADATA_VERSION });
    expect(call.clientId).toBe('me');
    expect(metrics.apis.get(API.METADATA)!.requestCount).toBe(2);
    expect(cuts).toEqual([]);
  });

  it('advertises the versions that it serves, in the order of their keys', () => {
    expect(open().served).toEqual([
      { apiKey: API.PRODUCE, minVersion: 3, maxVersion: 13 },
      { apiKey: API.METADATA, minVersion: 10, maxVersion: 13 },
      { apiKey: API.HEARTBEAT, minVersion: 0, maxVersion: 4 },
      { apiKey: API.API_VERSIONS, minVersion: 0, maxVersion: 4 },
    ]);
  });

  it('cuts off what is no request, has a bad body, or asks for what nobody serves', () => {
    send(Buffer.from([0, 3]));
    open();
    sendRaw(API.METADATA, 9, Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 0xff]));
    open();
    sendRaw(API.METADATA, 8);
    open();
    sendRaw(API.FETCH, 4);
    expect(cuts).toHaveLength(4);
    expect(cuts[0]).toMatch(/^sent what is no Kafka request: /);
    expect(cuts[1]).toMatch(/^sent a bad Metadata v9 request: /);
    expect(cuts[2]).toBe('asked for Metadata v8, which is not served');
    expect(cuts[3]).toBe('asked for Fetch v4, which is not served');
    expect(metrics.malformedCount).toBe(4);
    expect(started).toEqual([]);
  });

  it('answers ApiVersions of a version that it does not know in version 0', () => {
    sendRaw(API.API_VERSIONS, 99, Buffer.alloc(1));
    connection.flush(0);
    const { body } = decodeResponse(API.API_VERSIONS, 0, written[0]!.subarray(4));
    expect(body.errorCode).toBe(ERROR.UNSUPPORTED_VERSION);
    expect(body.apiKeys.map(({ maxVersion }) => maxVersion)).toEqual([4]);
    expect(cuts).toEqual([]);
  });

  it('starts a request when the one before it is answered, those that overlap at once', () => {
    sendMetadata(1);
    sendMetadata(2);
    sendRaw(API.FETCH, 4);
    expect(names()).toEqual(['metadata']);
    expect(cuts).toEqual([]);
    started[0]!.call.replyNothing();
    connection.flush(0);
    expect(names()).toEqual(['metadata', 'metadata']);
    started[1]!.call.replyNothing();
    connection.flush(0);
    expect(cuts).toEqual(['asked for Fetch v4, which is not served']);
    open();
    started = [];
    sendProduce(1);
    sendProduce(2);
    sendMetadata(3);
    expect(names()).toEqual(['produce', 'produce']);
  });

  it('keeps back appends while the rings are full', () => {
    ringsAreFull = true;
    sendProduce(1);
    expect(names()).toEqual([]);
    expect(stalled).toEqual([connection]);
    ringsAreFull = false;
    connection.resume(0);
    expect(names()).toEqual(['produce']);
  });
});

describe('a handler that fails', () => {
  const failures: [string, () => unknown][] = [
    [
      'throws',
      () => {
        throw new Error('a defect');
      },
    ],
    ['rejects', () => Promise.reject(new Error('a defect'))],
    ['rejects behind some turns', () => turn().then(() => Promise.reject(new Error('a defect')))],
  ];

  it.each(failures)('ends its own connection and is one log line when it %s', async (_, fail) => {
    answer = fail;
    sendMetadata();
    await turn();
    await turn();
    expect(cuts).toEqual(['sent a Metadata v12 request that failed: a defect']);
    expect(warnings).toHaveLength(1);
    expect(warnings[0]).toMatch(/^Metadata v12 failed: Error: a defect/);
    expect(connection.closed).toBe(true);
  });

  it('is cut without a log line of a defect where the error is a known one', async () => {
    answer = () => Promise.reject(new MillraceError('MILLRACE_STORAGE', 'no room'));
    sendMetadata();
    await turn();
    expect(cuts).toEqual(['sent a Metadata v12 request that failed: no room']);
    expect(warnings).toEqual([]);
  });

  it('is cut where its answer cannot be encoded', () => {
    answer = () => ({ ...METADATA, brokers: 3 });
    sendMetadata();
    expect(cuts).toEqual(['asked Metadata v12, whose answer cannot be encoded']);
    expect(warnings).toHaveLength(1);
  });

  it('is told of when it serves raw bodies, which come as they were sent', async () => {
    sendRaw(API.HEARTBEAT, 1, Buffer.alloc(12));
    expect(names()).toEqual(['raw 12']);
    started[0]!.call.replyNothing();
    connection.flush(0);
    rawAnswer = () => Promise.reject(new Error('a defect'));
    sendRaw(API.HEARTBEAT, 1);
    await turn();
    expect(cuts).toEqual(['sent a Heartbeat v1 request that failed: a defect']);
    open();
    rawAnswer = () => {
      throw new Error('a defect at once');
    };
    sendRaw(API.HEARTBEAT, 1);
    expect(cuts[1]).toBe('sent a Heartbeat v1 request that failed: a defect at once');
  });
});
