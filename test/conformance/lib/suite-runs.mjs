/** Runs of published suites against an address; each of their tests becomes a step of the check. */

import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withScratch } from './clients.mjs';
import { execute } from './process.mjs';
import { kgoSuite, librdkafkaSuite, rustRdkafkaSuite } from './suites.mjs';
import { cargoTests, goTests } from './test-reports.mjs';

/** kgo's own tests. */
export const KGO_TESTS = 'ETL|Issue|Consume|Produce|Group|Ping|Pause|Partition|Pool';

/** Runs the suite's program, keeps its output beside the broker's log, fails on no test at all. */
export async function runSuite(context, parse, program, args, options) {
  const logFile = context.logFile.replace(/\.log$/, '.out');
  const result = await execute(program, args, { ...options, logFile });
  const output = `${result.stdout}\n${result.stderr}`;
  const tests = parse(result);
  context.suite(tests);
  if (tests.length === 0)
    throw new Error(`no test ran, exit ${result.code}: ${output.slice(-1500)}`);
  if (result.timedOut) throw new Error('ran past its time limit');
}

/** `replicas` is how many each of its topics gets, `more` what else its environment says. */
export async function kgoTests(
  context,
  bootstrap,
  { records, selection, replicas = 1, more = {} },
) {
  const { folder, program } = await kgoSuite();
  const env = {
    KGO_SEEDS: bootstrap,
    KGO_TEST_RF: String(replicas),
    KGO_TEST_RECORDS: String(records),
    KGO_TEST_MAX_TOPIC_PARTS: '7',
    ...more,
  };
  const args = ['-test.v', '-test.count=1', '-test.timeout=9m', ...selection];
  const options = { cwd: folder, env, timeoutMs: 600_000 };
  await runSuite(context, (result) => goTests(result.stdout), program, args, options);
}

/** rust-rdkafka's tests, one after the other. */
export async function rustRdkafkaTests(context, bootstrap) {
  const folder = await rustRdkafkaSuite();
  const env = { KAFKA_HOST: bootstrap, RUST_LOG: 'warn', RUST_BACKTRACE: '0' };
  const args = ['test', '--tests', '--no-fail-fast', '--', '--test-threads=1'];
  const options = { cwd: join(folder, 'rdkafka'), env, timeoutMs: 1_140_000 };
  await runSuite(context, (result) => cargoTests(result.stdout), 'cargo', args, options);
}

/**
 * Runs the tests whose numbers `selection` names, with `more` in the environment; answers what the
 * runner printed. It reports each test in a line of its own table and in a JSON file.
 */
export async function librdkafkaTests(context, bootstrap, selection, more = {}) {
  const folder = await librdkafkaSuite();
  return withScratch(async (scratch) => {
    await writeFile(join(folder, 'test.conf'), `metadata.broker.list=${bootstrap}\n`);
    const report = join(scratch, 'report.json');
    // Its own build, not a librdkafka that the system may have.
    const LD_LIBRARY_PATH = ['src', 'src-cpp'].map((name) => join(folder, '..', name)).join(':');
    const versions = { TEST_REPORT: report, TEST_KAFKA_VERSION: '4.0.0' };
    const env = { TESTS: selection, ...versions, LD_LIBRARY_PATH, ...more };
    const options = { cwd: folder, env, timeoutMs: 840_000 };
    const logFile = context.logFile.replace(/\.log$/, '.out');
    const { stdout, stderr } = await execute('./test-runner', ['-p1'], { ...options, logFile });
    const { tests } = JSON.parse(await readFile(report, 'utf8'));
    const outcomes = { PASSED: 'pass', FAILED: 'fail', SKIPPED: 'skip' };
    const wanted = new Set(selection.split(','));
    const ran = Object.entries(tests).filter(([name, test]) => {
      return test.state in outcomes && wanted.has(name.slice(0, 4));
    });
    context.suite(
      ran.map(([name, test]) => {
        const outcome = outcomes[test.state];
        return { name, outcome, error: outcome === 'fail' ? test.state : undefined };
      }),
    );
    return `${stdout}\n${stderr}`;
  });
}
