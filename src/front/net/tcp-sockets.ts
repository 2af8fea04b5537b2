import { constants } from 'node:os';
import type { SocketCalls, SocketReceiver } from '../../base/socket-calls.ts';
import { READ_BYTES_MAX, TurnMemory } from '../../base/turn-memory.ts';

/** Events for `awaitEvents`; they can be combined. */
export const READABLE = 1;
export const WRITABLE = 2;

/** Hears the events of one connection. */
export interface SocketUser {
  onRead(socket: number, outcome: number): void;
  onWritable(socket: number): void;
}

/** Hears that peers wait at a listener. */
export interface ListenerUser {
  onAcceptable(): void;
}

/** Limits the unsent bytes of a socket in the kernel, which takes megabytes for slow readers. */
const UNSENT_BYTES_MAX = 512 * 1024;

/** The sockets of one front. The bytes of a read are handled before the next read. */
export class TcpSockets implements SocketReceiver {
  /** Every connection reads into this, so sockets need no memory of their own. */
  readonly memory: TurnMemory;
  readonly #calls: SocketCalls;
  readonly #poller: object;
  readonly #users: (SocketUser | null)[] = [];
  readonly #listeners = new Map<number, ListenerUser>();
  #isEnded = false;

  constructor(calls: SocketCalls, memory = new TurnMemory()) {
    this.#calls = calls;
    this.memory = memory;
    this.#poller = calls.createPoller(memory.bytes, this, memory.next, READ_BYTES_MAX);
  }

  onRead(socket: number, outcome: number): void {
    this.#users[socket]!.onRead(socket, outcome);
  }

  onWritable(socket: number): void {
    this.#users[socket]!.onWritable(socket);
  }

  onAcceptable(listener: number): void {
    this.#listeners.get(listener)!.onAcceptable();
  }

  /** A listener over the port that `fd` is bound to; below 0, an errno. */
  adoptListener(fd: number, user: ListenerUser): number {
    const listener = this.#calls.adoptListener(this.#poller, fd, UNSENT_BYTES_MAX);
    if (listener >= 0) this.#listeners.set(listener, user);
    return listener;
  }

  /** A newcomer that is not read before `use`; below 0, an errno. */
  accept(listener: number): number {
    return this.#calls.accept(this.#poller, listener);
  }

  /** It is no newcomer any more, and is served like all. 0, or a negative errno. */
  establish(socket: number): number {
    return this.#calls.establish(this.#poller, socket);
  }

  use(socket: number, user: SocketUser): void {
    this.#users[socket] = user;
  }

  peerOf(socket: number): [address: string, port: number] | null {
    return this.#calls.peerOf(this.#poller, socket);
  }

  localOf(socket: number): [address: string, port: number] | null {
    return this.#calls.localOf(this.#poller, socket);
  }

  /** 0, or a negative errno. */
  awaitEvents(socket: number, events: number): number {
    return this.#calls.awaitEvents(this.#poller, socket, events);
  }

  send(socket: number, chunks: readonly Buffer[]): number {
    return this.#calls.send(this.#poller, socket, chunks);
  }

  close(socket: number): void {
    if (this.#isEnded) return;
    this.#users[socket] = null;
    this.#calls.closeSocket(this.#poller, socket);
  }

  closeListener(listener: number): void {
    if (this.#isEnded) return;
    this.#listeners.delete(listener);
    this.#calls.closeSocket(this.#poller, listener);
  }

  /** Closes all sockets that are left. */
  end(): void {
    this.#isEnded = true;
    this.#calls.closePoller(this.#poller);
  }
}

/** Whether the errno of `accept` only says that no peer waits, or that this one has gone. */
export function isNobodyThere(errno: number): boolean {
  const { EAGAIN, EWOULDBLOCK, ECONNABORTED } = constants.errno;
  return errno === EAGAIN || errno === EWOULDBLOCK || errno === ECONNABORTED;
}
