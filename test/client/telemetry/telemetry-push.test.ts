import { gunzipSync } from 'node:zlib';
import { describe, expect, it, vi } from 'vitest';
import { Admin, type KafkaError } from '../../../src/client/index.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { encodeResponseFrame } from '../../../src/protocol/frames.ts';
import type { PushTelemetryRequest } from '../../../src/protocol/schema/72-push-telemetry.ts';
import { type Answer, apiVersions, FakeBroker, type SeenRequest } from '../fake-broker.ts';
import { readMetrics } from './read-metrics.ts';

const INSTANCE_ID = 'XdTG5jpMTwucPQobLD1OXw';
const GZIP = 1;

const eventually = (check: () => void) => vi.waitFor(check, { timeout: 5_000, interval: 5 });

interface Script {
  readonly metrics?: readonly string[];
  readonly codecs?: readonly number[];
  readonly isDelta?: boolean;
  readonly maxBytes?: number;
  /** What each push is answered, 0 where the list ends. */
  readonly pushErrors?: readonly number[];
}

/** A broker that wants metrics every 20 ms, so that tests need not wait. */
function brokerWith(script: Script): Promise<FakeBroker> {
  let pushes = 0;
  let self: FakeBroker | null = null;
  const served = {
    [API.METADATA]: 9,
    [API.GET_TELEMETRY_SUBSCRIPTIONS]: 0,
    [API.PUSH_TELEMETRY]: 0,
  };
  const answer: Answer = (request) => {
    const { apiKey, version, correlationId } = request;
    if (apiKey === API.API_VERSIONS) return apiVersions(request, served);
    if (apiKey === API.METADATA) {
      const brokers = [{ nodeId: 1, host: '127.0.0.1', port: self!.port }];
      const body = { brokers, clusterId: 'c', controllerId: 1, topics: [] };
      return encodeResponseFrame(API.METADATA, version, correlationId, body);
    }
    if (apiKey === API.GET_TELEMETRY_SUBSCRIPTIONS) {
      return encodeResponseFrame(API.GET_TELEMETRY_SUBSCRIPTIONS, version, correlationId, {
        throttleTimeMs: 0,
        errorCode: 0,
        clientInstanceId: INSTANCE_ID,
        subscriptionId: 17,
        acceptedCompressionTypes: [...(script.codecs ?? [])],
        pushIntervalMs: 20,
        telemetryMaxBytes: script.maxBytes ?? 1_000_000,
        deltaTemporality: script.isDelta ?? false,
        requestedMetrics: [...(script.metrics ?? [])],
      });
    }
    const errorCode = script.pushErrors?.[pushes++] ?? 0;
    return encodeResponseFrame(API.PUSH_TELEMETRY, version, correlationId, {
      throttleTimeMs: 0,
      errorCode,
    });
  };
  return FakeBroker.start(answer).then((broker) => {
    self = broker;
    return broker;
  });
}

function pushesOf({ requests }: FakeBroker): PushTelemetryRequest[] {
  const isPush = ({ apiKey }: SeenRequest) => apiKey === API.PUSH_TELEMETRY;
  return requests.filter(isPush).map(({ body }) => body as PushTelemetryRequest);
}

function asked({ requests }: FakeBroker): number {
  return requests.filter(({ apiKey }) => apiKey === API.GET_TELEMETRY_SUBSCRIPTIONS).length;
}

function adminOf({ port }: FakeBroker, more: object = {}): Admin {
  return new Admin({ bootstrapServers: `127.0.0.1:${port}`, ...more });
}

describe('the push of metrics (KIP-714)', () => {
  it('pushes what is asked for by prefix, packed, with the labels of the client', async () => {
    const metrics = ['org.apache.kafka.admin.client.request.', 'nothing'];
    await using broker = await brokerWith({ metrics, codecs: [99, GZIP] });
    await using admin = adminOf(broker, { clientRack: 'r1' });
    await admin.connect();
    expect(await admin.clientInstanceId()).toBe(INSTANCE_ID);
    await eventually(() => expect(pushesOf(broker).length).toBeGreaterThanOrEqual(2));
    const [push] = pushesOf(broker);
    expect(push).toMatchObject({ clientInstanceId: INSTANCE_ID, subscriptionId: 17 });
    expect(push).toMatchObject({ terminating: false, compressionType: GZIP });
    const { labels, points } = readMetrics(gunzipSync(push!.metrics));
    expect(labels).toEqual({ client_rack: 'r1' });
    const names = points.map(({ name }) => name);
    expect(names).toContain('org.apache.kafka.admin.client.request.total');
    expect(names.every((name) => name.startsWith(metrics[0]!))).toBe(true);
    const total = points.find(({ name }) => name.endsWith('request.total'))!;
    expect(total).toMatchObject({ temporality: 'cumulative', isMonotonic: true });
    expect(total.value).toBeGreaterThan(0);
    expect(total.timeMs).toBeGreaterThanOrEqual(total.startMs);
  });

  it('tells of sums what came since the last push where the broker wants differences', async () => {
    await using broker = await brokerWith({ metrics: ['*'], isDelta: true });
    await using admin = adminOf(broker);
    await admin.connect();
    await eventually(() => expect(pushesOf(broker).length).toBeGreaterThanOrEqual(3));
    const read = pushesOf(broker).map(({ metrics }) => readMetrics(metrics).points);
    const requests = read.map((points) => points.find(({ name }) => REQUESTS.test(name))!);
    expect(requests[0]!.temporality).toBe('delta');
    // Each push is a request itself.
    expect(requests[2]!.value).toBe(1);
    expect(requests[2]!.startMs).toBe(requests[1]!.timeMs);
  });

  it('pushes once more when the client closes, and says that it is the last time', async () => {
    await using broker = await brokerWith({ metrics: ['*'] });
    const admin = adminOf(broker);
    await admin.connect();
    await eventually(() => expect(pushesOf(broker).length).toBeGreaterThanOrEqual(1));
    await admin.close();
    const last = pushesOf(broker).map(({ terminating }) => terminating);
    expect(last.pop()).toBe(true);
    expect(last).not.toContain(true);
  });

  it('asks again under its id where the broker does not know the subscription', async () => {
    const pushErrors = [UNKNOWN_SUBSCRIPTION_ID];
    await using broker = await brokerWith({ metrics: ['*'], pushErrors });
    await using admin = adminOf(broker);
    await admin.connect();
    await eventually(() => expect(pushesOf(broker).length).toBeGreaterThanOrEqual(2));
    expect(asked(broker)).toBe(2);
    const bodies = broker.requests.filter(({ apiKey }) => {
      return apiKey === API.GET_TELEMETRY_SUBSCRIPTIONS;
    });
    expect(bodies[1]!.body).toMatchObject({ clientInstanceId: INSTANCE_ID });
  });

  it('ends with one report where the broker refuses', async () => {
    const errors: KafkaError[] = [];
    await using broker = await brokerWith({ metrics: ['*'], pushErrors: [INVALID_RECORD] });
    await using admin = adminOf(broker, { onError: (error: KafkaError) => errors.push(error) });
    await admin.connect();
    await eventually(() => expect(errors.map(({ code }) => code)).toEqual(['INVALID_RECORD']));
    await admin.close();
    expect(pushesOf(broker)).toHaveLength(1);
  });

  it('sends nothing that is larger than the broker takes', async () => {
    const errors: KafkaError[] = [];
    await using broker = await brokerWith({ metrics: ['*'], maxBytes: 10 });
    await using admin = adminOf(broker, { onError: (error: KafkaError) => errors.push(error) });
    await admin.connect();
    await eventually(() => expect(errors[0]?.code).toBe('TELEMETRY_TOO_LARGE'));
    expect(pushesOf(broker)).toEqual([]);
  });

  it('is silent where nothing is wanted, where it is off, and where it is not offered', async () => {
    await using broker = await brokerWith({ metrics: [] });
    const off = adminOf(broker, { 'enable.metrics.push': false });
    await off.connect();
    await expect(off.clientInstanceId()).rejects.toMatchObject({ code: 'BAD_ARGUMENT' });
    await off.close();
    expect(asked(broker)).toBe(0);
    const quiet = adminOf(broker);
    await quiet.connect();
    await eventually(() => expect(asked(broker)).toBeGreaterThanOrEqual(2));
    await quiet.close();
    expect(pushesOf(broker)).toEqual([]);
  });
});

const REQUESTS = /\.admin\.client\.request\.total$/;
const UNKNOWN_SUBSCRIPTION_ID = 117;
const INVALID_RECORD = 87;
