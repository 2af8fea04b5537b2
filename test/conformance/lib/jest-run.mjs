/** Runs specs of others with Jest, without those tests that are left out by name. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withScratch } from './clients.mjs';
import { execute } from './process.mjs';
import { jestTests } from './test-reports.mjs';

const HOW = ['--ci', '--forceExit', '--watchman=false', '--maxWorkers=2', '--silent'];

/** Names with `*` stand for many. */
function pattern(name) {
  return name.split('*').map(escaped).join('.*');
}

function escaped(text) {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');
}

/**
 * `tree` has the specs; `nameOf` makes a short name of a spec's path; `options` are those of the
 * process. Answers its tests.
 */
export function jestRun({ jest, tree, config, specs, leftOut, nameOf, ...options }) {
  return withScratch(async (scratch) => {
    const report = join(scratch, 'report.json');
    const own = ['-c', config, '--json', `--outputFile=${report}`];
    const names = leftOut.map(pattern).join('|');
    const chosen = leftOut.length > 0 ? ['-t', `^(?!(?:${names})$)`] : [];
    const args = [jest, ...HOW, ...own, ...chosen, ...specs.map(escaped)];
    const ended = await execute(process.execPath, args, { cwd: tree, ...options });
    if (ended.timedOut) throw new Error('ran past its time limit');
    const tests = jestTests(await readFile(report, 'utf8'), nameOf);
    if (tests.length === 0) throw new Error(`no test ran: ${ended.stderr.slice(-1500)}`);
    return tests;
  });
}
