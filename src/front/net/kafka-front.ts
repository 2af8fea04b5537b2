import type { Clock } from '../../base/clock.ts';
import { every } from '../../base/every.ts';
import { logFailure } from '../../base/log-failure.ts';
import { type Logger, RateLimitedLog } from '../../base/logger.ts';
import type { SocketCalls } from '../../base/socket-calls.ts';
import { Admission, type AdmissionLimits } from './admission.ts';
import {
  Connection,
  type ConnectionLimits,
  type ConnectionOwner,
  type FrameRouter,
} from './connection.ts';
import type { FrameMemory } from './frame-memory.ts';
import { KafkaListener, type ListenerAddress, type ListenerOwner } from './kafka-listener.ts';
import { MemoryBudget } from './memory-budget.ts';
import { PacedQueue } from './paced-queue.ts';
import { SilentPeers, type SilentPeersOwner } from './silent-peers.ts';
import { type SocketUser, TcpSockets } from './tcp-sockets.ts';
import {
  type Doomed,
  type OnUnreadable,
  plainAddress,
  type TcpOwner,
  type TcpShare,
  TcpTransport,
} from './tcp-transport.ts';
import type { Transport } from './transport.ts';

export interface KafkaFrontLimits extends ConnectionLimits, AdmissionLimits {
  readonly backlog: number;
  readonly queuedBytesMax: number;
  readonly idleMsMax: number;
  /** A new connection must send its first byte within this time. */
  readonly firstByteMsMax: number;
  /** A frame must be whole within this time of its first byte. */
  readonly frameMsMax: number;
  /** A peer that owes us a read must read something within this time. */
  readonly unreadMsMax: number;
}

/** What the front takes from below it. */
export interface FrontSystem {
  readonly sockets: SocketCalls;
  readonly memory: FrameMemory;
  readonly onUnreadable: OnUnreadable;
}

const SWEEP_MS = 1000;
/** Of what it owes us, a peer must read this much within `unreadMsMax`: a byte a second is none. */
const PROGRESS_BYTES = 16 * 1024;
const LOG_INTERVAL_MS = 5000;
/** Of one turn of the event loop: for requests as they come in, then for what had to wait. */
const LOOP_TURN_MS = 1;
const CHEAP_LOOP_TURN_MS = 4;
const WAITING_TURN_MS = 0.5;
const FLUSH_TURN_MS = 1;
const FORGET_FLUSHED_AFTER = 1024;
const ACCEPT_TURN_MS = 0.25;
const CLOSE_TURN_MS = 1;
const SWEEP_TURN_MS = 2;
const STOP_MS_MAX = 5000;
const STOP_POLL_MS = 5;

/**
 * All Kafka connections of the broker, whatever carries them. What may come in floods (sockets
 * to accept and to close, pipelined requests) is done in shares of each turn of the event loop.
 */
export class KafkaFront implements ConnectionOwner, ListenerOwner, TcpOwner, SilentPeersOwner {
  readonly budget: MemoryBudget;
  readonly admission: Admission;
  readonly listeners: KafkaListener[] = [];
  /** Long polls end at once from here on. */
  stopping = false;
  readonly #router: FrameRouter;
  readonly #limits: KafkaFrontLimits;
  readonly #clock: Clock;
  readonly #log: RateLimitedLog;
  readonly #tcp: TcpShare;
  readonly #system: FrontSystem;
  readonly #closing: PacedQueue<Doomed>;
  readonly #waiting: PacedQueue<Connection>;
  /** Those of the waiting who cost little: they need not wait for the others. */
  readonly #cheap: PacedQueue<Connection>;
  readonly #connections = new Set<Connection>();
  readonly #silent: SilentPeers;
  readonly #sweeper: NodeJS.Timeout;
  /** Where a sweep that takes more than one turn goes on. */
  #swept: IterableIterator<Connection> | null = null;
  #withReplies: Connection[] = [];
  /** Those before it are flushed. */
  #flushed = 0;
  #flushing = false;
  readonly #onFlush = () => this.flush();
  #loopTurnStartedMs = -1;
  readonly #onLoopTurn = () => {
    this.#loopTurnStartedMs = -1;
  };
  #stalledOnRings = new Set<Connection>();
  /** Connections closed by us, by what they did wrong. */
  readonly cutCounts = new Map<string, number>();

  constructor(
    router: FrameRouter,
    limits: KafkaFrontLimits,
    clock: Clock,
    logger: Logger,
    system: FrontSystem,
  ) {
    this.#router = router;
    this.#limits = limits;
    this.#clock = clock;
    this.#log = new RateLimitedLog(logger, LOG_INTERVAL_MS);
    this.budget = new MemoryBudget(limits.queuedBytesMax);
    this.admission = new Admission(limits, clock.monotonicMs());
    this.#closing = new PacedQueue(CLOSE_TURN_MS, clock, (doomed) => doomed.close());
    this.#waiting = new PacedQueue(WAITING_TURN_MS, clock, (each) => each.nextTurn(this.#now()));
    this.#cheap = new PacedQueue(WAITING_TURN_MS, clock, (each) => each.nextTurn(this.#now()));
    const sockets = new TcpSockets(system.sockets);
    const { onUnreadable } = system;
    this.#tcp = { sockets, clock, onUnreadable, closing: this.#closing };
    this.#silent = new SilentPeers(this.#tcp, this);
    this.#system = system;
    const onFailure = logFailure(logger, 'looking for idle connections');
    this.#sweeper = every(SWEEP_MS, () => this.#startSweep(), onFailure);
    this.#sweeper.unref();
  }

  get connectionCount(): number {
    return this.#connections.size + this.#silent.size;
  }

  async listen(addresses: readonly ListenerAddress[]): Promise<void> {
    const { backlog } = this.#limits;
    for (const address of addresses) {
      this.listeners.push(await KafkaListener.open(address, backlog, this.#tcp.sockets, this));
    }
  }

  #now(): number {
    return this.#clock.monotonicMs();
  }

  onAcceptable(listener: KafkaListener): void {
    const untilMs = this.#now() + ACCEPT_TURN_MS;
    do {
      const socket = listener.accept();
      if (socket < 0) return;
      this.#admit(socket, listener.name);
    } while (this.#now() < untilMs);
  }

  onAcceptError(error: Error): void {
    this.#log.warn('accept', `cannot accept: ${error.message}`, this.#now());
  }

  #admit(socket: number, listenerName: string): void {
    const { sockets } = this.#tcp;
    const peer = sockets.peerOf(socket);
    // A peer that reset by now has no address.
    if (peer === null) {
      sockets.close(socket);
      return;
    }
    const address = plainAddress(peer[0]);
    const nowMs = this.#now();
    const refusal = this.admission.enter(address, nowMs);
    if (refusal !== '') {
      this.#log.warn('refused', `refused a connection from ${address}: ${refusal}`, nowMs);
      sockets.close(socket);
      return;
    }
    this.#silent.add(socket, address, listenerName);
  }

  onFirstBytes(socket: number, address: string, listener: string, cameMs: number): SocketUser {
    const port = this.#tcp.sockets.peerOf(socket)?.[1] ?? 0;
    const transport = new TcpTransport(socket, address, port, listener, this.#tcp, this);
    const connection = this.adopt(transport, cameMs);
    // Until now it owed us no read.
    connection.progressMs = this.#now();
    transport.serve(connection);
    return transport;
  }

  /**
   * Serves a peer that `admission` let in, and will be told of when it leaves. The transport calls
   * `onBytes` and `onClosed`.
   */
  adopt(transport: Transport, openedMs = this.#now()): Connection {
    const limits = this.#limits;
    const connection = new Connection(
      transport,
      this.#router,
      this,
      limits,
      this.budget,
      openedMs,
      this.#system.memory,
    );
    this.#connections.add(connection);
    return connection;
  }

  onDrained(connection: Connection): void {
    connection.resume(this.#now());
    this.flush();
  }

  onTurnOver(connection: Connection): void {
    if (connection.isCheap) this.#cheap.push(connection);
    else this.#waiting.push(connection);
  }

  isLoopTurnSpent(nowMs: number, isCheap: boolean): boolean {
    if (this.#loopTurnStartedMs < 0) {
      this.#loopTurnStartedMs = nowMs;
      setImmediate(this.#onLoopTurn);
    }
    return nowMs - this.#loopTurnStartedMs > (isCheap ? CHEAP_LOOP_TURN_MS : LOOP_TURN_MS);
  }

  onReplies(connection: Connection): void {
    this.#withReplies.push(connection);
    if (this.#withReplies.length > 1 || this.#flushing) return;
    // queueMicrotask makes an async resource each time, which costs several times as much.
    process.nextTick(this.#onFlush);
  }

  /** The connection has frames that a full ring refused: they are tried again as replies come. */
  retryWhenRingsHaveRoom(connection: Connection): void {
    this.#stalledOnRings.add(connection);
  }

  /** Writes all replies that are due. Runs after a drained batch of replies, or on its own. */
  flush(): void {
    if (this.#flushing) return;
    this.#flushing = true;
    const nowMs = this.#now();
    let doneMs = nowMs;
    while (this.#flushed < this.#withReplies.length) {
      const connection = this.#withReplies[this.#flushed++]!;
      connection.flush(nowMs);
      const startedMs = doneMs;
      doneMs = this.#now();
      connection.latestCostMs = doneMs - startedMs;
      if (doneMs - nowMs < FLUSH_TURN_MS) continue;
      setImmediate(this.#onFlush);
      break;
    }
    if (this.#flushed === this.#withReplies.length || this.#flushed > FORGET_FLUSHED_AFTER) {
      this.#withReplies.splice(0, this.#flushed);
      this.#flushed = 0;
    }
    this.#flushing = false;
  }

  /** The rings moved: goes on with what they had no room for. */
  resumeStalled(): void {
    if (this.#stalledOnRings.size === 0) return;
    const stalled = this.#stalledOnRings;
    this.#stalledOnRings = new Set();
    const nowMs = this.#now();
    for (const connection of stalled) {
      if (this.#now() - nowMs < WAITING_TURN_MS) connection.resume(nowMs);
      else this.#waiting.push(connection);
    }
  }

  onClosed(connection: Connection): void {
    if (!this.#connections.delete(connection)) return;
    this.#stalledOnRings.delete(connection);
  }

  onGone(address: string): void {
    this.admission.leave(address);
  }

  onCut({ transport: { remoteAddress, remotePort } }: Connection, reason: string): void {
    this.#tellCut(remoteAddress, remotePort, reason);
  }

  onLate(address: string, port: number, silentMs: number): void {
    const { firstByteMsMax, idleMsMax } = this.#limits;
    const isFirst = silentMs > firstByteMsMax;
    this.#tellCut(address, port, isFirst ? sentNothing(firstByteMsMax) : wasIdle(idleMsMax));
  }

  #tellCut(address: string, port: number, reason: string): void {
    const kind = reason.split(/[:;0-9]/, 1)[0]!;
    this.cutCounts.set(kind, (this.cutCounts.get(kind) ?? 0) + 1);
    this.#log.warn(kind, `closed ${address}:${port}: it ${reason}`, this.#now());
  }

  #cutSilent(): void {
    const { firstByteMsMax, idleMsMax } = this.#limits;
    const untilMs = this.#now() + SWEEP_TURN_MS;
    const isDone = this.#silent.endLate(Math.min(firstByteMsMax, idleMsMax), untilMs);
    if (!isDone) setImmediate(() => this.#cutSilent());
  }

  /** Cuts whoever sits on a connection without using it, or uses it too slowly to be honest. */
  #startSweep(): void {
    this.#cutSilent();
    if (this.#swept !== null) return;
    this.#swept = this.#connections.values();
    this.#sweep();
  }

  #sweep(): void {
    const nowMs = this.#now();
    for (;;) {
      const { value: connection } = this.#swept!.next();
      if (connection === undefined) break;
      const reason = this.#whyToCut(connection, nowMs);
      if (reason !== '') connection.cut(reason, isHalfway(connection) ? 'slow' : 'idle');
      if (this.#now() - nowMs < SWEEP_TURN_MS) continue;
      setImmediate(() => this.#sweep());
      return;
    }
    this.#swept = null;
  }

  #whyToCut(connection: Connection, nowMs: number): string {
    const limits = this.#limits;
    const silentMs = nowMs - connection.lastReadMs;
    const { transport } = connection;
    const taken = transport.takenBytes();
    const isWorthwhile = taken - connection.progressBytes >= PROGRESS_BYTES;
    if (isWorthwhile || transport.bufferedBytes() === 0) {
      connection.progressBytes = taken;
      connection.progressMs = nowMs;
    } else {
      const isStuck = nowMs - connection.progressMs > limits.unreadMsMax;
      return isStuck
        ? `does not read: under ${PROGRESS_BYTES} bytes in ${limits.unreadMsMax} ms`
        : '';
    }
    if (connection.unfinishedSinceMs >= 0 && !connection.isStalled) {
      const frameMs = nowMs - connection.unfinishedSinceMs;
      if (frameMs > limits.frameMsMax) return `took over ${limits.frameMsMax} ms for one frame`;
    }
    if (connection.requestCount === 0 && nowMs - connection.openedMs > limits.firstByteMsMax) {
      return sentNothing(limits.firstByteMsMax);
    }
    const isIdle = connection.pendingCount === 0 && silentMs > limits.idleMsMax;
    return isIdle ? wasIdle(limits.idleMsMax) : '';
  }

  /**
   * No new connections, no new requests; what is on its way to an answer gets it, within a limit
   * that a parked fetch does not use up: those are answered with what there is.
   */
  async stop(): Promise<void> {
    for (const listener of this.listeners) listener.close();
    this.stopping = true;
    this.#silent.endAll();
    for (const connection of this.#connections) connection.stopReading();
    const endMs = this.#now() + STOP_MS_MAX;
    while (this.#now() < endMs && this.#isBusy()) {
      await new Promise((resolve) => setTimeout(resolve, STOP_POLL_MS));
      this.flush();
    }
    this.close();
  }

  #isBusy(): boolean {
    for (const connection of this.#connections) {
      if (connection.pendingCount > 0 || connection.transport.bufferedBytes() > 0) return true;
    }
    return false;
  }

  /** Ends what is left; replies that are due have been flushed. */
  close(): void {
    clearInterval(this.#sweeper);
    for (const connection of [...this.#connections]) {
      connection.transport.destroy('stopping', 'the broker stops');
      connection.onClosed();
    }
    this.#tcp.sockets.end();
  }
}

function sentNothing(ms: number): string {
  return `sent no request within ${ms} ms`;
}

function wasIdle(ms: number): string {
  return `was idle for ${ms} ms`;
}

/** It has not taken an answer, or not sent a whole request. */
function isHalfway({ transport, unfinishedSinceMs }: Connection): boolean {
  return transport.bufferedBytes() > 0 || unfinishedSinceMs >= 0;
}
