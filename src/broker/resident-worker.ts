import { MessageChannel } from 'node:worker_threads';
import { removeInBackground } from '../base/background-disk.ts';
import { systemClock } from '../base/clock.ts';
import { MillraceError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { FrontProxy } from '../exchange/front-proxy.ts';
import { Inbox } from '../exchange/inbox.ts';
import { Outbox } from '../exchange/outbox.ts';
import { WorkerAdapter } from '../exchange/worker-adapter.ts';
import { WorkerProxy } from '../exchange/worker-proxy.ts';
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

/**
 * The one worker of a broker with `num.io.threads=0`. It runs in the front's thread, at the end of
 * a turn of the event loop. With one or two processors the wakes between two threads cost more than
 * the threads gain.
 */
export class ResidentWorker implements WorkerCrew {
  readonly links: readonly WorkerLink[];
  /** Unused: there is no other thread that could wake the front. */
  readonly frontParking = new Parking(createParkingMemory());
  readonly #worker: PartitionWorker;
  readonly #adapter: WorkerAdapter;
  readonly #onDeath: (error: Error) => void;
  readonly #ended: Promise<void>;
  readonly #end: () => void;
  #isRecovered: boolean;
  /** It threw. Its partitions are in an unknown state, so it acknowledges nothing any more. */
  #isDead = false;
  #timer: NodeJS.Timeout | null = null;
  #timerDueMs = 0;

  constructor(options: CrewOptions, logger: Logger) {
    const commandRing = createRingMemory(COMMAND_RING_BYTES);
    const replyRing = createRingMemory(REPLY_RING_BYTES);
    const { port1, port2 } = new MessageChannel();
    const front = new FrontProxy(new Outbox(replyRing, port2), options.onReplies);
    const proxy = new WorkerProxy(new Outbox(commandRing, port1), () => this.#turn());
    this.links = [{ proxy, inbox: new Inbox(replyRing, port1) }];
    installStorage({ ...storage, removeLater: (path) => removeInBackground(path, logger) });
    const topics = options.places[0]!;
    this.#worker = assembleWorker({ ...options.shared, topics }, front, logger);
    this.#adapter = new WorkerAdapter(new Inbox(commandRing, port2), this.#worker);
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

  #turn(): void {
    if (this.#isDead) return;
    try {
      this.#dutyCycle();
    } catch (thrown) {
      this.#isDead = true;
      const detail = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
      const message = `the partition worker died: ${detail}`;
      this.#onDeath(new MillraceError('MILLRACE_WORKER_DIED', message, thrown));
    }
  }

  #dutyCycle(): void {
    const worker = this.#worker;
    if (worker.stopping) return;
    if (!this.#isRecovered) worker.recoverAll();
    this.#isRecovered = true;
    worker.beforeBatch();
    const hasMore = this.#drain();
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
