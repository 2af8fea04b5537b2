/** Stores whose rows are in files of lmdb beside plain models, with little room in memory. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { LmdbFile } from '../../../src/streams/lmdb/lmdb-file.ts';
import { keyValues, type Pair, runRandomly, sessions, windows } from '../state/random-pairs.ts';

const STEPS = 1_000;

/** Every clean close leaves its mark. */
async function noCheck(): Promise<boolean> {
  throw new Error('a file was not as its mark says');
}

describe('stores in lmdb', () => {
  it.each([
    ['keys', 0, keyValues],
    ['keys', 2_000, keyValues],
    ['windows', 0, windows],
    ['windows', 4_000, windows],
    ['sessions', 0, sessions],
    ['sessions', 4_000, sessions],
  ] as const)(
    '%s say what a plain model says, with %i bytes in memory',
    (_name, cacheBytes, pair) => {
      const base = mkdtempSync(join(tmpdir(), 'millrace-state-'));
      const storeType = { name: 'lmdb', cacheBytes, newFile: () => new LmdbFile(noCheck) };
      try {
        const random = pair as unknown as Pair<never>;
        runRandomly<never>(random, 1, join(base, 'task'), { storeType }, STEPS);
      } finally {
        rmSync(base, { recursive: true, force: true });
      }
    },
  );
});
