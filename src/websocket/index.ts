/**
 * millrace's gateway from a browser or from Node, without dependencies:
 *
 *   const broker = connect('ws://localhost:9080/ws');
 *   for await (const record of broker.subscribe('orders', { from: 'earliest' })) show(record);
 */
import { Link, type WebSocketConstructor } from './link.ts';
import type {
  ProducedOffset,
  ProduceOptions,
  ProduceRecord,
  SubscribeOptions,
} from './messages.ts';
import { Subscription } from './subscription.ts';

export type * from './messages.ts';
export { GatewayError } from './messages.ts';
export type { Subscription } from './subscription.ts';

export interface ConnectOptions {
  /** The constructor to use where there is no global one: in Node 20, that of the package `ws`. */
  readonly WebSocket?: unknown;
  readonly onState?: (state: 'open' | 'lost', reason: string) => void;
}

export class GatewayClient {
  readonly #link: Link;
  #lastSubscription = 0;

  constructor(link: Link) {
    this.#link = link;
  }

  subscribe(topics: string | readonly string[], options: SubscribeOptions = {}): Subscription {
    const names = typeof topics === 'string' ? [topics] : topics;
    const subscription = new Subscription(this.#link, ++this.#lastSubscription, names, options);
    this.#link.add(subscription);
    return subscription;
  }

  /** Resolves when the broker has appended the records, as `acks` says. */
  async produce(
    topic: string,
    records: readonly ProduceRecord[],
    options: ProduceOptions = {},
  ): Promise<readonly ProducedOffset[]> {
    const command = { type: 'produce', topic, records, ...options };
    if (options.acks === 0) {
      this.#link.tell(command);
      return [];
    }
    const answer = (await this.#link.request(command)) as { offsets: readonly ProducedOffset[] };
    return answer.offsets;
  }

  async topics(): Promise<readonly object[]> {
    const answer = (await this.#link.request({ type: 'topics' })) as { topics: readonly object[] };
    return answer.topics;
  }

  close(): void {
    this.#link.close();
  }
}

export function connect(url: string, options: ConnectOptions = {}): GatewayClient {
  const found = options.WebSocket ?? (globalThis as { WebSocket?: unknown }).WebSocket;
  if (found === undefined) {
    throw new TypeError(
      "there is no global WebSocket here: pass one as options.WebSocket (package 'ws')",
    );
  }
  const link = new Link(url, found as WebSocketConstructor);
  link.onState = options.onState ?? null;
  return new GatewayClient(link);
}
