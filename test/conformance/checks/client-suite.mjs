/** The client's own tests, with Apache Kafka in the place of the embedded broker. */

import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CACHE, REPOSITORY } from '../lib/cache.mjs';
import { withScratch } from '../lib/clients.mjs';
import { execute } from '../lib/process.mjs';
import { junitTests } from '../lib/test-reports.mjs';
import { java } from '../lib/toolchains.mjs';

/** As the tests set them for an embedded broker. */
const CONFIG = {
  'group.min.session.timeout.ms': '100',
  'group.consumer.heartbeat.interval.ms': '50',
  'group.consumer.min.heartbeat.interval.ms': '50',
  'group.consumer.min.session.timeout.ms': '100',
  'offsets.topic.num.partitions': '5',
  'transaction.state.log.num.partitions': '5',
  'share.coordinator.state.topic.num.partitions': '5',
};

/** Parts of names of tests that say what only millrace does, and why Apache Kafka cannot pass. */
const OF_MILLRACE = [
  ['does not serve its type', 'Kafka serves share groups'],
  ['send exactly once', 'Kafka answers before it has written the markers that are counted'],
];

async function clientSuite(context) {
  await java();
  const broker = await context.ownBroker({ config: CONFIG });
  await withScratch(async (scratch) => {
    const report = join(scratch, 'report.xml');
    const config = join('test', 'vitest.kafka.config.ts');
    const args = ['--no-install', 'vitest', 'run', '--config', config, '--reporter=junit'];
    const env = {
      MILLRACE_TEST_KAFKA: broker.bootstrap,
      MILLRACE_TEST_SECURED_KAFKA: '1',
      MILLRACE_CONFORMANCE_CACHE: CACHE,
    };
    const logFile = context.logFile.replace(/\.log$/, '.out');
    const options = { cwd: REPOSITORY, env, timeoutMs: 1_500_000, logFile };
    await execute('npx', [...args, `--outputFile=${report}`], options);
    context.suite(junitTests(await readFile(report, 'utf8')).map(judged));
  });
}

function judged(test) {
  const exception = OF_MILLRACE.find(([part]) => test.name.includes(part));
  if (exception === undefined || test.outcome === 'pass') return test;
  return { name: test.name, outcome: 'skip', error: exception[1] };
}

export const clientSuiteChecks = [
  {
    name: 'millrace-client-suite',
    proves: "millrace/client's own tests against Apache Kafka, also a secured one",
    needs: 'java, mvn',
    command: 'MILLRACE_TEST_KAFKA=… vitest run --config test/vitest.kafka.config.ts',
    sets: ['full'],
    brokers: ['kafka'],
    limitS: 1_600,
    run: clientSuite,
  },
];
