import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import { keyValues, type Pair, runRandomly, sessions, versions, windows } from './random-pairs.ts';

describe.each([1, 2, 3])('with seed %i', (seed) => {
  it.each([
    ['windows', windows],
    ['sessions', sessions],
    ['versions', versions],
    ['keys', keyValues],
  ] as const)('%s say what a plain model says', (_name, pair) => {
    const base = mkdtempSync(join(tmpdir(), 'millrace-state-'));
    try {
      runRandomly<never>(pair as unknown as Pair<never>, seed, join(base, 'task'));
    } finally {
      rmSync(base, { recursive: true, force: true });
    }
  });
});
