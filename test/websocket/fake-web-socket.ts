import { type ConnectOptions, connect, type GatewayClient } from '../../src/websocket/index.ts';

type Command = Record<string, unknown> & { readonly type: string; readonly id?: number };

/** The server's end of one connection, played by a test. */
export class FakeWebSocket {
  readonly url: string;
  readonly protocols: string[];
  readonly sent: Command[] = [];
  readyState = 0;
  binaryType = 'blob';
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;

  constructor(url: string, protocols: string[]) {
    this.url = url;
    this.protocols = protocols;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as Command);
  }

  close(): void {
    this.readyState = 3;
  }

  accept(): void {
    this.readyState = 1;
    this.onopen?.();
  }

  say(message: object): void {
    this.onmessage?.({ data: JSON.stringify(message) });
  }

  sayBytes(bytes: Uint8Array): void {
    this.onmessage?.({ data: Uint8Array.from(bytes).buffer });
  }

  lose(code = 1006, reason = ''): void {
    this.readyState = 3;
    this.onclose?.({ code, reason });
  }

  /** The last command of a type. */
  last(type: string): Command {
    const found = this.sent.findLast((command) => command.type === type);
    if (found === undefined) throw new Error(`no ${type} was sent`);
    return found;
  }

  all(type: string): Command[] {
    return this.sent.filter((command) => command.type === type);
  }

  answer(type: string, fields: object = {}): void {
    this.say({ type: 'ok', id: this.last(type).id, ...fields });
  }

  refuse(type: string, code: string, retry: boolean, fields: object = {}): void {
    this.say({ type: 'error', id: this.last(type).id, code, message: code, retry, ...fields });
  }

  /** Records `from` to `to` of partition 0 of the topic `t`, as one frame. */
  records(from: number, to: number, sub = 1, fields: object = {}): void {
    const records = Array.from({ length: to - from }, (_, i) => ({
      offset: from + i,
      value: `v${from + i}`,
    }));
    const place = { topic: 't', partition: 0, position: from, next: to, high: to, epoch: 0 };
    this.say({ sub, type: 'records', ...place, count: to - from, records, ...fields });
  }
}

/** A client whose sockets a test accepts and cuts. */
export class FakeServer {
  readonly sockets: FakeWebSocket[] = [];
  readonly client: GatewayClient;
  #wake: (() => void)[] = [];

  constructor(options: ConnectOptions = {}) {
    const { sockets } = this;
    const arrived = () => {
      for (const wake of this.#wake.splice(0)) wake();
    };
    class Socket extends FakeWebSocket {
      constructor(url: string, protocols: string[]) {
        super(url, protocols);
        sockets.push(this);
        arrived();
      }
    }
    const backoff = { firstMs: 1, longestMs: 2 };
    this.client = connect('ws://test/ws', { WebSocket: Socket, backoff, ...options });
  }

  /** The n-th connection, when it comes. */
  async socket(n: number): Promise<FakeWebSocket> {
    while (this.sockets.length <= n) {
      await new Promise<void>((resolve) => this.#wake.push(resolve));
    }
    return this.sockets[n]!;
  }

  async accepted(n = 0): Promise<FakeWebSocket> {
    const socket = await this.socket(n);
    socket.accept();
    return socket;
  }
}

export function position(offset: number, fields: object = {}): object {
  const place = { topic: 't', topicId: 'tttttttttttttttttttttt', partition: 0 };
  return { ...place, offset, epoch: 0, ...fields };
}

/** Lets promises that are settled run on. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
