/** The tests of @platformatic/kafka, which its package does not carry: from its repository. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HERE } from './cache.mjs';
import { withScratch } from './clients.mjs';
import { clonedSuite } from './cloned.mjs';
import { execute } from './process.mjs';
import { nodeTests } from './test-reports.mjs';

export const PLATFORMATIC = {
  name: '@platformatic/kafka',
  address: 'https://github.com/platformatic/kafka.git',
  tag: 'v1.34.0',
  commit: '79e6bc143ded56732dee59815857256f8fdb8180',
};
const OURS = join(HERE, 'clients', 'platformatic-suite');
const SERVERS = 'process.env.PLATFORMATIC_SERVERS';
const PORTS = 'JSON.parse(process.env.PLATFORMATIC_PORTS!)';
const FILE_MS = 240_000;
const TEST_MS = 60_000;
/** Those of clients; what else there is speaks to no broker, or wants Kerberos or a registry. */
const FILES = [
  'admin/admin',
  'base/base',
  'callbacks',
  'consumer/consumer-consumer-group-protocol',
  'consumer/consumer',
  'consumer/messages-stream-autocommit',
  'consumer/messages-stream-rebalance',
  'consumer/messages-stream',
  'consumer/topics-map',
  'producer/partitioners',
  'producer/producer-stream',
  'producer/producer',
  'producer/transactions',
];
/** The tests know one broker and a cluster of three in containers. Here the cluster is both. */
const PATCHES = {
  'test/helpers.ts': [
    ["['localhost:9001']", `[${SERVERS}!]`],
    ["['localhost:9011']", `[${SERVERS}!]`],
  ],
  'test/clients/admin/admin.test.ts': [
    ['connection!.port! - 9010', `${PORTS}.indexOf(connection!.port!) + 1`],
    ...[1, 2, 3].map((id) => [`port: ${9010 + id} }`, `port: ${PORTS}[${id - 1}] }`]),
  ],
};
/** Where it tells old brokers by a version, it means those of Confluent's containers. */
const KAFKA_VERSION = '8.0.0';

/** Runs its files one after the other against brokers 1, 2, 3; each of their tests becomes a step. */
export async function platformaticTests(context, brokers) {
  const folder = await clonedSuite('platformatic', PLATFORMATIC, OURS, PATCHES);
  const cwd = join(folder, 'platformatic');
  const logFile = context.logFile.replace(/\.log$/, '.out');
  const env = {
    KAFKA_VERSION,
    PLATFORMATIC_SERVERS: brokers[0].bootstrap,
    PLATFORMATIC_PORTS: JSON.stringify(brokers.map(({ port }) => port)),
  };
  const options = { cwd, env, timeoutMs: FILE_MS, logFile };
  for (const name of FILES) {
    await withScratch(async (scratch) => {
      const report = join(scratch, 'report.xml');
      const how = ['--import', '@swc-node/register/esm-register', '--test'];
      const to = ['--test-reporter=junit', `--test-reporter-destination=${report}`];
      const file = join('test', 'clients', `${name}.test.ts`);
      const args = [...how, ...to, `--test-timeout=${TEST_MS}`, file];
      const { timedOut, stderr } = await execute(process.execPath, args, options);
      const tests = nodeTests(await readFile(report, 'utf8'));
      context.suite(tests.map((test) => ({ ...test, name: `${name}: ${test.name}` })));
      if (tests.length > 0 && !timedOut) return;
      const error = timedOut ? 'ran past its time limit' : `no test ran: ${stderr.slice(-800)}`;
      context.suite([{ name: `${name}: (the file)`, outcome: 'fail', error }]);
    });
  }
}
