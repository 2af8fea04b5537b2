/** A broker of millrace whose controllers take only TLS and who says its name and password. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CLIENTS, runJobs, withScratch } from '../lib/clients.mjs';
import { Cluster } from '../lib/cluster.mjs';
import { formatArguments } from '../lib/format-arguments.mjs';
import { expectEqual, expectMatch, tool } from '../lib/kafka-tools.mjs';
import { millraceCommand, overridesOf } from '../lib/millrace-command.mjs';
import { execute } from '../lib/process.mjs';
import { compareRecords, makeRecords, readRecords, writeRecords } from '../lib/records.mjs';
import { AUTHORIZER, USERS } from '../lib/secured-broker.mjs';

const COUNT = 200;
const WAIT_MS = 4000;
const LOGIN = 'org.apache.kafka.common.security.plain.PlainLoginModule required';
const WHO = `username="admin" password="${USERS.admin}"`;
const PROTOCOLS = 'CONTROLLER:SASL_SSL,PLAINTEXT:PLAINTEXT';

/** What brokers and controllers have in common. */
async function sharedConfig(folder) {
  const { ThrowAwayAuthority } = await import('#millrace/security/tls/throw-away-authority');
  const authority = new ThrowAwayAuthority();
  const hosts = ['localhost', '127.0.0.1'];
  const { certificate, key } = authority.issue({ commonName: 'controller', hosts });
  const [trusted, own] = [join(folder, 'ca.pem'), join(folder, 'controller.pem')];
  await writeFile(trusted, authority.certificate);
  await writeFile(own, key + certificate);
  const prefix = 'listener.name.controller';
  return {
    'authorizer.class.name': AUTHORIZER,
    'super.users': 'User:admin;User:ANONYMOUS',
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': PROTOCOLS,
    'sasl.mechanism.controller.protocol': 'PLAIN',
    [`${prefix}.plain.sasl.jaas.config`]: `${LOGIN} ${WHO} user_admin="${USERS.admin}";`,
    [`${prefix}.sasl.enabled.mechanisms`]: 'PLAIN',
    [`${prefix}.ssl.truststore.type`]: 'PEM',
    [`${prefix}.ssl.truststore.location`]: trusted,
    [`${prefix}.ssl.keystore.type`]: 'PEM',
    [`${prefix}.ssl.keystore.location`]: own,
  };
}

/** What a broker writes until it is stopped. */
async function saidIn(timeoutMs, config) {
  const [node, ...args] = millraceCommand('serve', ...overridesOf(config));
  const { stdout, stderr } = await execute(node, args, { timeoutMs });
  return stdout + stderr;
}

async function secured(context, folder) {
  const config = await sharedConfig(folder);
  const formatArgs = await formatArguments();
  const cluster = await Cluster.start({ brokers: 0, config, formatArgs, ...context });
  try {
    const ofBroker = {
      ...config,
      'process.roles': 'broker',
      'node.id': '21',
      'controller.quorum.bootstrap.servers': cluster.bootstrapControllers,
    };
    let broker;
    await context.step('it registers, and leads what is created through it', async () => {
      broker = await context.ownBroker({ config: ofBroker });
      const at = ['--bootstrap-server', broker.bootstrap, '--topic', 'guarded'];
      await tool('TopicCommand', [...at, '--create', '--partitions', '3']);
      expectMatch(await tool('TopicCommand', [...at, '--describe']), /Leader: 21\s/, 'a leader');
    });
    await context.step('its records are written and read', async () => {
      const sent = makeRecords(COUNT, 3);
      const [from, to] = [join(folder, 'sent'), join(folder, 'read')];
      await writeRecords(from, sent);
      const jobs = [
        { do: 'produce', topic: 'guarded', codec: 'none', idempotent: true, file: from },
        { do: 'consume', topic: 'guarded', count: COUNT, file: to },
      ];
      const errors = await runJobs(CLIENTS.java, broker.bootstrap, jobs, folder);
      expectEqual(errors, [null, null], 'jobs');
      compareRecords(sent, await readRecords(to));
    });
    await context.step('with a wrong password it waits, and says why', async () => {
      const jaas = 'listener.name.controller.plain.sasl.jaas.config';
      const wrong = { [jaas]: `${LOGIN} username="admin" password="wrong";`, 'node.id': '22' };
      const listeners = { listeners: 'PLAINTEXT://127.0.0.1:1', 'log.dirs': join(folder, 'wrong') };
      const said = await saidIn(WAIT_MS, { ...ofBroker, ...wrong, ...listeners });
      expectMatch(said, /uthentication/, 'a log line');
    });
  } finally {
    await cluster.discard();
  }
}

export const clusterSecuredChecks = [
  {
    name: 'cluster-secured',
    proves: "a broker reaches Apache Kafka's controllers by TLS and says who it is by SASL",
    needs: 'java, mvn',
    command: 'millrace serve --override listener.security.protocol.map=CONTROLLER:SASL_SSL …',
    sets: ['full', 'cluster'],
    brokers: ['millrace'],
    limitS: 200,
    run: (context) => withScratch((folder) => secured(context, folder)),
  },
];
