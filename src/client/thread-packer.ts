import { availableParallelism } from 'node:os';
import type { Piscina } from 'piscina';
import { CODEC } from '../records/codec-ids.ts';
import type { PackTask } from './pack-task.ts';
import type { Packer } from './producer/packer.ts';

const KILOBYTE = 1024;
const IDLE_MS = 10_000;
const THREADS_MAX = 2;

/** Below so many bytes the way to a thread and back costs more than the compression. */
const LARGE_BYTES: Readonly<Record<number, number>> = {
  [CODEC.GZIP]: 32 * KILOBYTE,
  [CODEC.ZSTD]: 64 * KILOBYTE,
  [CODEC.SNAPPY]: 128 * KILOBYTE,
  [CODEC.LZ4]: 256 * KILOBYTE,
};

/**
 * Threads that compress large batches, started with the first one. All producers of a process share
 * them. Idle threads end after a while and keep no process alive.
 */
export class ThreadPacker implements Packer {
  readonly #threads: number;
  #pool: Promise<Piscina> | null = null;

  /** With a single processor a thread would only take the time of the event loop's. */
  constructor(threads: number = Math.min(availableParallelism() - 1, THREADS_MAX)) {
    this.#threads = threads;
  }

  pack(codec: number, level: number | undefined, records: Uint8Array): Promise<Buffer> | null {
    if (this.#threads < 1 || records.length < (LARGE_BYTES[codec] ?? Infinity)) return null;
    // A copy goes to the thread: a slice of a Buffer would take the whole arena along.
    return this.#run({ codec, level, records: new Uint8Array(records) });
  }

  async #run(task: PackTask): Promise<Buffer> {
    this.#pool ??= openPool(this.#threads);
    let pool: Piscina;
    try {
      pool = await this.#pool;
    } catch (thrown) {
      this.#pool = null;
      throw thrown;
    }
    const transferList = [task.records.buffer as ArrayBuffer];
    const packed = (await pool.run(task, { transferList })) as Uint8Array;
    return Buffer.from(packed.buffer, packed.byteOffset, packed.byteLength);
  }
}

async function openPool(maxThreads: number): Promise<Piscina> {
  const { Piscina: Pool } = await import('piscina');
  const ending = import.meta.url.endsWith('.ts') ? 'ts' : 'js';
  const filename = new URL(`../client/pack-task.${ending}`, import.meta.url).href;
  const pool = new Pool({ filename, minThreads: 0, maxThreads, idleTimeout: IDLE_MS });
  // A thread that dies fails its tasks, and their batches tell. Between tasks it fails nothing.
  pool.on('error', () => {});
  return pool;
}
