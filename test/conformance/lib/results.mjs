/** results.json: what each check gave on each broker, and the judgement over both. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HERE, REPOSITORY } from './cache.mjs';

const RESULTS = join(HERE, 'results.json');

async function json(path, otherwise) {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    if (error.code === 'ENOENT') return otherwise;
    throw error;
  }
}

export async function loadResults() {
  const empty = () => ({ version: '', checks: {} });
  const stored = await json(RESULTS, {});
  return { kafka: stored.kafka ?? empty(), millrace: stored.millrace ?? empty() };
}

export async function saveResults(results) {
  await writeFile(RESULTS, `${JSON.stringify(results, null, 2)}\n`);
}

/** exceptions.json: check name → step name (or a part that ends with *) → the reason. */
export const EXCEPTIONS = await json(join(HERE, 'exceptions.json'), {});

export function exceptionFor(check, step) {
  for (const [pattern, reason] of Object.entries(EXCEPTIONS[check] ?? {})) {
    const open = pattern.endsWith('*');
    if (open ? step.startsWith(pattern.slice(0, -1)) : step === pattern) return reason;
  }
  return undefined;
}

export async function versionOf(kind) {
  if (kind === 'kafka') return '4.3.1';
  return (await json(join(REPOSITORY, 'package.json'), {})).version;
}

/**
 * A failing step on millrace counts unless Kafka fails it too, here, or it is a known exception.
 * Where only Kafka ran, its own failures are the baseline and nothing is bad.
 */
export function regressions(results, chosen, brokers) {
  const counts = { pass: 0, fail: 0, skip: 0 };
  const bad = [];
  for (const kind of brokers) {
    for (const { name } of chosen) {
      const result = results[kind].checks[name];
      if (result.skipped !== undefined) counts.skip += 1;
      for (const [step, { outcome, error }] of Object.entries(result.steps)) {
        counts[outcome] += 1;
        if (kind !== 'millrace' || outcome !== 'fail') continue;
        const baseline = results.kafka.checks[name]?.steps[step]?.outcome;
        if (baseline === 'fail' || baseline === 'skip') continue;
        if (exceptionFor(name, step) !== undefined) continue;
        bad.push(`${name}: ${step}: ${error?.split('\n')[0]}`);
      }
    }
  }
  return { bad, counts };
}
