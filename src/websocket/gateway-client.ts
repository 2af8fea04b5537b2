import type { BackoffOptions } from './backoff.ts';
import { IdempotentProducer } from './idempotent-producer.ts';
import { Link, type LinkState, type WebSocketConstructor } from './link.ts';
import type {
  ProducedOffset,
  ProduceOptions,
  ProduceRecord,
  ReadFormat,
  ReadValues,
  SubscribeOptions,
  TopicInfo,
  TopicSelection,
} from './messages.ts';
import { Subscription } from './subscription.ts';

/** How to connect. All of it has a default. */
export interface ConnectOptions {
  /** `batch`: records come as stored batches and are opened here. It is the faster format. */
  readonly format?: 'json' | 'batch';
  /**
   * The constructor to use if there is no global one. Node 20 needs the one of the package `ws`.
   */
  readonly WebSocket?: unknown;
  /**
   * Gives a ticket of the broker (`POST /ticket`) for each connection. A browser cannot show a
   * password when it opens a WebSocket.
   */
  readonly ticket?: () => Promise<string>;
  /**
   * How long to wait before coming back. Each failure doubles the time; a random factor is 0.5 to
   * 1.5.
   */
  readonly backoff?: BackoffOptions;
  /** The interval of pings. A connection that is silent from one ping to the next is given up. */
  readonly quietMs?: number;
  /** Closes the client. */
  readonly signal?: AbortSignal;
  /** Called when the connection opens, is lost or is closed, with the reason. */
  readonly onState?: (state: LinkState, reason: string) => void;
}

const QUIET_MS = 30_000;

/** One connection to the broker, over as many sockets as it takes. */
export class GatewayClient {
  readonly #link: Link;
  readonly #producer: IdempotentProducer;
  #lastSubscription = 0;

  constructor(url: string, options: ConnectOptions) {
    const { backoff = {}, format = 'json', quietMs = QUIET_MS, signal } = options;
    const { onState, ticket } = options;
    const open = options.WebSocket ?? (globalThis as { WebSocket?: unknown }).WebSocket;
    if (open === undefined) {
      const message = "there is no global WebSocket: pass one as options.WebSocket (package 'ws')";
      throw new TypeError(message);
    }
    signal?.throwIfAborted();
    this.#link = new Link({
      url: socketUrl(url),
      protocol: `millrace.${format}`,
      open: open as WebSocketConstructor,
      backoff,
      quietMs,
      ...(onState === undefined ? {} : { onState }),
      ...(ticket === undefined ? {} : { ticket }),
    });
    this.#producer = new IdempotentProducer(this.#link, backoff);
    signal?.addEventListener('abort', () => this.close(), { once: true });
  }

  /** Reads topics. The loop over the subscription gets records until it closes. */
  subscribe<Keys extends ReadFormat = 'text', Values extends ReadFormat = 'text'>(
    topics: TopicSelection,
    options: SubscribeOptions<Keys, Values> = {},
  ): Subscription<ReadValues[Keys], ReadValues[Values]> {
    const id = ++this.#lastSubscription;
    const subscription = new Subscription<ReadValues[Keys], ReadValues[Values]>(
      this.#link,
      id,
      topics,
      options,
    );
    this.#link.add(subscription);
    return subscription;
  }

  /**
   * Resolves when the broker has appended the records, as `acks` says. If the connection is lost
   * before the answer, it rejects; with `idempotent` it sends them again instead.
   */
  async produce(
    topic: string,
    records: readonly ProduceRecord[],
    options: ProduceOptions = {},
  ): Promise<readonly ProducedOffset[]> {
    const { signal, idempotent, ...fields } = options;
    if (idempotent) return this.#producer.produce(topic, records, options);
    const command = { type: 'produce', topic, records, ...fields };
    if (options.acks === 0) {
      await this.#link.request(command, { isOneWay: true, signal });
      return [];
    }
    const answer = await this.#link.request(command, { signal });
    return (answer as { offsets: readonly ProducedOffset[] }).offsets;
  }

  /** All topics, or those that match a glob. */
  async topics(pattern?: string): Promise<readonly TopicInfo[]> {
    const answer = await this.#link.request({ type: 'topics', pattern }, { survives: true });
    return (answer as { topics: readonly TopicInfo[] }).topics;
  }

  /** Measures how long an answer takes, and reads the broker's clock. */
  async ping(): Promise<{ readonly roundTripMs: number; readonly time: number }> {
    const startMs = performance.now();
    const { time } = (await this.#link.request({ type: 'ping' })) as { time: number };
    return { roundTripMs: performance.now() - startMs, time };
  }

  /** Ends every loop. Requests without an answer reject. */
  close(): void {
    this.#link.close();
  }
}

function socketUrl(text: string): string {
  const { location } = globalThis as { location?: { href: string } };
  const url = new URL(text, location?.href);
  url.protocol = url.protocol.replace('http', 'ws');
  if (url.pathname === '/') url.pathname = '/ws';
  return url.href;
}
