import { expect, test } from 'vitest';
import { RateLimitedLog } from '../../../src/base/logger.ts';
import { handlers } from '../../../src/front/handlers/index.ts';
import { RequestMetrics } from '../../../src/front/metrics/request-metrics.ts';
import { Call } from '../../../src/front/net/call.ts';
import type { Connection } from '../../../src/front/net/connection.ts';
import type { LostFiles } from '../../../src/front/partitions/lost-files.ts';
import { FrontReplies } from '../../../src/front/requests/front-replies.ts';
import { API, type ApiKey } from '../../../src/protocol/api-keys.ts';
import { codecFor } from '../../../src/protocol/api-registry.ts';
import { decodeResponse, encodeResponse } from '../../../src/protocol/frames.ts';
import { throttleTimePosition } from '../../../src/protocol/throttle-time.ts';
import { noQuotas } from '../../support/no-quotas.ts';

const FRAME_LENGTH_BYTES = 4;
const clock = { monotonicMs: () => 0, wallMs: () => 0 };
const logger = { info: () => {}, warn: () => {}, error: () => {} };
const connection = { closed: false, onCallDone: () => {}, mute: () => {} } as unknown as Connection;
const replies = new FrontReplies(
  new RequestMetrics(),
  new RateLimitedLog(logger, 0),
  clock,
  {} as LostFiles,
  noQuotas,
);

function callOf(apiKey: ApiKey, version: number): Call {
  const call = new Call(connection, apiKey, version, 7, null, 0);
  call.throttleTimeMs = 1234;
  return call;
}

function sentThrottle(call: Call): number | undefined {
  const frame = Buffer.concat(call.chunks).subarray(FRAME_LENGTH_BYTES);
  const { body } = decodeResponse(call.apiKey as ApiKey, call.apiVersion, frame);
  return (body as { throttleTimeMs?: number }).throttleTimeMs;
}

test.each([3, 9])('a response of version %i carries the throttle time of its call', (version) => {
  const call = callOf(API.PRODUCE, version);
  replies.reply(call, { responses: [], nodeEndpoints: [] });
  expect(sentThrottle(call)).toBe(1234);
});

test('a body that a worker has encoded gets the throttle time written in', () => {
  for (const version of [0, 1, 4]) {
    const call = callOf(API.HEARTBEAT, version);
    const whole = encodeResponse(API.HEARTBEAT, version, 7, { throttleTimeMs: 0, errorCode: 27 });
    const header = version >= 4 ? 5 : 4;
    replies.replyBody(call, whole.subarray(header));
    const frame = Buffer.concat(call.chunks).subarray(FRAME_LENGTH_BYTES);
    expect(decodeResponse(API.HEARTBEAT, version, frame).body.errorCode).toBe(27);
    expect(sentThrottle(call)).toBe(version === 0 ? 0 : 1234);
  }
});

test('each version of what workers encode has the throttle time where it can be written', () => {
  const missing: string[] = [];
  for (const handler of handlers) {
    if (!('handleRaw' in handler)) continue;
    const [lowest, highest] = handler.versions.split('-').map(Number);
    const { schema } = codecFor(handler.key as ApiKey).response;
    const since = Number.parseInt(schema.body.fields.throttleTimeMs!.versions, 10);
    for (let version = Math.max(lowest!, since); version <= (highest ?? lowest!); version++) {
      if (throttleTimePosition(handler.key as ApiKey, version) >= 0) continue;
      missing.push(`${schema.name} v${version}`);
    }
  }
  expect(missing).toEqual([]);
});
