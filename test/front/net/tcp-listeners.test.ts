import { constants } from 'node:os';
import { beforeEach, expect, test } from 'vitest';
import type { SocketReceiver } from '../../../src/base/socket-calls.ts';
import { Connection, DISPATCHED } from '../../../src/front/net/connection.ts';
import type { Listener, ListenerHost } from '../../../src/front/net/listener.ts';
import { MemoryBudget } from '../../../src/front/net/memory-budget.ts';
import { ANONYMOUS } from '../../../src/front/net/principal.ts';
import { TcpListeners } from '../../../src/front/net/tcp-listeners.ts';
import type { Transport } from '../../../src/front/net/transport.ts';
import { FakeSystem } from '../fake-system.ts';

const PEER = 5;
const LIMITS = { frameBytesMax: 1024, unreadBytesMax: 1024, inFlightMax: 10 };

/** Calls back like the addon's event loop, and accepts the peers that the test lets come. */
class AcceptingSystem extends FakeSystem {
  receiver!: SocketReceiver;
  waiting: number[] = [];
  readonly closed: number[] = [];

  override createPoller = (_buffer?: Uint8Array, receiver?: SocketReceiver) => {
    this.receiver = receiver!;
    return {};
  };
  override accept = () => this.waiting.shift() ?? -constants.errno.EAGAIN;
  override closeSocket(_poller?: object, socket?: number): void {
    this.closed.push(socket!);
  }
}

const LISTENER = 3;
let system: AcceptingSystem;
let isFull: boolean;
let adopted: Connection[];
let gone: string[];
let kind: TcpListeners;
let listener: Listener;

const owner = {
  onReplies() {},
  isLoopTurnSpent: () => false,
  onTurnOver() {},
  onClosed() {},
  onCut() {},
};
const host: ListenerHost = {
  admit: () => !isFull,
  onGone: (address) => gone.push(address),
  adopt(transport: Transport, openedMs = 0) {
    const router = { dispatch: () => DISPATCHED };
    const budget = new MemoryBudget(1024);
    const connection = new Connection(transport, router, owner, LIMITS, budget, openedMs);
    adopted.push(connection);
    return connection;
  },
  onDrained() {},
  onLate() {},
  onAcceptError(error) {
    throw error;
  },
};

beforeEach(async () => {
  system = new AcceptingSystem();
  isFull = false;
  adopted = [];
  gone = [];
  const clock = { monotonicMs: () => 0, wallMs: () => 0 };
  kind = new TcpListeners({ sockets: system, onUnreadable: () => {} }, clock, host);
  const address = { name: 'OUTER', host: '127.0.0.1', port: 0 };
  listener = await kind.open({ ...address, securityProtocol: 'PLAINTEXT' }, 10);
});

test('a listener is named by its name and its security protocol, and knows its port', () => {
  expect(listener).toMatchObject({ name: 'OUTER', securityProtocol: 'PLAINTEXT' });
  expect(listener.port).toBeGreaterThan(0);
});

test('a peer gets a connection with its first bytes, which names its listener and no user', () => {
  system.waiting = [PEER];
  system.receiver.onAcceptable(LISTENER);
  expect([kind.silentCount, adopted.length]).toEqual([1, 0]);
  system.receiver.onRead(PEER, 3);
  expect(kind.silentCount).toBe(0);
  const [connection] = adopted;
  expect(connection!.listenerName).toBe('OUTER');
  expect(connection!.clientAddress).toBe('10.0.0.1');
  expect(connection!.principal).toBe(ANONYMOUS);
});

test('a peer that the host does not admit is closed at once', () => {
  isFull = true;
  system.waiting = [PEER];
  system.receiver.onAcceptable(LISTENER);
  expect(kind.silentCount).toBe(0);
  expect(system.closed).toEqual([PEER]);
  expect(gone).toEqual([]);
});
