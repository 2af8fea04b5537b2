import type { ApiKey } from '../../protocol/api-keys.ts';
import { apiName } from '../../protocol/api-registry.ts';
import { CHANNELS, type ConnectionMessage } from '../diagnostics/client-channels.ts';
import type { KafkaError } from '../errors/kafka-error.ts';
import type { NetworkObserver, ObservedConnection } from '../net/network-observer.ts';
import { LoopWait } from './loop-wait.ts';
import { NETWORK_METRICS, NODE_METRICS } from './metric-names.ts';
import type { MetricsRegistry } from './metrics-registry.ts';
import type { Sensor } from './sensor.ts';

/** What is measured of one kind of request. */
export interface ApiMeter {
  readonly latency: Sensor;
  readonly answerBytes: Sensor;
  /** When the last one left, in monotonic time; -1 before the first. */
  sentMs: number;
}

interface NodeMeter {
  readonly requests: Sensor;
  readonly answers: Sensor;
  readonly latency: Sensor;
}

/** The metrics of all connections of a client, and of each broker. */
export class NetworkMetrics implements NetworkObserver {
  readonly #registry: MetricsRegistry;
  readonly #opened: Sensor;
  readonly #closed: Sensor;
  readonly #requests: Sensor;
  readonly #answers: Sensor;
  readonly #throttle: Sensor;
  readonly #authenticated: Sensor;
  readonly #authenticatedAgain: Sensor;
  readonly #refused: Sensor;
  readonly #refusedAgain: Sensor;
  readonly #loopWait: LoopWait;
  readonly #nodes = new Map<number, NodeMeter>();
  /** By API key, those that somebody asked for. */
  readonly #apis: (ApiMeter | undefined)[] = [];
  #connections = 0;

  constructor(registry: MetricsRegistry) {
    this.#registry = registry;
    this.#opened = registry.sensor();
    this.#closed = registry.sensor();
    this.#requests = registry.sensor();
    this.#answers = registry.sensor();
    this.#throttle = registry.sensor();
    this.#authenticated = registry.sensor();
    this.#authenticatedAgain = registry.sensor();
    this.#refused = registry.sensor();
    this.#refusedAgain = registry.sensor();
    this.#loopWait = new LoopWait(registry.now());
    this.#register();
  }

  get throttle(): Sensor {
    return this.#throttle;
  }

  /** Measures requests of this kind from now on. */
  meterOf(apiKey: ApiKey): ApiMeter {
    let meter = this.#apis[apiKey];
    if (meter === undefined) {
      const registry = this.#registry;
      meter = { latency: registry.sensor(), answerBytes: registry.sensor(), sentMs: -1 };
      this.#apis[apiKey] = meter;
    }
    return meter;
  }

  onOpened(connection: ObservedConnection, tookMs: number): void {
    if (CHANNELS.connection.hasSubscribers) this.#tell(connection, 'open', tookMs, null);
    this.#connections++;
    this.#opened.record(1, this.#registry.now());
  }

  onClosed(connection: ObservedConnection, error: KafkaError, wasOpen: boolean): void {
    if (CHANNELS.connection.hasSubscribers) {
      this.#tell(connection, wasOpen ? 'closed' : 'failed', 0, error);
    }
    if (!wasOpen) return;
    this.#connections--;
    this.#closed.record(1, this.#registry.now());
  }

  onRequest({ nodeId }: ObservedConnection, apiKey: ApiKey, bytes: number, nowMs: number): void {
    this.#requests.record(bytes, nowMs);
    if (nodeId >= 0) this.#nodeOf(nodeId).requests.record(bytes, nowMs);
    const meter = this.#apis[apiKey];
    if (meter !== undefined) meter.sentMs = nowMs;
  }

  onAnswer(
    connection: ObservedConnection,
    apiKey: ApiKey,
    bytes: number,
    nowMs: number,
    tookMs: number,
  ): void {
    const { nodeId } = connection;
    if (CHANNELS.request.hasSubscribers) {
      this.#tellRequest(connection, apiKey, tookMs, bytes, null);
    }
    this.#answers.record(bytes, nowMs);
    const node = nodeId < 0 ? null : this.#nodeOf(nodeId);
    node?.answers.record(bytes, nowMs);
    node?.latency.record(tookMs, nowMs);
    const meter = this.#apis[apiKey];
    if (meter === undefined) return;
    meter.latency.record(tookMs, nowMs);
    meter.answerBytes.record(bytes, nowMs);
  }

  onLost(connection: ObservedConnection, apiKey: ApiKey, tookMs: number, error: KafkaError): void {
    if (CHANNELS.request.hasSubscribers) {
      this.#tellRequest(connection, apiKey, tookMs, 0, error);
    }
  }

  onAuthenticated(isAgain: boolean, tookMs: number): void {
    const sensor = isAgain ? this.#authenticatedAgain : this.#authenticated;
    sensor.record(tookMs, this.#registry.now());
  }

  onRefused(isAgain: boolean): void {
    const sensor = isAgain ? this.#refusedAgain : this.#refused;
    sensor.record(1, this.#registry.now());
  }

  onThrottle(throttleTimeMs: number): void {
    this.#throttle.record(throttleTimeMs, this.#registry.now());
  }

  #tell(
    { name: address, nodeId }: ObservedConnection,
    state: ConnectionMessage['state'],
    durationMs: number,
    error: KafkaError | null,
  ): void {
    const { clientId } = this.#registry;
    CHANNELS.connection.publish({ clientId, state, address, nodeId, durationMs, error });
  }

  #tellRequest(
    { name: address, nodeId }: ObservedConnection,
    apiKey: ApiKey,
    durationMs: number,
    bytes: number,
    error: KafkaError | null,
  ): void {
    const { clientId } = this.#registry;
    const api = apiName(apiKey);
    CHANNELS.request.publish({ clientId, address, nodeId, api, durationMs, bytes, error });
  }

  #register(): void {
    const group = `${this.#registry.kind}-metrics`;
    const place = { scope: 'client', id: '', group, tags: {} } as const;
    const opened = this.#opened;
    const closed = this.#closed;
    const requests = this.#requests;
    const answers = this.#answers;
    this.#registry.register(place, NETWORK_METRICS, {
      'connection-count': () => this.#connections,
      'connection-creation-rate': (nowMs) => opened.rate(nowMs),
      'connection-creation-total': () => opened.total,
      'connection-close-rate': (nowMs) => closed.rate(nowMs),
      'connection-close-total': () => closed.total,
      'request-rate': (nowMs) => requests.countRate(nowMs),
      'request-total': () => requests.count,
      'request-size-avg': (nowMs) => requests.avg(nowMs),
      'request-size-max': (nowMs) => requests.max(nowMs),
      'outgoing-byte-rate': (nowMs) => requests.rate(nowMs),
      'outgoing-byte-total': () => requests.total,
      'response-rate': (nowMs) => answers.countRate(nowMs),
      'response-total': () => answers.count,
      'incoming-byte-rate': (nowMs) => answers.rate(nowMs),
      'incoming-byte-total': () => answers.total,
      'network-io-rate': (nowMs) => requests.countRate(nowMs) + answers.countRate(nowMs),
      'network-io-total': () => requests.count + answers.count,
      'io-wait-ratio': (nowMs) => this.#loopWait.ratio(nowMs),
      'io-wait-time-ns-total': () => this.#loopWait.totalNs,
      ...this.#authenticationReads(),
    });
  }

  #authenticationReads() {
    const first = this.#authenticated;
    const again = this.#authenticatedAgain;
    const refused = this.#refused;
    const refusedAgain = this.#refusedAgain;
    return {
      'successful-authentication-rate': (nowMs: number) => first.countRate(nowMs),
      'successful-authentication-total': () => first.count,
      'successful-reauthentication-rate': (nowMs: number) => again.countRate(nowMs),
      'successful-reauthentication-total': () => again.count,
      'failed-authentication-rate': (nowMs: number) => refused.countRate(nowMs),
      'failed-authentication-total': () => refused.count,
      'failed-reauthentication-rate': (nowMs: number) => refusedAgain.countRate(nowMs),
      'failed-reauthentication-total': () => refusedAgain.count,
      'reauthentication-latency-avg': (nowMs: number) => again.avg(nowMs),
      'reauthentication-latency-max': (nowMs: number) => again.max(nowMs),
    };
  }

  #nodeOf(nodeId: number): NodeMeter {
    const known = this.#nodes.get(nodeId);
    if (known !== undefined) return known;
    const requests = this.#registry.sensor();
    const answers = this.#registry.sensor();
    const latency = this.#registry.sensor();
    const node = { requests, answers, latency };
    this.#nodes.set(nodeId, node);
    const group = `${this.#registry.kind}-node-metrics`;
    const tags = { 'node-id': `node-${nodeId}` };
    const place = { scope: 'node', id: String(nodeId), group, tags } as const;
    this.#registry.register(place, NODE_METRICS, {
      'request-rate': (nowMs) => requests.countRate(nowMs),
      'request-total': () => requests.count,
      'request-size-avg': (nowMs) => requests.avg(nowMs),
      'request-size-max': (nowMs) => requests.max(nowMs),
      'outgoing-byte-rate': (nowMs) => requests.rate(nowMs),
      'outgoing-byte-total': () => requests.total,
      'response-rate': (nowMs) => answers.countRate(nowMs),
      'response-total': () => answers.count,
      'incoming-byte-rate': (nowMs) => answers.rate(nowMs),
      'incoming-byte-total': () => answers.total,
      'request-latency-avg': (nowMs) => latency.avg(nowMs),
      'request-latency-max': (nowMs) => latency.max(nowMs),
    });
    return node;
  }
}
