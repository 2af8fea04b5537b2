/** Brokers whose wall clock and disk are spoiled by a library that is loaded before all others. */

import { mkdtemp, open, readFile, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HERE, installed } from './cache.mjs';
import { CLUSTER_FOLDER, LOOPBACK } from './cluster.mjs';
import { mustExecute } from './process.mjs';
import { needs } from './toolchains.mjs';

const SOURCE = join(HERE, 'shim', 'clock-and-disk.c');
/** The numbers of the library in their order. */
const NUMBERS = ['shiftMs', 'writeMs', 'syncMs', 'readMs'];
const NUMBER_BYTES = 8;

async function library() {
  needs('cc');
  const folder = await installed('shim', [await readFile(SOURCE, 'utf8')], async (at) => {
    const flags = ['-O1', '-fPIC', '-shared', '-Wall', '-Werror'];
    await mustExecute('cc', [...flags, '-o', join(at, 'shim.so'), SOURCE]);
  });
  return join(folder, 'shim.so');
}

function bytesOf(numbers) {
  const bytes = Buffer.alloc(NUMBERS.length * NUMBER_BYTES);
  for (const [i, name] of NUMBERS.entries()) {
    bytes.writeBigInt64LE(BigInt(Math.round(numbers[name] ?? 0)), i * NUMBER_BYTES);
  }
  return bytes;
}

export class Shims {
  #ids;
  #folder;
  #environment;

  /** For nodes with these ids. Throws Unavailable where there is no compiler. */
  static async create(ids) {
    const shims = new Shims();
    shims.#ids = ids;
    const disk = join(await realpath(tmpdir()), CLUSTER_FOLDER);
    shims.#environment = [`LD_PRELOAD=${await library()}`, `SHIM_DISK=${disk}`];
    shims.#folder = await mkdtemp(join(tmpdir(), 'millrace-shims-'));
    for (const id of ids) await writeFile(shims.#fileOf(id), bytesOf({}));
    return shims;
  }

  #fileOf(id) {
    return join(this.#folder, String(id));
  }

  /** Where a node listens, and what starts it there. */
  placeOf(id) {
    if (!this.#ids.includes(id)) return LOOPBACK(id);
    const numbers = `SHIM_NUMBERS=${this.#fileOf(id)}`;
    return { ...LOOPBACK(id), under: ['env', ...this.#environment, numbers] };
  }

  /** From now on; what is not named is as without the library. */
  async set(id, numbers) {
    const file = await open(this.#fileOf(id), 'r+');
    try {
      await file.write(bytesOf(numbers), 0, NUMBERS.length * NUMBER_BYTES, 0);
    } finally {
      await file.close();
    }
  }

  discard() {
    return rm(this.#folder, { recursive: true, force: true });
  }
}
