import { type EmbeddedBroker, type StartBrokerOptions, startBroker } from 'millrace';
import { WebSocketClient } from '../support/web-socket-client.ts';

/** The engine of the brokers that are started from now on. */
let engine: 'auto' | 'uws' | 'node' = 'auto';

/** The tests of the gateway run on either engine: see engine/on-node.test.ts. */
export function useEngine(name: 'uws' | 'node'): void {
  engine = name;
}

/** A broker and the sockets that a test opened to it. */
export class GatewayFixture {
  readonly broker: EmbeddedBroker;
  readonly #clients: WebSocketClient[] = [];

  private constructor(broker: EmbeddedBroker) {
    this.broker = broker;
  }

  static async start(options: StartBrokerOptions = {}): Promise<GatewayFixture> {
    const config = { 'millrace.http.engine': engine, ...options.config };
    return new GatewayFixture(await startBroker({ ...options, config }));
  }

  get url(): string {
    return `${this.broker.httpUrl.replace('http', 'ws')}/ws`;
  }

  async connect(
    subprotocol = 'millrace.json',
    headers: Record<string, string> = {},
  ): Promise<WebSocketClient> {
    const client = await WebSocketClient.open(this.url, subprotocol, headers);
    this.#clients.push(client);
    if (subprotocol !== 'kafka') await client.next((text) => text.type === 'hello');
    return client;
  }

  /** Produces `count` records with the values `prefix0`, `prefix1`, … to one partition. */
  async fill(topic: string, count: number, prefix = 'v', partition = 0): Promise<void> {
    const client = await this.connect();
    for (let from = 0; from < count; from += 1000) {
      const size = Math.min(1000, count - from);
      const records = Array.from({ length: size }, (_, i) => ({ value: `${prefix}${from + i}` }));
      const answer = await client.ask({ type: 'produce', topic, partition, records });
      if (answer.type !== 'ok') throw new Error(JSON.stringify(answer));
    }
    client.close();
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    await this.broker.close();
  }
}

export function valuesOf(records: readonly Record<string, unknown>[]): unknown[] {
  return records.map((record) => record.value);
}

export function numbered(prefix: string, from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, i) => `${prefix}${from + i}`);
}
