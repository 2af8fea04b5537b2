import { READABLE, type SocketUser } from './tcp-sockets.ts';
import type { TcpShare } from './tcp-transport.ts';

export interface SilentPeersOwner {
  /** Answers with the user that takes the socket over; it is told of the bytes. */
  onFirstBytes(socket: number, address: string, listenerName: string, cameMs: number): SocketUser;
  onLate(address: string, port: number, silentMs: number): void;
  /** The descriptor is free again. */
  onGone(address: string): void;
}

type SilentPeersShare = Pick<TcpShare, 'sockets' | 'clock' | 'closing'>;

/**
 * Peers that have connected and sent nothing so far. Each is a few numbers and no object: thousands
 * may come at once and never send anything, and the collector would move their objects while
 * others wait.
 */
export class SilentPeers implements SocketUser {
  readonly #share: SilentPeersShare;
  readonly #owner: SilentPeersOwner;
  /** When each socket was accepted, in whole milliseconds; the longest silent comes first. */
  readonly #cameMs = new Map<number, number>();
  /** The addresses of open sockets, by their numbers. */
  readonly #addresses: string[] = [];
  readonly #listenerNames: string[] = [];

  constructor(share: SilentPeersShare, owner: SilentPeersOwner) {
    this.#share = share;
    this.#owner = owner;
  }

  get size(): number {
    return this.#cameMs.size;
  }

  add(socket: number, address: string, listenerName: string): void {
    const { sockets, clock } = this.#share;
    this.#addresses[socket] = address;
    this.#listenerNames[socket] = listenerName;
    this.#cameMs.set(socket, Math.floor(clock.monotonicMs()));
    sockets.use(socket, this);
    if (sockets.awaitEvents(socket, READABLE) < 0) this.#end(socket);
  }

  onRead(socket: number, outcome: number): void {
    if (outcome <= 0) {
      this.#end(socket);
      return;
    }
    const cameMs = this.#cameMs.get(socket)!;
    this.#cameMs.delete(socket);
    const address = this.#addresses[socket]!;
    const user = this.#owner.onFirstBytes(socket, address, this.#listenerNames[socket]!, cameMs);
    user.onRead(socket, outcome);
  }

  onWritable(): void {
    throw new Error('a peer that has sent nothing is owed nothing');
  }

  /** Ends those that were silent for too long; false when `untilMs` came before it was done. */
  endLate(silentMsMax: number, untilMs: number): boolean {
    const { sockets, clock } = this.#share;
    const nowMs = clock.monotonicMs();
    for (const [socket, cameMs] of this.#cameMs) {
      if (nowMs - cameMs <= silentMsMax) return true;
      const port = sockets.peerOf(socket)?.[1] ?? 0;
      this.#owner.onLate(this.#addresses[socket]!, port, nowMs - cameMs);
      this.#end(socket);
      if (clock.monotonicMs() >= untilMs) return false;
    }
    return true;
  }

  endAll(): void {
    for (const socket of this.#cameMs.keys()) this.#end(socket);
  }

  /** To close is a slow system call, and many may end at once: the queue does it. */
  #end(socket: number): void {
    if (!this.#cameMs.delete(socket)) return;
    const { sockets, closing } = this.#share;
    sockets.awaitEvents(socket, 0);
    closing.push({ close: () => this.#close(socket) });
  }

  #close(socket: number): void {
    this.#share.sockets.close(socket);
    this.#owner.onGone(this.#addresses[socket]!);
  }
}
