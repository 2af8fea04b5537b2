/** The promisified specs of confluent-kafka-javascript on the façade, as far as KafkaJS goes. */

import { readdir, readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { HERE } from '../lib/cache.mjs';
import { CONFLUENT, confluentTree } from '../lib/confluent-suite.mjs';
import { jestRun } from '../lib/jest-run.mjs';
import { KAFKAJS_PACKAGE } from '../lib/kafkajs-suite.mjs';

const LIMIT_S = 900;
/** Kafka's three seconds for more members to come are most of the time of these specs. */
const CONFIG = { 'group.initial.rebalance.delay.ms': '0', 'group.min.session.timeout.ms': '1000' };

/** Which specs and tests are left out, and why. */
const LEFT_OUT = JSON.parse(
  await readFile(join(HERE, 'clients', 'confluent-suite', 'left-out.json'), 'utf8'),
);

async function specsOf(folder) {
  const files = await readdir(folder, { recursive: true });
  const left = Object.keys(LEFT_OUT.specs);
  return files
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => file.endsWith('.spec.js') && !left.some((part) => file.startsWith(part)))
    .map((file) => `test/promisified/${file}`);
}

async function promisified(context) {
  const { tree, jest } = await confluentTree();
  const { bootstrap } = await context.ownBroker({ config: CONFIG });
  const folder = join(tree, 'test', 'promisified');
  const tests = await jestRun({
    jest,
    tree,
    config: 'jest.config.js',
    specs: await specsOf(folder),
    leftOut: Object.keys(LEFT_OUT.tests),
    env: { KAFKA_HOST: bootstrap, MILLRACE_KAFKAJS_PACKAGE: KAFKAJS_PACKAGE },
    timeoutMs: (LIMIT_S - 20) * 1_000,
    logFile: context.logFile.replace(/\.log$/, '.out'),
    nameOf: (file) => relative(folder, file).replace(/\.spec\.js$/, ''),
  });
  context.suite(tests);
}

export const confluentSuiteChecks = [
  {
    name: 'confluent-facade',
    proves: `millrace/kafkajs: the promisified specs of ${CONFLUENT.name} ${CONFLUENT.tag.slice(1)} on it`,
    needs: 'git, npm',
    command: 'KAFKA_HOST=… jest -t … test/promisified/…',
    sets: ['full', 'suites'],
    limitS: LIMIT_S,
    run: promisified,
  },
];
