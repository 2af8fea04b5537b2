/**
 * Suites that clients publish, against three brokers under Apache Kafka's controllers: topics get
 * three replicas, and so do those of groups and transactions.
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePort } from '../lib/brokers.mjs';
import { withScratch } from '../lib/clients.mjs';
import { RACK_SELECTOR, REPLICA_CONTROLLERS, REPLICATED } from '../lib/cluster-casts.mjs';
import {
  addScramUser,
  runSpecs,
  SPEC_CONFIG,
  specCertificate,
  specListeners,
} from '../lib/kafkajs-specs.mjs';
import { KAFKAJS } from '../lib/kafkajs-suite.mjs';
import { PLATFORMATIC, platformaticTests } from '../lib/platformatic-suite.mjs';
import { replicaChecks } from '../lib/replica-checks.mjs';
import { withReplicaCluster } from '../lib/replica-cluster.mjs';
import { AUTHORIZER } from '../lib/secured-broker.mjs';
import { KGO_TESTS, kgoTests, librdkafkaTests, rustRdkafkaTests } from '../lib/suite-runs.mjs';
import { VERSIONS } from '../lib/suites.mjs';
import { VERIFIABLE_CONFIG, verifiableBriefly } from './verifiable.mjs';

const KGO_RECORDS = 20_000;
const RACK_TEST = '0101';
const KAFKAJS_MS = 840_000;
/** Whom nobody asks who it is may do everything: brokers, controllers and the suites' own clients. */
const OPEN_TO_ALL = { 'authorizer.class.name': AUTHORIZER, 'super.users': 'User:ANONYMOUS' };
/** The rules are the controllers' too: what brokers forward to them is asked again there. */
const UNTIL_A_RULE = { 'allow.everyone.if.no.acl.found': 'true' };
const PROTOCOLS = 'CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_SSL:SASL_SSL';

/** `config` is of all brokers. */
function withBrokers(context, cast, config, work, more = {}) {
  const brokerConfig = { ...REPLICATED, ...config };
  return withReplicaCluster(context, cast, work, { brokerConfig, ...more });
}

function franzGo(context, cast) {
  return withBrokers(context, cast, {}, ({ bootstrap }) => {
    const selection = ['-test.run', `${KGO_TESTS}|Txn`];
    return kgoTests(context, bootstrap, { records: KGO_RECORDS, selection, replicas: 3 });
  });
}

function rustRdkafka(context, cast) {
  const config = { 'num.partitions': '3' };
  return withBrokers(context, cast, config, ({ bootstrap }) => {
    return rustRdkafkaTests(context, bootstrap);
  });
}

/** Its test says how much came from each broker, and fails on nothing that it says. */
function librdkafkaRack(context, cast) {
  const config = { 'replica.selector.class': RACK_SELECTOR, 'num.partitions': '4' };
  const brokerIds = cast.map((_kind, i) => 11 + i);
  const ownConfig = (i) => ({ 'broker.rack': `RACK${brokerIds[i]}` });
  const work = async ({ bootstrap }) => {
    const said = await librdkafkaTests(context, bootstrap, RACK_TEST);
    await context.step('most bytes come from the replica in the rack of the client', () => {
      requireBytesOfRack(said);
    });
  };
  return withBrokers(context, cast, config, work, { brokerIds, ownConfig });
}

function requireBytesOfRack(said) {
  const lines = said.matchAll(/rxbytes for replica on broker (\d+): (\d+)(.*)/g);
  const read = [...lines].map(([line, , bytes, role]) => ({ line, bytes: Number(bytes), role }));
  const preferred = read.find(({ role }) => role.includes('preferred'));
  const most = Math.max(...read.map(({ bytes }) => bytes));
  if (read.length === 3 && preferred.bytes === most) return;
  throw new Error(read.map(({ line }) => line).join('\n') || `no bytes told: ${said.slice(-600)}`);
}

/** The specs assign partitions to brokers 0, 1 and 2. */
function kafkaJs(context, cast) {
  return withScratch(async (folder) => {
    const keystore = join(folder, 'server.pem');
    const { certificate, key } = await specCertificate();
    await writeFile(keystore, key + certificate);
    const [ssl, sasl] = await Promise.all([freePorts(cast.length), freePorts(cast.length)]);
    const work = async (cluster) => {
      await addScramUser(cluster.bootstrap);
      const plain = cluster.brokers.map(({ port }) => port);
      await runSpecs(context, 'kafkajs', { plain, ssl, sasl }, KAFKAJS_MS);
    };
    const own = {
      ...SPEC_CONFIG,
      ...OPEN_TO_ALL,
      'ssl.keystore.location': keystore,
      'listener.security.protocol.map': PROTOCOLS,
      'default.replication.factor': '1',
      'min.insync.replicas': '1',
    };
    return withBrokers(context, cast, own, work, {
      controllerIds: [101, 102, 103],
      brokerIds: [0, 1, 2],
      config: { ...REPLICA_CONTROLLERS, ...OPEN_TO_ALL, ...UNTIL_A_RULE },
      ownConfig: (i, plain) => specListeners({ plain, ssl: ssl[i], sasl: sasl[i] }),
    });
  });
}

/** Its tests know the brokers as 1, 2 and 3. */
function platformatic(context, cast) {
  const config = { ...VERIFIABLE_CONFIG, ...OPEN_TO_ALL, 'min.insync.replicas': '1' };
  const ids = { controllerIds: [101, 102, 103], brokerIds: [1, 2, 3] };
  const work = ({ brokers }) => platformaticTests(context, brokers);
  const more = { ...ids, config: { ...REPLICA_CONTROLLERS, ...OPEN_TO_ALL } };
  return withBrokers(context, cast, config, work, more);
}

function freePorts(count) {
  return Promise.all(Array.from({ length: count }, () => freePort()));
}

function verifiable(context, cast) {
  return withBrokers(context, cast, VERIFIABLE_CONFIG, ({ bootstrap }) => {
    return verifiableBriefly(context, { bootstrap, replicas: 3 });
  });
}

const VERSION = KAFKAJS.tag.slice(1);

export const clusterSuiteChecks = [
  ...replicaChecks({
    name: 'cluster-franz-go',
    proves: `franz-go ${VERSIONS.kgo}: kgo's own tests, with three replicas`,
    needs: 'java, mvn, go',
    command: `KGO_SEEDS=… KGO_TEST_RF=3 KGO_TEST_RECORDS=${KGO_RECORDS} go test -run …`,
    limitS: 700,
    run: franzGo,
  }),
  ...replicaChecks({
    name: 'cluster-librdkafka-rack',
    proves: 'librdkafka 2.15.1: its test of fetches from the follower in its rack',
    needs: 'java, mvn, npm, gcc, g++, make, rapidjson',
    command: `TESTS=${RACK_TEST} ./test-runner -p1`,
    limitS: 900,
    run: librdkafkaRack,
  }),
  ...replicaChecks({
    name: 'cluster-kafkajs',
    proves: `KafkaJS ${VERSION}: its specs, also those that want three brokers`,
    needs: 'java, mvn, git, npm',
    command: 'KAFKAJS_PLAIN_PORTS=… jest -c jest.millrace.js -t … src/…',
    limitS: 900,
    run: kafkaJs,
  }),
  ...replicaChecks({
    name: 'cluster-rust-rdkafka',
    proves: `rust-rdkafka ${VERSIONS.rustRdkafka}: its tests`,
    needs: 'java, mvn, cargo, g++, make, cmake',
    command: 'KAFKA_HOST=… cargo test --tests -- --test-threads=1',
    limitS: 2_400,
    run: rustRdkafka,
  }),
  ...replicaChecks({
    name: 'cluster-platformatic',
    proves: `@platformatic/kafka ${PLATFORMATIC.tag.slice(1)}: its tests of clients`,
    needs: 'java, mvn, git, npm',
    command: 'node --import @swc-node/register/esm-register --test test/clients/…',
    limitS: 1_500,
    run: platformatic,
  }),
  ...replicaChecks({
    name: 'cluster-verifiable',
    proves: "kafkatest's verifiable programs, Java's and millrace's, in one group too",
    needs: 'java, mvn',
    command: 'millrace verifiable-producer | verifiable-consumer …, and those of Java',
    limitS: 600,
    run: verifiable,
  }),
];
