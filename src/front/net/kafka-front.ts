import { assert } from '../../base/assert.ts';
import type { Clock } from '../../base/clock.ts';
import { every } from '../../base/every.ts';
import { logFailure } from '../../base/log-failure.ts';
import { type Logger, RateLimitedLog } from '../../base/logger.ts';
import type { SecurityProtocol } from '../../metadata/config/listeners.ts';
import type { ConnectionRates } from '../../security/quotas/connection-rates.ts';
import type { SaslListener } from '../../security/sasl/sasl-listener.ts';
import { Admission, type AdmissionLimits } from './admission.ts';
import {
  Connection,
  type ConnectionLimits,
  type ConnectionOwner,
  type FrameRouter,
} from './connection.ts';
import type { FrameMemory } from './frame-memory.ts';
import type { Listener, ListenerAddress, ListenerHost, ListenerKind } from './listener.ts';
import { listenerKinds, type SocketSystem } from './listener-kinds.ts';
import { MemoryBudget } from './memory-budget.ts';
import { PacedQueue } from './paced-queue.ts';
import { ANONYMOUS } from './principal.ts';
import type { Transport } from './transport.ts';

export interface KafkaFrontLimits extends ConnectionLimits, AdmissionLimits {
  readonly backlog: number;
  readonly queuedBytesMax: number;
  readonly idleMsMax: number;
  /** A new connection must send its first byte within this time. */
  readonly firstByteMsMax: number;
  /** A frame must be whole within this time of its first byte. */
  readonly frameMsMax: number;
  /** A peer that has unread replies must read something within this time. */
  readonly unreadMsMax: number;
}

/** What the front needs of the system. */
export interface FrontSystem extends SocketSystem {
  readonly memory: FrameMemory;
  /** What the listeners ask whose clients authenticate, by their names. */
  readonly sasl?: ReadonlyMap<string, SaslListener>;
  readonly connectionRates?: ConnectionRates;
}

const SWEEP_MS = 1000;
/** A peer must read this much of what was sent to it within `unreadMsMax`. */
const PROGRESS_BYTES = 16 * 1024;
const LOG_INTERVAL_MS = 5000;
/** Shares of one turn of the event loop: for requests that come in, then for those that waited. */
const LOOP_TURN_MS = 1;
const CHEAP_LOOP_TURN_MS = 4;
const WAITING_TURN_MS = 0.5;
const FLUSH_TURN_MS = 1;
const FORGET_FLUSHED_AFTER = 1024;
const SWEEP_TURN_MS = 2;
const STOP_MS_MAX = 5000;
const STOP_POLL_MS = 5;

/**
 * All Kafka connections of the broker, over any transport. Requests and replies may come in floods,
 * so each turn of the event loop does only a share of them.
 */
export class KafkaFront implements ConnectionOwner, ListenerHost {
  readonly budget: MemoryBudget;
  readonly admission: Admission;
  readonly listeners: Listener[] = [];
  /** True from the start of the stop. Long polls then answer at once. */
  stopping = false;
  readonly #router: FrameRouter;
  readonly #limits: KafkaFrontLimits;
  readonly #clock: Clock;
  readonly #log: RateLimitedLog;
  readonly #memory: FrameMemory;
  readonly #sasl: ReadonlyMap<string, SaslListener>;
  readonly #kindOf: ReadonlyMap<SecurityProtocol, ListenerKind>;
  readonly #kinds: ReadonlySet<ListenerKind>;
  readonly #waiting: PacedQueue<Connection>;
  /** Waiting connections that cost little: they do not wait for the expensive ones. */
  readonly #cheap: PacedQueue<Connection>;
  readonly #connections = new Set<Connection>();
  readonly #sweeper: NodeJS.Timeout;
  /** Where a sweep goes on that takes more than one turn. */
  #swept: IterableIterator<Connection> | null = null;
  #withReplies: Connection[] = [];
  /** The connections of `#withReplies` before this index are flushed. */
  #flushed = 0;
  #flushing = false;
  readonly #onFlush = () => this.flush();
  #loopTurnStartedMs = -1;
  readonly #onLoopTurn = () => {
    this.#loopTurnStartedMs = -1;
  };
  #stalledOnRings = new Set<Connection>();
  /** Connections that the broker closed, by what they did wrong. */
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
    this.admission = new Admission(limits, clock.monotonicMs(), system.connectionRates);
    this.#waiting = new PacedQueue(WAITING_TURN_MS, clock, (each) => each.nextTurn(this.#now()));
    this.#cheap = new PacedQueue(WAITING_TURN_MS, clock, (each) => each.nextTurn(this.#now()));
    this.#memory = system.memory;
    this.#sasl = system.sasl ?? new Map();
    this.#kindOf = listenerKinds(system, logger, clock, this);
    this.#kinds = new Set(this.#kindOf.values());
    const onFailure = logFailure(logger, 'looking for idle connections');
    this.#sweeper = every(SWEEP_MS, () => this.#startSweep(), onFailure);
    this.#sweeper.unref();
  }

  get connectionCount(): number {
    let count = this.#connections.size;
    for (const kind of this.#kinds) count += kind.silentCount;
    return count;
  }

  async listen(addresses: readonly ListenerAddress[]): Promise<void> {
    const { backlog } = this.#limits;
    for (const address of addresses) {
      const kind = this.#kindOf.get(address.securityProtocol);
      assert(kind !== undefined, `nothing serves ${address.securityProtocol}`);
      this.listeners.push(await kind.open(address, backlog));
    }
  }

  #now(): number {
    return this.#clock.monotonicMs();
  }

  onAcceptError(error: Error): void {
    this.#log.warn('accept', `cannot accept: ${error.message}`, this.#now());
  }

  admit(address: string): boolean {
    const nowMs = this.#now();
    const refusal = this.admission.enter(address, nowMs);
    if (refusal === '') return true;
    this.#log.warn('refused', `refused a connection from ${address}: ${refusal}`, nowMs);
    return false;
  }

  /**
   * Serves a peer that `admission` let in; whoever let it in says when it leaves. The transport
   * calls `onBytes` and `onClosed`.
   */
  adopt(transport: Transport, openedMs = this.#now(), principal = ANONYMOUS): Connection {
    const limits = this.#limits;
    const connection = new Connection(
      transport,
      this.#router,
      this,
      limits,
      this.budget,
      openedMs,
      this.#memory,
      principal,
    );
    const sasl = this.#sasl.get(transport.listenerName);
    if (sasl !== undefined && principal === ANONYMOUS) connection.guard(sasl.open());
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
    // nextTick: queueMicrotask makes an async resource each time, at several times the cost.
    process.nextTick(this.#onFlush);
  }

  /** A full ring refused frames of the connection. They are tried again when replies come. */
  retryWhenRingsHaveRoom(connection: Connection): void {
    this.#stalledOnRings.add(connection);
  }

  /** Writes the replies that are due. Runs after a drained batch, or in a turn of its own. */
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
    if (this.#flushed === this.#withReplies.length) {
      while (this.#withReplies.length > 0) this.#withReplies.pop();
      this.#flushed = 0;
    } else if (this.#flushed > FORGET_FLUSHED_AFTER) {
      this.#withReplies.splice(0, this.#flushed);
      this.#flushed = 0;
    }
    this.#flushing = false;
  }

  /** The rings have room again: serves the requests that waited for it. */
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

  /** The users' credentials are gone: the next request of their connections ends them. */
  revoke(user: string, mechanism: string): void {
    for (const { sasl } of this.#connections) {
      if (sasl !== null && sasl.user === user && sasl.mechanism === mechanism) sasl.revoke();
    }
  }

  /** The same for those that authenticated with a delegation token. */
  revokeToken(id: string): void {
    for (const { sasl } of this.#connections) if (sasl?.tokenId === id) sasl.revoke();
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
    for (const kind of this.#kinds) {
      if (kind.endSilent(Math.min(firstByteMsMax, idleMsMax), untilMs)) continue;
      setImmediate(() => this.#cutSilent());
      return;
    }
  }

  /** Cuts connections that are unused, or used so slowly that they only hold resources. */
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
    const { sasl } = connection;
    if (sasl !== null && !sasl.isDone && nowMs - sasl.startedMs > sasl.limits.timeoutMs) {
      return `did not authenticate within ${sasl.limits.timeoutMs} ms`;
    }
    const isIdle = connection.pendingCount === 0 && silentMs > limits.idleMsMax;
    return isIdle ? wasIdle(limits.idleMsMax) : '';
  }

  /**
   * Accepts no more connections and no more requests. Requests that are being served are answered,
   * within a time limit; parked fetches are answered at once with what they have.
   */
  async stop(): Promise<void> {
    for (const listener of this.listeners) listener.close();
    this.stopping = true;
    for (const kind of this.#kinds) kind.endAllSilent();
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

  /** Closes the connections that are left. Replies that were due have been flushed. */
  close(): void {
    clearInterval(this.#sweeper);
    for (const connection of [...this.#connections]) {
      connection.transport.destroy('stopping', 'the broker stops');
      connection.onClosed();
    }
    for (const kind of this.#kinds) kind.end();
  }
}

function sentNothing(ms: number): string {
  return `sent no request within ${ms} ms`;
}

function wasIdle(ms: number): string {
  return `was idle for ${ms} ms`;
}

/** Whether it has not read an answer, or not sent a whole request. */
function isHalfway({ transport, unfinishedSinceMs }: Connection): boolean {
  return transport.bufferedBytes() > 0 || unfinishedSinceMs >= 0;
}
