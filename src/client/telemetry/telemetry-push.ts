import { inBackground } from '../../base/in-background.ts';
import { ERROR } from '../../base/kafka-errors.ts';
import { unref } from '../../base/unref.ts';
import { API } from '../../protocol/api-keys.ts';
import { ZERO_UUID } from '../../protocol/schema-dsl.ts';
import { CODEC } from '../../records/codec-ids.ts';
import { compress } from '../../records/compression.ts';
import { answerError, KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import type { MetricsRegistry } from '../metrics/metrics-registry.ts';
import type { Connection } from '../net/connection.ts';
import type { Network } from '../net/network.ts';
import { encodeMetrics } from './otlp-metrics.ts';
import { SumLedger } from './sum-ledger.ts';
import { type Subscription, subscriptionOf } from './telemetry-subscription.ts';

export interface TelemetryOptions {
  readonly isEnabled: boolean;
  /** Of the client: its group, its rack and the like. */
  readonly labels: Readonly<Record<string, string>>;
  readonly onError: (error: KafkaError) => void;
}

const DEFAULT_INTERVAL_MS = 5 * 60_000;
/** The first push comes so much earlier or later: clients that start at once spread out. */
const FIRST_LEAST = 0.5;
const FIRST_MOST = 1.5;
const CODECS: readonly number[] = Object.values(CODEC);
/** What is over with the next interval, or at once with a new subscription. */
const PASSING: readonly number[] = [ERROR.TELEMETRY_TOO_LARGE, ERROR.THROTTLING_QUOTA_EXCEEDED];
const RENEWING: readonly number[] = [
  ERROR.UNKNOWN_SUBSCRIPTION_ID,
  ERROR.UNSUPPORTED_COMPRESSION_TYPE,
];

/**
 * Pushes the metrics that the brokers ask for (KIP-714). It is silent where they ask for none, and
 * where they do not offer it. A refusal ends it. It never holds up the client, nor the process.
 */
export class TelemetryPush {
  readonly #network: Network;
  readonly #options: TelemetryOptions;
  readonly #ledger: SumLedger;
  #subscription: Subscription | null = null;
  #timer: NodeJS.Timeout | null = null;
  #isOver: boolean;
  #hasBegun = false;

  constructor(network: Network, registry: MetricsRegistry, options: TelemetryOptions) {
    this.#network = network;
    this.#options = options;
    this.#ledger = new SumLedger(registry);
    this.#isOver = !options.isEnabled;
  }

  /** Begins with the first connection that the client makes; further calls do nothing. */
  begin(): void {
    if (this.#isOver || this.#hasBegun) return;
    this.#hasBegun = true;
    this.#wait(0);
  }

  /** The id that the broker gave this client, for its logs and dashboards. */
  async instanceId(): Promise<string> {
    if (!this.#options.isEnabled) {
      const what = `clientInstanceId needs the option 'enableMetricsPush'`;
      throw new KafkaError('BAD_ARGUMENT', what);
    }
    this.#network.requireOpen();
    this.#hasBegun = true;
    const subscription = this.#subscription ?? (await this.#subscribe());
    if (subscription !== null) return subscription.instanceId;
    throw new KafkaError('UNSUPPORTED_VERSION', 'the brokers take no metrics of clients');
  }

  /** The last push, with what came since the one before. */
  async end(timeoutMs: number): Promise<void> {
    this.#stop();
    if (this.#isOver) return;
    this.#isOver = true;
    const subscription = this.#subscription;
    if (subscription === null || !subscription.hasMetrics) return;
    const connection = this.#network.open();
    if (connection === null) return;
    const pushed = this.#push(connection, subscription, timeoutMs);
    // The client closes: nobody could do anything about a push that is lost.
    await inBackground(pushed, () => undefined);
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
  }

  #wait(ms: number): void {
    this.#stop();
    if (this.#isOver) return;
    const step = () => {
      inBackground(this.#step(), (thrown) => this.#onFailure(toKafkaError(thrown)));
    };
    this.#timer = unref(setTimeout(step, ms));
  }

  /** Asks what is wanted, or pushes it, and waits for the next time. */
  async #step(): Promise<void> {
    const connection = this.#network.open();
    const subscription = this.#subscription;
    if (connection === null || !connection.serves(API.PUSH_TELEMETRY)) {
      this.#wait(DEFAULT_INTERVAL_MS);
    } else if (subscription === null || !subscription.hasMetrics) {
      await this.#subscribe();
    } else {
      await this.#push(connection, subscription);
      // A subscription that the broker does not know any more is asked for again.
      this.#wait(this.#subscription?.hasMetrics === true ? subscription.intervalMs : 0);
    }
  }

  #onFailure(error: KafkaError): void {
    if (this.#isOver || this.#network.isClosed) return;
    if (error.retriable) {
      this.#wait(DEFAULT_INTERVAL_MS);
      return;
    }
    this.#isOver = true;
    this.#options.onError(error);
  }

  /** Null where the brokers do not offer it. */
  async #subscribe(): Promise<Subscription | null> {
    const connection = this.#network.open() ?? (await this.#network.any());
    if (!connection.serves(API.GET_TELEMETRY_SUBSCRIPTIONS)) return null;
    const clientInstanceId = this.#subscription?.instanceId ?? ZERO_UUID;
    const answer = await connection.ask(API.GET_TELEMETRY_SUBSCRIPTIONS, { clientInstanceId });
    if (answer.errorCode !== ERROR.NONE) {
      if (!PASSING.includes(answer.errorCode)) throw refusal(answer.errorCode);
      this.#wait(DEFAULT_INTERVAL_MS);
      return null;
    }
    const before = this.#subscription;
    const subscription = subscriptionOf(answer, DEFAULT_INTERVAL_MS);
    if (before?.isDelta !== subscription.isDelta) this.#ledger.reset();
    this.#subscription = subscription;
    const spread = FIRST_LEAST + (FIRST_MOST - FIRST_LEAST) * Math.random();
    this.#wait(subscription.intervalMs * (subscription.hasMetrics ? spread : 1));
    return subscription;
  }

  async #push(
    connection: Connection,
    subscription: Subscription,
    lastWithinMs?: number,
  ): Promise<void> {
    const { isDelta, maxBytes, instanceId, id: subscriptionId } = subscription;
    const nowMs = Date.now();
    const points = this.#ledger.points(subscription.wants, nowMs, isDelta);
    const { labels, onError } = this.#options;
    const plain = encodeMetrics(labels, points, nowMs, isDelta);
    const codec = subscription.codecs.find((each) => CODECS.includes(each)) ?? CODEC.NONE;
    const metrics = codec === CODEC.NONE ? plain : Buffer.from(compress(codec, plain));
    if (metrics.length > maxBytes) {
      const what = `the brokers take at most ${maxBytes} bytes of metrics, got ${metrics.length}`;
      onError(new KafkaError('TELEMETRY_TOO_LARGE', what));
      return;
    }
    const body = {
      clientInstanceId: instanceId,
      subscriptionId,
      terminating: lastWithinMs !== undefined,
      compressionType: codec,
      metrics,
    };
    const options = lastWithinMs === undefined ? {} : { timeoutMs: lastWithinMs };
    const { errorCode } = await connection.ask(API.PUSH_TELEMETRY, body, options);
    if (errorCode === ERROR.NONE) this.#ledger.keep();
    else if (RENEWING.includes(errorCode)) this.#subscription = { ...NOTHING, instanceId };
    else if (!PASSING.includes(errorCode)) throw refusal(errorCode);
  }
}

function refusal(errorCode: number): KafkaError {
  return answerError(errorCode, null, 'metrics of the client');
}

const NOTHING: Omit<Subscription, 'instanceId'> = {
  id: 0,
  intervalMs: 0,
  codecs: [],
  maxBytes: 0,
  isDelta: false,
  hasMetrics: false,
  wants: () => false,
};
