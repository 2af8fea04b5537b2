import { MessageChannel } from 'node:worker_threads';
import { removeInBackground } from '../base/background-disk.ts';
import { systemClock } from '../base/clock.ts';
import { MillraceError } from '../base/errors.ts';
import { failPoint } from '../base/fail-point.ts';
import type { Logger } from '../base/logger.ts';
import { NO_GUARD } from '../base/no-guard.ts';
import type { TurnMemory } from '../base/turn-memory.ts';
import { FrontProxy } from '../exchange/front-proxy.ts';
import { Inbox } from '../exchange/inbox.ts';
import { Outbox } from '../exchange/outbox.ts';
import { WorkerAdapter } from '../exchange/worker-adapter.ts';
import { type DirectAppends, WorkerProxy } from '../exchange/worker-proxy.ts';
import type { WorkerLink } from '../front/partitions/workers.ts';
import { installStorage, storage } from '../log/storage.ts';
import { createParkingMemory, Parking } from '../ring/parking.ts';
import { createRingMemory } from '../ring/ring-layout.ts';
import { assembleWorker } from '../worker/assemble-worker.ts';
import { SLEEP_MAX_MS } from '../worker/duty-cycle.ts';
import type { PartitionWorker } from '../worker/partition-worker.ts';
import type { CrewOptions, WorkerCrew } from './worker-crew.ts';

/** The rings are drained at the end of each turn of the event loop, so they stay small. */
const COMMAND_RING_BYTES = 8 * 1024 * 1024;
const REPLY_RING_BYTES = 512 * 1024;
/** Commands between two looks at the clock, and the time between two looks at the sockets. */
const STRIDE_COMMANDS = 4;
const TURN_MS = 1;
/** Appends of one turn that go past the command ring. Their replies must find room in theirs. */
const DIRECT_APPENDS_MAX = 1024;

/**
 * The one worker of a broker with `num.io.threads=0`. It runs in the front's thread, at the end of
 * a turn of the event loop. With one or two processors the wakes between two threads cost more than
 * the threads gain. Appends are made at once, where their records lie, unless commands wait in the
 * ring, which they must not pass. Their outcomes are told at the end of the turn, like all others.
 */
export class ResidentWorker implements WorkerCrew, DirectAppends {
  readonly links: readonly WorkerLink[];
  /** Unused: there is no other thread that could wake the front. */
  readonly frontParking = new Parking(createParkingMemory());
  readonly #worker: PartitionWorker;
  readonly #adapter: WorkerAdapter;
  readonly #front: FrontProxy;
  readonly #commands: Inbox;
  readonly #memory: TurnMemory;
  readonly #onDeath: (error: Error) => void;
  readonly #ended: Promise<void>;
  readonly #end: () => void;
  #isRecovered: boolean;
  /** It threw. Its partitions are in an unknown state, so it acknowledges nothing any more. */
  #isDead = false;
  /** It is in the middle of a command. */
  #isHandling = false;
  #directAppends = 0;
  #timer: NodeJS.Timeout | null = null;
  #timerDueMs = 0;

  constructor(options: CrewOptions, logger: Logger) {
    const commandRing = createRingMemory(COMMAND_RING_BYTES);
    const replyRing = createRingMemory(REPLY_RING_BYTES);
    const { port1, port2 } = new MessageChannel();
    const front = new FrontProxy(new Outbox(replyRing, port2), options.onReplies);
    const proxy = new WorkerProxy(new Outbox(commandRing, port1), () => this.#turn(), this);
    this.#front = front;
    this.#commands = new Inbox(commandRing, port2);
    this.links = [{ proxy, inbox: new Inbox(replyRing, port1) }];
    installStorage({ ...storage, removeLater: (path) => removeInBackground(path, logger) });
    const topics = options.places[0]!;
    this.#worker = assembleWorker({ ...options.shared, topics }, front, logger);
    this.#adapter = new WorkerAdapter(this.#commands, this.#worker);
    this.#memory = options.turnMemory;
    this.#onDeath = options.onDeath;
    this.#isRecovered = options.shared.wasClean;
    let end = (): void => {};
    this.#ended = new Promise((resolve) => {
      end = resolve;
    });
    this.#end = () => {
      port1.close();
      end();
    };
  }

  append(
    slot: number,
    ticket: number,
    index: number,
    acks: number,
    version: number,
    records: Buffer,
    guard: number,
  ): boolean {
    if (!this.#takesDirectAppends()) return false;
    const worker = this.#worker;
    this.#isHandling = true;
    try {
      if (this.#directAppends++ === 0) worker.beforeBatch();
      if (failPoint !== null) failPoint('append-after-claim');
      if (guard === NO_GUARD && this.#gather(slot, ticket, index, acks, version, records))
        return true;
      this.#writeGathered();
      worker.onAppend(slot, ticket, index, acks, version, records, 0, records.length, guard);
    } catch (thrown) {
      this.#die(thrown);
    } finally {
      this.#isHandling = false;
    }
    return true;
  }

  /** What lies in the memory of this turn's reads is written at its end. */
  #gather(
    slot: number,
    ticket: number,
    index: number,
    acks: number,
    version: number,
    records: Buffer,
  ): boolean {
    const memory = this.#memory;
    if (!memory.has(records)) return false;
    const { bytes } = memory;
    const { byteOffset, length } = records;
    const at = byteOffset - bytes.byteOffset;
    if (!this.#worker.gather(slot, ticket, index, acks, version, bytes, at, length)) return false;
    if (!memory.hold()) this.#writeGathered();
    return true;
  }

  #writeGathered(): void {
    this.#worker.writeGathered(this.#memory.bytes);
    this.#memory.letGo();
  }

  #takesDirectAppends(): boolean {
    if (this.#isDead || this.#isHandling || this.#front.isWaiting || !this.#isRecovered)
      return false;
    if (this.#directAppends >= DIRECT_APPENDS_MAX || this.#worker.stopping) return false;
    return this.#commands.isEmpty();
  }

  #turn(): void {
    if (this.#isDead) return;
    try {
      this.#dutyCycle();
    } catch (thrown) {
      this.#die(thrown);
    }
  }

  #die(thrown: unknown): void {
    this.#isDead = true;
    const detail = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    const message = `the partition worker died: ${detail}`;
    this.#onDeath(new MillraceError('MILLRACE_WORKER_DIED', message, thrown));
  }

  #dutyCycle(): void {
    const worker = this.#worker;
    if (worker.stopping) return;
    if (!this.#isRecovered) worker.recoverAll();
    this.#isRecovered = true;
    this.#directAppends = 0;
    this.#isHandling = true;
    this.#writeGathered();
    worker.beforeBatch();
    const hasMore = this.#drain();
    this.#isHandling = false;
    worker.afterBatch();
    if (worker.stopping) this.#stop();
    else if (hasMore) setImmediate(() => this.#turn());
    else this.#sleep(worker.runTimers());
  }

  /** Returns true if its time is over and commands are left: the sockets are served first. */
  #drain(): boolean {
    const untilMs = systemClock.monotonicMs() + TURN_MS;
    while (this.#adapter.drain(STRIDE_COMMANDS) === STRIDE_COMMANDS) {
      if (systemClock.monotonicMs() >= untilMs) return true;
    }
    return false;
  }

  #stop(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#end();
  }

  /** Keeps one timer, for the earliest time at which something is due. */
  #sleep(idleMs: number): void {
    const nowMs = systemClock.monotonicMs();
    const dueMs = nowMs + Math.min(idleMs, SLEEP_MAX_MS);
    if (this.#timer !== null) {
      if (dueMs >= this.#timerDueMs) return;
      clearTimeout(this.#timer);
    }
    this.#timerDueMs = dueMs;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      this.#turn();
    }, dueMs - nowMs);
    this.#timer.unref();
  }

  /** It ends only when it is told to. An exception is reported at once. */
  expectExit(): void {}

  ended(): Promise<void> {
    return this.#ended;
  }
}
