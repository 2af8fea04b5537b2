import { MessageChannel, Worker } from 'node:worker_threads';
import { MillraceError } from '../base/errors.ts';
import type { TopicPlaces } from '../exchange/control.ts';
import { Inbox } from '../exchange/inbox.ts';
import { Outbox } from '../exchange/outbox.ts';
import { WorkerProxy } from '../exchange/worker-proxy.ts';
import type { WorkerLink } from '../front/partitions/workers.ts';
import { native } from '../log/native.ts';
import type { BellHandle } from '../log/native-calls.ts';
import { createParkingMemory, Parking } from '../ring/parking.ts';
import { createRingMemory } from '../ring/ring-layout.ts';
import type { WorkerSetup } from '../worker/worker-setup.ts';
import type { CrewOptions, WorkerCrew } from './worker-crew.ts';

/** Room for several hundred batches of 16 KB, which keep a worker busy for milliseconds. */
const COMMAND_RING_BYTES = 8 * 1024 * 1024;
const REPLY_RING_BYTES = 2 * 1024 * 1024;
/** A worker makes little young garbage. A small space for it stays in the processor's cache. */
const WORKER_YOUNG_MB = 4;

/** The worker threads, their rings, and the bell with which they wake the front. */
export class WorkerThreads implements WorkerCrew {
  readonly links: readonly WorkerLink[];
  readonly frontParking: Parking;
  readonly #options: CrewOptions;
  readonly #bell: BellHandle;
  readonly #parkingMemory = createParkingMemory();
  readonly #exits: Promise<void>[] = [];
  #expectsExit = false;

  constructor(options: CrewOptions) {
    this.#options = options;
    this.frontParking = new Parking(this.#parkingMemory);
    this.#bell = native.createBell(options.onReplies);
    this.links = options.places.map((topics, index) => this.#start(topics, index));
  }

  #start(topics: readonly TopicPlaces[], index: number): WorkerLink {
    const commandRing = createRingMemory(COMMAND_RING_BYTES);
    const replyRing = createRingMemory(REPLY_RING_BYTES);
    const parkingMemory = createParkingMemory();
    const { port1, port2 } = new MessageChannel();
    const thread = startThread({
      ...this.#options.shared,
      index,
      topics,
      commandRing,
      replyRing,
      parking: parkingMemory,
      frontParking: this.#parkingMemory,
      frontBell: this.#bell,
      port: port2,
    });
    this.#exits.push(this.#watch(thread, index));
    const parking = new Parking(parkingMemory);
    const proxy = new WorkerProxy(new Outbox(commandRing, port1), () => parking.wake());
    port1.unref();
    return { proxy, inbox: new Inbox(replyRing, port1) };
  }

  #watch(thread: Worker, index: number): Promise<void> {
    let cause: unknown;
    thread.on('error', (error) => {
      cause = error;
    });
    return new Promise((resolve) => {
      thread.on('exit', (code) => {
        resolve();
        if (this.#expectsExit) return;
        const detail =
          cause instanceof Error ? (cause.stack ?? cause.message) : `exit code ${code}`;
        const message = `partition worker ${index} died: ${detail}`;
        this.#options.onDeath(new MillraceError('MILLRACE_WORKER_DIED', message, cause));
      });
    });
  }

  expectExit(): void {
    this.#expectsExit = true;
  }

  async ended(): Promise<void> {
    await Promise.all(this.#exits);
    native.closeBell(this.#bell);
  }
}

function startThread(setup: WorkerSetup): Worker {
  // The ending is that of this file: .ts before the build, .js after it.
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`../worker/worker-main.${ending}`, import.meta.url), {
    workerData: setup,
    transferList: [setup.port],
    resourceLimits: { maxYoungGenerationSizeMb: WORKER_YOUNG_MB },
  });
}
