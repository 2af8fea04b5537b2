#!/usr/bin/env node
/**
 * Packs this clone and installs the package in every way that a user may, from the npm registry
 * alone. Each way starts a broker, produces and consumes with KafkaJS, and ends by itself.
 *
 *   npm run install-matrix -- [--quick] [--only NAME,…] [--tarball FILE] [--node PROGRAM]
 *                             [--counts FILE]
 *
 * --node runs all of it with another Node. Exit status 1: a way does not work.
 */
import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { Unavailable } from '../conformance/lib/cache.mjs';
import { CASES } from './cases.mjs';
import { Matrix, nodeFolderOfThis, pack, remove } from './lib.mjs';

const { values } = parseArgs({
  options: {
    quick: { type: 'boolean', default: false },
    only: { type: 'string' },
    tarball: { type: 'string' },
    node: { type: 'string' },
    counts: { type: 'string' },
  },
});
const names = values.only?.split(',');
const unknown = names?.filter((name) => CASES.every((each) => each.name !== name)) ?? [];
if (unknown.length > 0) throw new Error(`--only: no case is named ${unknown.join(', ')}`);
const chosen = CASES.filter(({ name, quick }) => {
  return names?.includes(name) ?? (!values.quick || quick === true);
});

const counts = { pass: 0, fail: 0 };

async function runCase(matrix, { name, run }) {
  const startedMs = performance.now();
  let outcome = 'works';
  try {
    const said = await run(matrix);
    counts.pass++;
    if (said !== undefined) outcome = `works: ${said}`;
  } catch (error) {
    const isSkipped = error instanceof Unavailable;
    outcome = isSkipped ? `skipped: ${error.message}` : `FAILS: ${error.message}`;
    if (!isSkipped) counts.fail++;
  }
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  process.stdout.write(`${name.padEnd(28)} ${seconds.padStart(5)} s  ${outcome}\n`);
}

const scratch = await mkdtemp(join(tmpdir(), 'millrace-install-'));
try {
  const tarball = values.tarball === undefined ? await pack(scratch) : resolve(values.tarball);
  const nodeFolder = values.node === undefined ? nodeFolderOfThis : dirname(resolve(values.node));
  const matrix = new Matrix(scratch, tarball, nodeFolder);
  for (const each of chosen) await runCase(matrix, each);
} finally {
  await remove(scratch);
}
if (values.counts !== undefined) await writeFile(values.counts, JSON.stringify(counts));
if (counts.fail > 0) process.exitCode = 1;
