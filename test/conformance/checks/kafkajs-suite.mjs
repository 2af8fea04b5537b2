/** KafkaJS's own specs: with KafkaJS, and with the façade that takes its place. */

import { freePort } from '../lib/brokers.mjs';
import {
  addScramUser,
  runSpecs,
  SPEC_CONFIG,
  specCertificate,
  specListeners,
} from '../lib/kafkajs-specs.mjs';
import { compileTypes, KAFKAJS } from '../lib/kafkajs-suite.mjs';

const LIMIT_S = 600;

/** The listeners that the specs know from KafkaJS's containers. */
async function startBroker(context) {
  const [plain, ssl, sasl] = [await freePort(), await freePort(), await freePort()];
  const issued = await specCertificate();
  const config = {
    ...specListeners({ plain, ssl, sasl }),
    ...SPEC_CONFIG,
    'node.id': '0',
    'ssl.keystore.certificate.chain': issued.certificate,
    'ssl.keystore.key': issued.key,
    // Kafka's own controller and broker speak over PLAINTEXT, whatever rules the specs make.
    ...(context.kind === 'kafka' ? { 'super.users': 'User:ANONYMOUS' } : {}),
  };
  const { bootstrap } = await context.ownBroker({ config, port: plain });
  await addScramUser(bootstrap);
  return { plain: [plain], ssl: [ssl], sasl: [sasl] };
}

async function specs(context, kind) {
  await runSpecs(context, kind, await startBroker(context), (LIMIT_S - 20) * 1_000);
  if (kind === 'facade') await context.step('types/tests.ts compiles', compileTypes);
}

function check(name, kind, proves) {
  const command = 'KAFKAJS_PLAIN_PORTS=… jest -c jest.millrace.js -t … src/…';
  const run = (context) => specs(context, kind);
  const sets = ['full', 'suites'];
  return { name, proves, needs: 'git, npm', command, limitS: LIMIT_S, run, sets };
}

const VERSION = KAFKAJS.tag.slice(1);

export const kafkaJsSuiteChecks = [
  check(
    'kafkajs-suite',
    'kafkajs',
    `KafkaJS ${VERSION}: its specs of producer, consumer and admin`,
  ),
  check('kafkajs-facade', 'facade', `millrace/kafkajs: the same specs of KafkaJS ${VERSION} on it`),
];
