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
 * True where a failing step is no regression: Kafka's own, one that Kafka fails here too, or known.
 * `baseline` is the check that Kafka runs in place of one that it has not.
 */
function excused(results, kind, { name, baseline = name }, step) {
  if (kind !== 'millrace') return true;
  const outcome = results.kafka.checks[baseline]?.steps[step]?.outcome;
  if (outcome === 'fail' || outcome === 'skip') return true;
  return exceptionFor(baseline, step) !== undefined;
}

/** False for what the other broker has nothing like: `brokers` of a check names who has. */
export function concerns(check, kind) {
  return check.brokers?.includes(kind) ?? true;
}

/** Judges what ran now; excused failures count as skipped, since they decide nothing. */
export function regressions(results, chosen, brokers) {
  const counts = { pass: 0, fail: 0, skip: 0 };
  const bad = [];
  for (const kind of brokers) {
    for (const check of chosen.filter((one) => concerns(one, kind))) {
      const { name } = check;
      const result = results[kind].checks[name];
      if (result.skipped !== undefined) counts.skip += 1;
      for (const [step, { outcome, error }] of Object.entries(result.steps)) {
        const counted =
          outcome === 'fail' && excused(results, kind, check, step) ? 'skip' : outcome;
        counts[counted] += 1;
        if (counted === 'fail') bad.push(`${name}: ${step}: ${error?.split('\n')[0]}`);
      }
    }
  }
  return { bad, counts };
}
