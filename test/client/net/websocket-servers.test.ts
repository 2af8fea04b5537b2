import { afterEach, describe, expect, it, vi } from 'vitest';
import { WebSocketServers } from '../../../src/client/net/websocket-servers.ts';

class FakeSocket {
  static readonly opened: FakeSocket[] = [];
  readonly sent: Uint8Array[] = [];
  readonly url: string;
  bufferedAmount = 0;
  onopen = () => {};
  onmessage = (_event: { data: ArrayBuffer }) => {};
  onclose = (_event: { code: number; reason: string }) => {};

  constructor(url: string) {
    this.url = url;
    FakeSocket.opened.push(this);
  }

  send(bytes: Uint8Array): void {
    this.sent.push(bytes);
  }

  close(): void {}
}

const events = {
  onOpen: vi.fn(),
  target: () => new Uint8Array(4),
  onBytes: vi.fn(),
  onClosed: vi.fn(),
};

function opened(servers: WebSocketServers, host: string, port = 9092) {
  const transport = servers.open({ host, port }, events);
  return { transport, socket: FakeSocket.opened.at(-1)! };
}

describe('bootstrap servers that are URLs', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('are all URLs or none', () => {
    expect(WebSocketServers.of(['a:9092', 'b:9092'])).toBeNull();
    expect(() => WebSocketServers.of(['ws://a/ws', 'b:9092'])).toThrow("'b:9092': expected ws://");
    expect(() => WebSocketServers.of(['ws://:1/ws'])).toThrow("bootstrap server 'ws://:1/ws'");
    const servers = WebSocketServers.of(['ws://a/ws', 'wss://b/ws', 'ws://[::1]:81/ws'])!;
    expect(servers.addresses.map(({ port }) => port)).toEqual([80, 443, 81]);
  });

  it('lead to a broker by its host, or else by the URL that opened last', () => {
    vi.stubGlobal('WebSocket', FakeSocket);
    const servers = WebSocketServers.of(['ws://a:1/ws', 'ws://a:2/ws', 'ws://b/ws'])!;
    const urlOf = (host: string, port: number) => opened(servers, host, port).socket.url;
    expect(urlOf('b', 9092)).toBe('ws://b/ws');
    expect(urlOf('a', 2)).toBe('ws://a:2/ws');
    expect(urlOf('elsewhere', 9092)).toBe('ws://a:1/ws');
    opened(servers, 'a', 2).socket.onopen();
    expect(urlOf('elsewhere', 9092)).toBe('ws://a:2/ws');
    expect(urlOf('a', 9092)).toBe('ws://a:2/ws');
  });

  it('get what is written between two flushes together, cut below the limit of a message', () => {
    vi.stubGlobal('WebSocket', FakeSocket);
    const { transport, socket } = opened(WebSocketServers.of(['ws://a/ws'])!, 'a');
    const large = Uint8Array.from({ length: 150_000 }, (_, at) => at);
    transport.write(new Uint8Array([1, 2]));
    transport.write(large);
    expect([socket.sent.length, transport.queuedBytes]).toEqual([0, 150_002]);
    transport.flush();
    expect(socket.sent.map(({ length }) => length)).toEqual([65_536, 65_536, 18_930]);
    expect(Buffer.concat(socket.sent).equals(Buffer.from([1, 2, ...large]))).toBe(true);
    transport.flush();
    expect([socket.sent.length, transport.queuedBytes]).toEqual([3, 0]);
  });

  it('tell that bytes are taken once they are sent', async () => {
    vi.stubGlobal('WebSocket', FakeSocket);
    const { transport, socket } = opened(WebSocketServers.of(['ws://a/ws'])!, 'a');
    const sent = new Promise<number>((resolve) => {
      transport.write(new Uint8Array(3), () => resolve(socket.sent.length));
    });
    transport.flush();
    expect(await sent).toBe(1);
    socket.onmessage({ data: new Uint8Array([1, 2, 3, 4, 5, 6]).buffer });
    expect(events.onBytes.mock.calls.map(([, length]) => length)).toEqual([4, 2]);
  });
});
