/** Test suites that clients publish, run as they are; each of their tests is a step. */

import { cp, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { HERE } from '../lib/cache.mjs';
import { withScratch } from '../lib/clients.mjs';
import { createTopics } from '../lib/kafka-tools.mjs';
import { execute } from '../lib/process.mjs';
import { AUTHORIZER, SecuredBroker, USERS } from '../lib/secured-broker.mjs';
import {
  KGO_TESTS,
  kgoTests,
  librdkafkaTests,
  runSuite,
  rustRdkafkaTests,
} from '../lib/suite-runs.mjs';
import { kafkaPythonSuite, nodeRdkafkaSuite, VERSIONS } from '../lib/suites.mjs';
import { junitTests, mochaTests } from '../lib/test-reports.mjs';
import { WaitingProxy } from '../lib/waiting-proxy.mjs';

const ACL_TESTS = '0081';
/** Whom nobody asks who it is may do everything. */
const OPEN_TO_ALL = { 'authorizer.class.name': AUTHORIZER, 'super.users': 'User:ANONYMOUS' };
/** A secured broker where the user of a suite may do everything. */
const OPEN_TO_ALICE = { 'super.users': 'User:ANONYMOUS;User:alice', 'node.id': '0' };
const KILL_EVERY_MS = 4_000;
const SMOKE = '0000,0001,0004,0012,0017,0022,0030,0039,0049,0087,0098,0103,0129';

async function kgo(context, records, ...selection) {
  const broker = await context.ownBroker();
  await kgoTests(context, broker.bootstrap, { records, selection });
}

/** The chains run on while the broker is stopped or killed and comes back, again and again. */
async function kgoTransactionsUnderKills(context) {
  const proxy = await WaitingProxy.start();
  const advertised = `PLAINTEXT://127.0.0.1:${proxy.port}`;
  const broker = await context.ownBroker({ config: { 'advertised.listeners': advertised } });
  proxy.target = broker.port;
  let isOver = false;
  const kills = (async () => {
    for (let i = 0; !isOver; i++) {
      await new Promise((resolve) => setTimeout(resolve, KILL_EVERY_MS));
      broker.signal(i % 2 === 0 ? 'SIGKILL' : 'SIGTERM');
      await broker.restart();
    }
  })();
  try {
    const selection = ['-test.run', 'TestTxnEtl'];
    await kgoTests(context, `127.0.0.1:${proxy.port}`, { records: 10_000, selection });
  } finally {
    isOver = true;
    await kills;
    proxy.close();
  }
}

/** Its tests of SCRAM, and then its others over TLS with a client's certificate. */
async function kgoSecured(context) {
  await withScratch(async (scratch) => {
    const secured = await SecuredBroker.start(context, scratch);
    const scram = {
      KGO_TEST_SCRAM: `alice:${USERS.alice}:256`,
      KGO_TEST_SCRAM_SEEDS: secured.bootstrap('SASL_PLAINTEXT'),
    };
    const ofScram = { records: 1, selection: ['-test.run', 'SCRAM'], more: scram };
    await kgoTests(context, secured.broker.bootstrap, ofScram);
    const { ca, certificate, key } = secured.files;
    const tls = { KGO_TEST_TLS: `ca:${ca},cert:${certificate},key:${key}` };
    // TestIssue769 sets a dialer of its own, which kgo refuses beside TLS, and then has no client.
    const skipped = 'TestTxnEtl|SCRAM|TestIssue769';
    const selection = ['-test.run', KGO_TESTS, '-test.skip', skipped];
    const others = { records: 10_000, selection, more: tls };
    await kgoTests(context, secured.bootstrap('SSL'), others);
  });
}

/** Its tests of SASL and TLS start brokers of their own; a plugin hands them ours. */
async function kafkaPythonSecured(context) {
  const { folder } = await kafkaPythonSuite();
  await withScratch(async (scratch) => {
    const config = { ...OPEN_TO_ALICE, 'listener.name.ssl.ssl.client.auth': 'none' };
    const secured = await SecuredBroker.start(context, scratch, config);
    await cp(secured.files.ca, join(scratch, 'ca-cert'));
    const env = {
      SECURED_PORTS: JSON.stringify(secured.broker.ports),
      SECURED_FOLDER: scratch,
      PYTHONPATH: [join(HERE, 'clients', 'python'), folder].join(':'),
    };
    await pytest(context, scratch, ['sasl', 'ssl'], ['-p', 'secured_suite'], env);
  });
}

/** Runs files of the suite's integration tests. */
async function pytest(context, scratch, names, more, extra) {
  const { folder, program } = await kafkaPythonSuite();
  const report = join(scratch, 'report.xml');
  // The fixture wants some folder of a Kafka release, even where the broker is there already.
  const env = { KAFKA_VERSION: '4.3.0', KAFKA_ROOT: scratch, ...extra };
  const files = names.map((name) => `test/integration/test_${name}_integration.py`);
  const args = ['-m', 'pytest', '-q', '-p', 'no:cacheprovider', '-o', 'junit_family=xunit1'];
  const all = [...args, ...more, `--junitxml=${report}`, '--timeout=60', ...files];
  const options = { cwd: folder, env, timeoutMs: 840_000 };
  await execute(program, all, { ...options, logFile: context.logFile.replace(/\.log$/, '.out') });
  context.suite(junitTests(await readFile(report, 'utf8')));
}

async function kafkaPython(context) {
  // Its tests assign partitions to the broker with id 0.
  const config = { 'num.partitions': '4', 'node.id': '0', ...OPEN_TO_ALL };
  const broker = await context.ownBroker({ config });
  const env = { KAFKA_URI: `kafka://${broker.bootstrap}` };
  await withScratch((scratch) =>
    pytest(context, scratch, ['admin', 'consumer', 'producer'], [], env),
  );
}

async function rustRdkafka(context) {
  const broker = await context.ownBroker({ config: { 'num.partitions': '3', 'node.id': '0' } });
  await rustRdkafkaTests(context, broker.bootstrap);
}

async function nodeRdkafka(context) {
  const folder = await nodeRdkafkaSuite();
  const broker = await context.ownBroker();
  await createTopics(broker, ['test', 'test2', 'test3', 'test4', 'test5', 'test6']);
  const env = { KAFKA_HOST: broker.bootstrap };
  const args = ['--no-install', 'mocha', '--reporter', 'json', '--exit', '--timeout', '20000'];
  const options = { cwd: folder, env, timeoutMs: 300_000, lastWords: /^\}\s*$/m };
  const shell = `npx ${args.join(' ')} e2e/*.spec.js`;
  await runSuite(context, (result) => mochaTests(result.stdout), 'sh', ['-c', shell], options);
}

async function librdkafka(context, selection, more = {}, config = {}) {
  const broker = await context.ownBroker({ config: { 'num.partitions': '4', ...config } });
  await librdkafkaTests(context, broker.bootstrap, selection, more);
}

function suite(name, proves, needs, command, limitS, run) {
  return { name, proves, needs, command, limitS, run, sets: ['full', 'suites'] };
}

export const suiteChecks = [
  suite(
    'franz-go-suite',
    `franz-go ${VERSIONS.kgo}: kgo's own tests`,
    'go',
    `KGO_SEEDS=… KGO_TEST_RF=1 KGO_TEST_RECORDS=50000 go test -run '${KGO_TESTS}' -skip TxnEtl`,
    660,
    (context) => kgo(context, 50_000, '-test.run', KGO_TESTS, '-test.skip', 'TestTxnEtl'),
  ),
  suite(
    'franz-go-secured',
    `franz-go ${VERSIONS.kgo}: kgo's tests of SCRAM, and its others with mutual TLS`,
    'java, mvn, go',
    `KGO_TEST_SCRAM=… go test -run SCRAM; KGO_TEST_TLS=ca:… go test -run '${KGO_TESTS}'`,
    660,
    kgoSecured,
  ),
  suite(
    'franz-go-transactions',
    `franz-go ${VERSIONS.kgo}: kgo's transactional chain`,
    'go',
    'KGO_SEEDS=… KGO_TEST_RF=1 KGO_TEST_RECORDS=20000 go test -run TestTxn',
    660,
    (context) => kgo(context, 20_000, '-test.run', 'TestTxn'),
  ),
  suite(
    'franz-go-transactions-kills',
    `franz-go ${VERSIONS.kgo}: the same while the broker is killed and stopped every 4 s`,
    'go',
    'KGO_SEEDS=… KGO_TEST_RF=1 KGO_TEST_RECORDS=10000 go test -run TestTxnEtl',
    660,
    kgoTransactionsUnderKills,
  ),
  suite(
    'kafka-python-suite',
    `kafka-python ${VERSIONS.kafkaPython}: its integration tests`,
    'python3',
    'KAFKA_URI=… KAFKA_VERSION=4.3.0 pytest test/integration',
    900,
    kafkaPython,
  ),
  suite(
    'kafka-python-secured',
    `kafka-python ${VERSIONS.kafkaPython}: its tests of SASL and TLS`,
    'java, mvn, python3',
    'pytest -p secured_suite test/integration/test_sasl_integration.py, test_ssl_integration.py',
    300,
    kafkaPythonSecured,
  ),
  suite(
    'librdkafka-suite',
    `librdkafka 2.15.1 (in @confluentinc/kafka-javascript ${VERSIONS.kafkaJavascript}): smoke list`,
    'npm, gcc, g++, make',
    `TESTS=${SMOKE} ./test-runner -p1`,
    1_700,
    (context) => librdkafka(context, SMOKE),
  ),
  suite(
    'librdkafka-acls',
    'librdkafka 2.15.1: its tests of CreateAcls, DescribeAcls and DeleteAcls',
    'npm, gcc, g++, make',
    `TESTS=${ACL_TESTS} SUBTESTS=Acls ./test-runner -p1`,
    600,
    (context) => librdkafka(context, ACL_TESTS, { SUBTESTS: 'Acls' }, OPEN_TO_ALL),
  ),
  suite(
    'node-rdkafka-suite',
    `node-rdkafka ${VERSIONS.nodeRdkafka}: its e2e tests`,
    'npm, g++, make, python3',
    'KAFKA_HOST=… mocha e2e/*.spec.js',
    1_700,
    nodeRdkafka,
  ),
  suite(
    'rust-rdkafka-suite',
    `rust-rdkafka ${VERSIONS.rustRdkafka}: its tests`,
    'cargo, g++, make, cmake',
    'KAFKA_HOST=… cargo test --tests -- --test-threads=1',
    2_400,
    rustRdkafka,
  ),
];
