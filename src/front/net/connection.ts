import type { Asker } from '../../security/acl/asker.ts';
import type { SaslOutcome, SaslSession } from '../../security/sasl/sasl-session.ts';
import type { Call } from './call.ts';
import type { FrameMemory } from './frame-memory.ts';
import { FED_ALL, FED_BAD_LENGTH, Framer } from './framer.ts';
import type { MemoryBudget } from './memory-budget.ts';
import { ANONYMOUS, type Principal } from './principal.ts';
import type { CutKind, Transport } from './transport.ts';

/** What the router did with a frame: it took it. */
export const DISPATCHED = 0;
/** It refused it for now: earlier requests of the connection must end first, or a ring is full. */
export const DISPATCH_LATER = 1;

export interface FrameRouter {
  dispatch(connection: Connection, bytes: Buffer, start: number, end: number): number;
}

/** A peer that pipelines is served for this long, then the other peers are. */
const TURN_MS = 0.5;

/** The longest time that a timer takes. */
const MUTE_MS_MAX = 2 ** 31 - 1;

const NO_BYTES = Buffer.alloc(0);
/** A read of at most this size holds the few requests of a peer that waits for their answers. */
const SMALL_BYTES = 8 * 1024;
const CHEAP_MS = 0.25;

/** Hears what happens to its connections. */
export interface ConnectionOwner {
  /** It has replies to write: call `flush` when the present batch of events is over. */
  onReplies(connection: Connection): void;
  /** Whether requests have had their share of this turn of the event loop. Cheap peers get more. */
  isLoopTurnSpent(nowMs: number, isCheap: boolean): boolean;
  /** It has had its share of the thread: call `nextTurn` when the others had theirs. */
  onTurnOver(connection: Connection): void;
  onClosed(connection: Connection): void;
  onCut(connection: Connection, reason: string): void;
}

export interface ConnectionLimits {
  readonly frameBytesMax: number;
  /** A peer that leaves this much unread is served no further request until it reads. */
  readonly unreadBytesMax: number;
  /** Unanswered requests of one connection. Further ones wait in its socket. */
  readonly inFlightMax: number;
}

/**
 * One client: frames in, replies out, in request order. Requests that may not overlap, and frames
 * that find a ring full, stay in the backlog. The socket is paused meanwhile, so that what the
 * peer sends next waits on its side and not in the broker's memory.
 */
export class Connection {
  readonly transport: Transport;
  /** Changes when the client authenticates. */
  principal: Principal;
  /** The principal as the authorizer knows it, once it was asked. */
  asker: Asker | null = null;
  /** How far the client has authenticated; null where nobody does. */
  sasl: SaslSession | null = null;
  readonly openedMs: number;
  readonly framer: Framer;
  /** The monotonic times are for the sweep that cuts idle, slow and stuck peers. */
  lastReadMs: number;
  /** When the peer had last read a worthwhile part of what was sent, and how much that was. */
  progressMs: number;
  progressBytes = 0;
  unfinishedSinceMs = -1;
  requestCount = 0;
  /** How long its latest turn or answers took. A new connection counts as expensive. */
  latestCostMs = Number.POSITIVE_INFINITY;
  closed = false;
  readonly #router: FrameRouter;
  readonly #owner: ConnectionOwner;
  readonly #limits: ConnectionLimits;
  readonly #budget: MemoryBudget;
  /** Requests in order. Those before `#head` are answered and written. */
  #calls: Call[] = [];
  #head = 0;
  #undoneCount = 0;
  #backlog: Buffer | null = null;
  #chargedBytes = 0;
  #feeding = false;
  #announced = false;
  #stopped = false;
  #turnStartedMs = 0;
  #turnIsOver = false;
  /** Runs while its client has to pause. */
  #muted: NodeJS.Timeout | null = null;
  /** Why it ends as soon as its replies are sent; '' where it goes on. */
  #endReason = '';

  constructor(
    transport: Transport,
    router: FrameRouter,
    owner: ConnectionOwner,
    limits: ConnectionLimits,
    budget: MemoryBudget,
    openedMs: number,
    memory?: FrameMemory,
    principal: Principal = ANONYMOUS,
  ) {
    this.transport = transport;
    this.principal = principal;
    this.#router = router;
    this.#owner = owner;
    this.#limits = limits;
    this.#budget = budget;
    this.openedMs = openedMs;
    this.lastReadMs = openedMs;
    this.progressMs = openedMs;
    const dispatch = (bytes: Buffer, start: number, end: number): boolean =>
      this.#dispatch(bytes, start, end);
    this.framer = new Framer(limits.frameBytesMax, dispatch, memory);
  }

  get isCheap(): boolean {
    return this.latestCostMs < CHEAP_MS;
  }

  get listenerName(): string {
    return this.transport.listenerName;
  }

  get clientAddress(): string {
    return this.transport.remoteAddress;
  }

  get pendingCount(): number {
    return this.#calls.length - this.#head;
  }

  /** The newest request, or null when all are answered. */
  newestPending(): Call | null {
    return this.#undoneCount === 0 ? null : this.#calls[this.#calls.length - 1]!;
  }

  get isStalled(): boolean {
    return this.#backlog !== null;
  }

  /** Bytes came in. The chunk is valid only until this returns. */
  onBytes(chunk: Buffer, start: number, end: number, nowMs: number): void {
    if (this.closed) return;
    this.lastReadMs = nowMs;
    if (this.#backlog !== null) {
      this.#stall(Buffer.concat([this.#backlog, chunk.subarray(start, end)]));
      return;
    }
    const isSmall = end - start <= SMALL_BYTES && this.framer.gatheredBytes === 0;
    const isTurnSpent = this.#owner.isLoopTurnSpent(nowMs, isSmall && this.isCheap);
    if (!isTurnSpent) this.#turnStartedMs = nowMs;
    if (!isTurnSpent || this.framer.gathersOn(end - start)) {
      this.#feed(chunk, start, end, nowMs, false);
      if (!isTurnSpent || this.closed) return;
      this.#stall(NO_BYTES);
    } else {
      this.#stall(Buffer.from(chunk.subarray(start, end)));
    }
    this.#endTurn();
  }

  #feed(chunk: Buffer, start: number, end: number, nowMs: number, isOurs: boolean): void {
    this.#feeding = true;
    const stoppedAt = this.framer.feed(chunk, start, end);
    this.#feeding = false;
    if (this.closed) {
      this.framer.drop();
      return;
    }
    if (stoppedAt === FED_BAD_LENGTH) {
      const max = this.framer.frameBytesMax;
      this.cut(`sent a frame length of ${this.framer.badLength}; 0 to ${max} is allowed`);
      return;
    }
    if (stoppedAt !== FED_ALL) {
      const rest = chunk.subarray(stoppedAt, end);
      this.#stall(isOurs ? rest : Buffer.from(rest));
    }
    if (this.framer.gatheredBytes === 0) this.unfinishedSinceMs = -1;
    else if (this.unfinishedSinceMs < 0) this.unfinishedSinceMs = nowMs;
    this.#charge();
  }

  #dispatch(bytes: Buffer, start: number, end: number): boolean {
    if (this.closed || this.#endReason !== '') return true;
    if (this.#turnIsOver || this.#muted !== null) return false;
    if (this.transport.bufferedBytes() > this.#limits.unreadBytesMax) return false;
    if (this.pendingCount >= this.#limits.inFlightMax) return false;
    if (this.#router.dispatch(this, bytes, start, end) !== DISPATCHED) return false;
    this.unfinishedSinceMs = -1;
    return true;
  }

  #stall(backlog: Buffer): void {
    this.#backlog = backlog;
    this.transport.pause();
    this.#charge();
  }

  /** Tells the budget what this connection holds. Over the budget, the socket is paused. */
  #charge(): void {
    const held = this.framer.heldBytes + (this.#backlog === null ? 0 : this.#backlog.length);
    // A connection that waits for the budget and holds the same bytes may still become the one
    // that may go over it.
    if (held === this.#chargedBytes && !this.#budget.isWaiting(this)) return;
    this.#budget.charge(held - this.#chargedBytes);
    this.#chargedBytes = held;
    if (held === 0) this.#budget.letPass(this);
    else if (this.#budget.isExhausted) this.#budget.pauseUntilFree(this);
  }

  /** Tries a refused frame again: a request ended, a ring has room, or the peer has read. */
  resume(nowMs: number): void {
    this.#turnStartedMs = nowMs;
    this.#goOn(nowMs);
  }

  #goOn(nowMs: number): void {
    const backlog = this.#backlog;
    if (this.closed || this.#stopped || this.#feeding) return;
    // Its replies may have left later than they were written: a socket of Node takes its time.
    if (this.#endReason !== '' && this.#endIfSent()) return;
    if (this.#turnIsOver || backlog === null) return;
    this.#backlog = null;
    this.#feed(backlog, 0, backlog.length, nowMs, true);
    if (this.#backlog !== null || this.closed || this.#budget.isWaiting(this)) return;
    this.transport.resume();
  }

  accept(call: Call): void {
    this.requestCount++;
    this.#undoneCount++;
    this.#calls.push(call);
    if (call.startedMs - this.#turnStartedMs > TURN_MS) this.#useUpTurn();
  }

  #useUpTurn(): void {
    this.latestCostMs = TURN_MS;
    this.#endTurn();
  }

  #endTurn(): void {
    if (this.#turnIsOver) return;
    this.#turnIsOver = true;
    this.#owner.onTurnOver(this);
  }

  nextTurn(nowMs: number): void {
    this.#turnIsOver = false;
    this.resume(nowMs);
  }

  /** The client used more than its quota allows: its further requests wait for so long. */
  mute(ms: number): void {
    if (this.closed) return;
    if (this.#muted !== null) clearTimeout(this.#muted);
    const end = () => {
      this.#muted = null;
      this.#endTurn();
    };
    this.#muted = setTimeout(end, Math.min(ms, MUTE_MS_MAX));
  }

  /** One of the calls is done. It need not be the oldest. */
  onCallDone(): void {
    this.#undoneCount--;
    if (this.#announced || this.closed) return;
    this.#announced = true;
    this.#owner.onReplies(this);
  }

  /** Writes the replies that are due, oldest first, in one call. Then feeds the backlog. */
  flush(nowMs: number): void {
    this.#announced = false;
    if (this.closed) return;
    const chunks: Buffer[] = [];
    while (this.#head < this.#calls.length && this.#calls[this.#head]!.done) {
      const call = this.#calls[this.#head++]!;
      for (let i = 0; i < call.chunks.length; i++) chunks.push(call.chunks[i]!);
    }
    if (this.#head === this.#calls.length) {
      // Setting the length of an array is dear.
      while (this.#calls.length > 0) this.#calls.pop();
      this.#head = 0;
    } else if (this.#head > 64) {
      this.#calls.splice(0, this.#head);
      this.#head = 0;
    }
    if (chunks.length > 0) this.transport.write(chunks);
    if (this.#endReason !== '' && this.#endIfSent()) return;
    if (this.#backlog === null) return;
    // Requests that are answered at once count to the same turn, or a long backlog would hold up
    // all other peers.
    if (nowMs - this.#turnStartedMs > TURN_MS) this.#useUpTurn();
    else this.#goOn(nowMs);
  }

  /** The client must authenticate before anything else, with small requests. */
  guard(session: SaslSession): void {
    this.sasl = session;
    this.framer.frameBytesMax = session.limits.receiveBytesMax;
  }

  /** Takes one token of the client's mechanism. */
  async authenticate(token: Buffer): Promise<SaslOutcome> {
    const outcome = await this.sasl!.answer(token);
    if (outcome.kind === 'done') {
      this.principal = { type: 'User', name: this.sasl!.user };
      this.asker = null;
      this.framer.frameBytesMax = this.#limits.frameBytesMax;
      this.transport.establish?.();
    }
    return outcome;
  }

  /** False where an authenticated client need not and may not authenticate again. */
  authenticateAgain(): boolean {
    const session = this.sasl!;
    if (!session.restart()) return false;
    this.guard(session);
    return true;
  }

  /** Ends it once its replies are sent. Requests that come in until then are dropped. */
  endAfterReplies(reason: string): void {
    this.#endReason = reason;
    this.#endIfSent();
  }

  #endIfSent(): boolean {
    if (this.#calls.length > 0 || this.transport.bufferedBytes() > 0) return false;
    this.cut(this.#endReason);
    return true;
  }

  /** The broker stops: no further request is started, and long polls end with what they have. */
  stopReading(): void {
    this.#stopped = true;
    this.transport.pause();
    for (let i = this.#head; i < this.#calls.length; i++) {
      const call = this.#calls[i]!;
      if (!call.done) call.onHurried?.();
    }
  }

  /** The transport is gone. */
  onClosed(): void {
    if (this.closed) return;
    this.closed = true;
    if (this.#muted !== null) clearTimeout(this.#muted);
    for (let i = this.#head; i < this.#calls.length; i++) {
      const call = this.#calls[i]!;
      if (!call.done) call.onAbandoned?.();
    }
    this.#calls = [];
    this.#head = 0;
    this.#budget.charge(-this.#chargedBytes);
    this.#chargedBytes = 0;
    this.#backlog = null;
    if (!this.#feeding) this.framer.drop();
    this.#budget.letPass(this);
    this.#owner.onClosed(this);
  }

  /** Closes a connection that broke a rule, or that cannot be served. */
  cut(reason: string, kind: CutKind = 'protocol'): void {
    if (this.closed) return;
    this.#owner.onCut(this, reason);
    this.transport.destroy(kind, reason);
    this.onClosed();
  }
}
