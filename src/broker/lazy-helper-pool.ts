import type { Piscina } from 'piscina';
import { inBackground } from '../base/in-background.ts';
import { ERROR } from '../base/kafka-errors.ts';
import { logFailure } from '../base/log-failure.ts';
import type { Logger } from '../base/logger.ts';
import type {
  HelperPool,
  OpeningTask,
  RebuildResult,
  RebuildTask,
  TimeResult,
  TimeTask,
} from '../front/partitions/helper-pool.ts';
import { native } from '../log/native.ts';
import { OUTGROWN } from '../records/recompress.ts';
import { trimMemory } from './garbage.ts';

const IDLE_MS = 10_000;
const THREADS_MAX = 2;
/** The wait after a thread has ended. Its memory is free by then. */
const TRIM_MS = 1000;

/** One batch may open to this fraction of the memory for opened batches without waiting. */
const SHARE = 8;

/**
 * Piscina, loaded and started with the first task, since most brokers never need it. The memory for
 * opened batches is bounded over all threads. A batch that outgrows its share is given up and done
 * again with all of the memory. Only one batch at a time is done so.
 */
export class LazyHelperPool implements HelperPool {
  readonly #openedBytesMax: number;
  readonly #logger: Logger;
  #pool: Promise<Piscina> | null = null;
  /** The end of the queue of large batches. */
  #large: Promise<void> = Promise.resolve();
  #trimming: NodeJS.Timeout | null = null;

  constructor(openedBytesMax: number, logger: Logger) {
    this.#openedBytesMax = openedBytesMax;
    this.#logger = logger;
  }

  async rebuild(task: RebuildTask): Promise<RebuildResult> {
    const openedBytesMax = Math.floor(this.#openedBytesMax / SHARE);
    const result = (await this.run('rebuild', { ...task, openedBytesMax })) as RebuildResult;
    return result.error === OUTGROWN ? this.#rebuildLarge(task) : result;
  }

  async #rebuildLarge(task: RebuildTask): Promise<RebuildResult> {
    const openedBytesMax = this.#openedBytesMax;
    const result = this.#large.then(() => this.run('rebuildLarge', { ...task, openedBytesMax }));
    this.#large = inBackground(result, () => {
      // The caller awaits the result and gets its failure. The queue goes on.
    });
    const rebuilt = (await result) as RebuildResult;
    return rebuilt.error === OUTGROWN ? { ...rebuilt, error: ERROR.MESSAGE_TOO_LARGE } : rebuilt;
  }

  async open(task: OpeningTask): Promise<Uint8Array | null> {
    const { buffer } = task.packed;
    return (await this.run('open', task, [buffer as ArrayBuffer])) as Uint8Array | null;
  }

  async findByTime(task: TimeTask): Promise<TimeResult | null> {
    const { buffer } = task.batch;
    return (await this.run('findByTime', task, [buffer as ArrayBuffer])) as TimeResult | null;
  }

  release(bytes: Uint8Array): void {
    native.discard(bytes);
    this.#trimSoon();
  }

  /** Calls one of the functions that helper-task.ts exports. */
  async run(name: string, task: object, transferList: ArrayBuffer[] = []): Promise<unknown> {
    this.#pool ??= this.#open();
    const pool = await this.#pool;
    return pool.run(task, { name, transferList });
  }

  /** The process keeps what the threads freed until it is trimmed. */
  #trimSoon(): void {
    if (this.#trimming !== null) {
      this.#trimming.refresh();
      return;
    }
    this.#trimming = setTimeout(() => trimMemory(), TRIM_MS);
    this.#trimming.unref();
  }

  /** If opening fails, for want of descriptors say, later tasks try again. */
  #open(): Promise<Piscina> {
    const opening = openPool();
    const watching = opening.then((pool) => {
      pool.on('workerDestroy', () => this.#trimSoon());
      // A thread may die between two tasks. Without a listener Node throws the emitted error.
      pool.on('error', logFailure(this.#logger, 'a helper thread'));
    });
    inBackground(watching, (thrown) => {
      this.#pool = null;
      logFailure(this.#logger, 'opening the helper pool')(thrown);
    });
    return opening;
  }

  async close(): Promise<void> {
    if (this.#trimming !== null) clearTimeout(this.#trimming);
    const pool = await this.#pool?.catch(() => null);
    await pool?.destroy();
  }
}

async function openPool(): Promise<Piscina> {
  const { Piscina } = await import('piscina');
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  return new Piscina({
    filename: new URL(`../broker/helper-task.${ending}`, import.meta.url).href,
    minThreads: 0,
    maxThreads: THREADS_MAX,
    idleTimeout: IDLE_MS,
  });
}
