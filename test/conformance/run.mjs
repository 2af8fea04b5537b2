#!/usr/bin/env node
/**
 * Runs clients and tools that others wrote against millrace, and against Apache Kafka for
 * comparison; writes results.json and the table in README.md.
 *
 *   npm run conformance -- [--broker millrace|kafka|both] [--set quick|full] [--only NAME,…]
 *                          [--no-write] [--counts FILE] [--list] [--program FILE]
 *                          [--override NAME=VALUE]…
 *
 * --program runs another build's main.js in place of this tree's dist/bundle/cli/main.js;
 * --override is of millrace's configuration.
 * Exit status 1: something that Kafka passes fails on millrace and is not in exceptions.json.
 */

import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { CHECKS } from './checks/index.mjs';
import { overrideAll } from './lib/brokers.mjs';
import { CACHE, Unavailable } from './lib/cache.mjs';
import { Context, SharedBroker } from './lib/context.mjs';
import { concerns, loadResults, regressions, saveResults, versionOf } from './lib/results.mjs';
import { writeTable } from './lib/table.mjs';

function options() {
  const { values } = parseArgs({
    options: {
      broker: { type: 'string', default: 'millrace' },
      set: { type: 'string', default: 'quick' },
      only: { type: 'string' },
      'no-write': { type: 'boolean', default: false },
      counts: { type: 'string' },
      program: { type: 'string' },
      override: { type: 'string', multiple: true, default: [] },
      list: { type: 'boolean', default: false },
    },
  });
  const kinds = { millrace: ['millrace'], kafka: ['kafka'], both: ['kafka', 'millrace'] };
  const brokers = kinds[values.broker];
  if (brokers === undefined) throw new Error(`--broker ${values.broker}: millrace, kafka or both`);
  const names = values.only?.split(',');
  const unknown = names?.filter((name) => !CHECKS.some((check) => check.name === name));
  if (unknown?.length > 0) throw new Error(`--only: no check is named ${unknown.join(', ')}`);
  const chosen = CHECKS.filter((check) => {
    return names === undefined ? check.sets.includes(values.set) : names.includes(check.name);
  });
  return { brokers, chosen, write: !values['no-write'], ...values };
}

async function runCheck(check, kind, shared) {
  const context = new Context(kind, shared, check.name);
  const startedAt = Date.now();
  const result = { date: new Date().toISOString().slice(0, 10), steps: {} };
  let timer;
  const limit = new Promise((_, reject) => {
    const late = () => reject(new Error(`not done within ${check.limitS} s`));
    timer = setTimeout(late, check.limitS * 1_000);
  });
  try {
    await Promise.race([check.run(context), limit]);
  } catch (error) {
    if (error instanceof Unavailable) result.skipped = error.message;
    else await context.step('(the check itself)', () => Promise.reject(error));
  }
  clearTimeout(timer);
  await context.lookAfterBrokers();
  await context.close();
  result.seconds = Math.round((Date.now() - startedAt) / 1_000);
  result.steps = context.results;
  return result;
}

function summary(result) {
  if (result.skipped !== undefined) return `skipped: ${result.skipped}`;
  const outcomes = Object.values(result.steps).map((step) => step.outcome);
  const count = (outcome) => outcomes.filter((one) => one === outcome).length;
  const skipped = count('skip') > 0 ? `, ${count('skip')} skipped` : '';
  return `${count('pass')} passed, ${count('fail')} failed${skipped}, ${result.seconds} s`;
}

async function runAll(kind, chosen, results, save) {
  const shared = new SharedBroker(kind);
  const column = results[kind];
  column.version = await versionOf(kind);
  try {
    for (const check of chosen.filter((one) => concerns(one, kind))) {
      const result = await runCheck(check, kind, shared);
      column.checks[check.name] = result;
      process.stdout.write(`${kind.padEnd(9)}${check.name.padEnd(28)}${summary(result)}\n`);
      for (const [name, step] of Object.entries(result.steps)) {
        if (step.outcome === 'fail') process.stdout.write(`    FAIL ${name}: ${step.error}\n`);
      }
      await save();
    }
  } finally {
    await shared.close();
  }
}

async function main() {
  const { brokers, chosen, write, list, program, override, counts: countsFile } = options();
  if (list) {
    const width = Math.max(...CHECKS.map(({ name }) => name.length)) + 2;
    for (const check of CHECKS) {
      process.stdout.write(`${check.name.padEnd(width)}${check.sets.join(',')}  ${check.proves}\n`);
    }
    return 0;
  }
  await rm(join(CACHE, 'logs'), { recursive: true, force: true });
  await mkdir(join(CACHE, 'logs'), { recursive: true });
  if (program !== undefined) process.env.MILLRACE_PROGRAM = resolve(program);
  overrideAll(override);
  const results = await loadResults();
  const save = async () => {
    if (!write) return;
    await saveResults(results);
    await writeTable(results);
  };
  for (const kind of brokers) await runAll(kind, chosen, results, save);
  const { bad, counts } = regressions(results, chosen, brokers);
  for (const line of bad) process.stdout.write(`NOT AS KAFKA: ${line}\n`);
  if (countsFile !== undefined) await writeFile(countsFile, JSON.stringify(counts));
  const skipped = counts.skip > 0 ? `, ${counts.skip} skipped` : '';
  process.stdout.write(`${counts.pass} passed, ${counts.fail} failed${skipped}\n`);
  return bad.length === 0 ? 0 : 1;
}

process.exitCode = await main();
