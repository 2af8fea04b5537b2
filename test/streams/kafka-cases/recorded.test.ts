/**
 * Kafka's own tests of the DSL, by class and case: what they give their test driver, and what they
 * see, was written down while they ran (`recorder/record.mjs`). The same topology here must say the
 * same of itself, and make the same of the same records.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { replay } from './replay.mjs';
import { RECORDED } from './topologies/all.mjs';
import { BOTH_TEXT } from './topologies/parts.mjs';

interface Run {
  readonly describe: string;
  readonly outputs: Readonly<Record<string, unknown>>;
  readonly seen: readonly string[];
}

interface Build {
  (builder: unknown, see: unknown, run: number): void;
  /** How many of the recorded runs it stands for, where it is not all. */
  readonly runs?: number;
}

function runsOf(name: string): Record<string, readonly Run[]> {
  const file = join(import.meta.dirname, 'recorded', `${name}.json`);
  return JSON.parse(readFileSync(file, 'utf8'));
}

describe.each(Object.entries(RECORDED))('%s', (name, cases) => {
  const runs = runsOf(name);

  it.each(Object.entries(cases as Record<string, Build>))('%s', (each, build) => {
    const wanted = runs[each];
    expect(wanted, `${name}.${each} was not recorded`).toBeDefined();
    for (const [i, run] of wanted!.slice(0, build.runs).entries()) {
      const built = (builder: unknown, see: unknown) => build(builder, see, i);
      const { describe, outputs, seen } = replay(run, built, BOTH_TEXT);
      expect(describe, `run ${i}`).toBe(run.describe);
      expect(seen, `run ${i}`).toEqual(run.seen);
      expect(outputs, `run ${i}`).toEqual(run.outputs);
    }
  });
});
