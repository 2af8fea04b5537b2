import type { Piscina } from 'piscina';
import type { HelperPool, RebuildResult, RebuildTask } from '../front/helper-pool.ts';

const IDLE_MS = 10_000;
const THREADS_MAX = 2;

/** Piscina, loaded and started with the first task: most brokers never need it. */
export class LazyHelperPool implements HelperPool {
  #pool: Promise<Piscina> | null = null;

  async rebuild(task: RebuildTask): Promise<RebuildResult> {
    return (await this.run('rebuild', task)) as RebuildResult;
  }

  /** Calls one of the functions that helper-task.ts exports. */
  async run(name: string, task: object): Promise<unknown> {
    this.#pool ??= this.#open();
    const pool = await this.#pool;
    return pool.run(task, { name });
  }

  /** A pool that cannot be opened, for want of descriptors, fails its tasks and not later ones. */
  #open(): Promise<Piscina> {
    const opening = openPool();
    opening.catch(() => {
      this.#pool = null;
    });
    return opening;
  }

  async close(): Promise<void> {
    if (this.#pool !== null) await (await this.#pool).destroy();
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
