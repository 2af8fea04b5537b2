import { MessageChannel, Worker } from 'node:worker_threads';
import { MillraceError } from '../base/errors.ts';
import type { TopicPlaces } from '../exchange/control.ts';
import { Inbox } from '../exchange/inbox.ts';
import { Outbox } from '../exchange/outbox.ts';
import { WorkerProxy } from '../exchange/worker-proxy.ts';
import type { WorkerLink } from '../front/workers.ts';
import { createParkingMemory, Parking } from '../ring/parking.ts';
import { createRingMemory } from '../ring/ring-layout.ts';
import type { WorkerSetup } from '../worker/worker-setup.ts';

/** Room for several hundred batches of 16 KB: enough to keep a worker busy for milliseconds. */
const COMMAND_RING_BYTES = 8 * 1024 * 1024;
const REPLY_RING_BYTES = 2 * 1024 * 1024;
/** Young garbage of a worker is little; a small space keeps it in the cache and the memory low. */
const WORKER_YOUNG_MB = 4;

export type SharedSetup = Omit<
  WorkerSetup,
  'index' | 'commandRing' | 'replyRing' | 'parking' | 'port' | 'topics'
>;

/** The threads and the rings between them and the front. */
export class WorkerThreads {
  readonly links: readonly WorkerLink[];
  readonly #threads: readonly Worker[];
  readonly #exits: readonly Promise<void>[];
  #expectsExit = false;

  constructor(
    places: readonly (readonly TopicPlaces[])[],
    shared: SharedSetup,
    onDeath: (error: Error) => void,
  ) {
    const links: WorkerLink[] = [];
    const threads: Worker[] = [];
    const exits: Promise<void>[] = [];
    for (const [index, topics] of places.entries()) {
      const commandRing = createRingMemory(COMMAND_RING_BYTES);
      const replyRing = createRingMemory(REPLY_RING_BYTES);
      const parking = createParkingMemory();
      const { port1, port2 } = new MessageChannel();
      const setup: WorkerSetup = {
        ...shared,
        index,
        commandRing,
        replyRing,
        parking,
        port: port2,
        topics,
      };
      const thread = startThread(setup);
      exits.push(this.#watch(thread, index, onDeath));
      threads.push(thread);
      const proxy = new WorkerProxy(new Outbox(commandRing, port1), new Parking(parking));
      links.push({ proxy, inbox: new Inbox(replyRing, port1) });
      port1.unref();
    }
    this.links = links;
    this.#threads = threads;
    this.#exits = exits;
  }

  /** A worker's end that nobody asked for is the end of the broker. */
  #watch(thread: Worker, index: number, onDeath: (error: Error) => void): Promise<void> {
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
        onDeath(new MillraceError('MILLRACE_WORKER_DIED', message, cause));
      });
    });
  }

  /** Before the workers are told to stop. */
  expectExit(): void {
    this.#expectsExit = true;
  }

  async ended(): Promise<void> {
    await Promise.all(this.#exits);
  }

  /** For when they cannot be asked any more. */
  async terminate(): Promise<void> {
    this.#expectsExit = true;
    await Promise.all(this.#threads.map((thread) => thread.terminate()));
  }
}

function startThread(setup: WorkerSetup): Worker {
  // The same file with the ending that this one has: .ts before the build, .js after it.
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new Worker(new URL(`../worker/worker-main.${ending}`, import.meta.url), {
    workerData: setup,
    transferList: [setup.port],
    resourceLimits: { maxYoungGenerationSizeMb: WORKER_YOUNG_MB },
  });
}
