/**
 * Kafka's own tools for rules, users, quotas and delegation tokens, over SASL_SSL. What they print
 * is held to the very lines that they print with Apache Kafka.
 */

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { runJobs, withScratch } from '../lib/clients.mjs';
import { createTopics, expectEqual, expectMatch, tool, tryTool } from '../lib/kafka-tools.mjs';
import { makeRecords, writeRecords } from '../lib/records.mjs';
import { SecuredBroker } from '../lib/secured-broker.mjs';
import { SECURED_CLIENTS, securityOf } from '../lib/secured-clients.mjs';

const QUIET = { logLevel: 'error' };
const SCRAM = 'SCRAM-SHA-512';
const QUOTA = 1_000_000;
const RECORD_BYTES = 1_000;
const QUOTA_S = 20;
const TOLERANCE = 0.2;
/** Version 0, with its length. */
const API_VERSIONS = Buffer.from('0000000a0012000000000001ffff', 'hex');

/** A tool's run over SASL_SSL, as the user whose file of properties it is. */
function runner(secured, file) {
  return (name, ...args) => {
    const server = ['--bootstrap-server', secured.bootstrap('SASL_SSL')];
    return tool(name, [...server, '--command-config', file, ...args], QUIET);
  };
}

/** The lines that say something, in an order that does not depend on the broker's. */
function lines(text) {
  const all = text.split('\n').map((line) => line.trim().replace(/\s+/g, ' '));
  return all.filter((line) => line !== '').sort();
}

function binding(principal, host, operation, permission) {
  const pair = `(principal=${principal}, host=${host}, operation=${operation}`;
  return `${pair}, permissionType=${permission})`;
}

function resource(type, name, pattern = 'LITERAL') {
  return `ResourcePattern(resourceType=${type}, name=${name}, patternType=${pattern})`;
}

async function aclSteps(context, secured, run, folder) {
  const acls = (...args) => run('AclCommand', ...args);
  const alice = ['--allow-principal', 'User:alice'];
  await createTopics(secured.broker, ['orders', 'letters-1']);
  const refusal = () => produceAs(secured, 'orders', folder);
  await context.step('a topic without rules is closed', async () => {
    expectMatch(String(await refusal()), /TopicAuthorizationException/, 'error');
  });
  await context.step('AclCommand is refused to a user without rights', async () => {
    const file = await secured.propertiesFile(secured.login(SCRAM, 'alice'));
    const server = ['--bootstrap-server', secured.bootstrap('SASL_SSL'), '--command-config', file];
    const out = await tryTool('AclCommand', [...server, '--list'], QUIET);
    expectMatch(out.stdout + out.stderr, /ClusterAuthorizationException/, 'message');
  });
  await context.step('AclCommand --add a literal rule', async () => {
    const out = await acls('--add', ...alice, '--operation', 'Read', '--topic', 'orders');
    const rule = binding('User:alice', '*', 'READ', 'ALLOW');
    const added = `Adding ACLs for resource \`${resource('TOPIC', 'orders')}\`:`;
    expectEqual(lines(out), [rule, added].sort(), 'output');
  });
  await context.step('AclCommand --add --producer opens the topic', async () => {
    await acls('--add', ...alice, '--producer', '--topic', 'orders');
    expectEqual(await refusal(), null, 'error');
  });
  await context.step('AclCommand --add --deny-principal closes it', async () => {
    const deny = ['--deny-principal', 'User:alice', '--deny-host', '127.0.0.1'];
    await acls('--add', ...deny, '--operation', 'Write', '--topic', 'orders');
    expectMatch(String(await refusal()), /TopicAuthorizationException/, 'error');
  });
  await context.step(
    'AclCommand --add for a prefix, a group, the cluster, an id, a token',
    async () => {
      const consumer = ['--consumer', '--topic', 'letters-', '--group', 'readers'];
      await acls('--add', ...alice, ...consumer, '--resource-pattern-type', 'prefixed');
      await acls('--add', ...alice, '--operation', 'Alter', '--cluster');
      await acls('--add', ...alice, '--operation', 'Write', '--transactional-id', 'payments');
      await acls('--add', ...alice, '--operation', 'Describe', '--delegation-token', 'some-token');
      await acls('--add', ...alice, '--operation', 'CreateTokens', '--user-principal', 'User:bob');
    },
  );
  await context.step('AclCommand --list', async () => {
    expectEqual(lines(await acls('--list')), ALL_RULES, 'output');
  });
  await context.step('AclCommand --list --topic with --resource-pattern-type match', async () => {
    const out = await acls('--list', '--topic', 'letters-1', '--resource-pattern-type', 'match');
    expectEqual(lines(out), LETTERS, 'output');
  });
  await context.step('AclCommand --list --principal', async () => {
    const said = ['ACLs for principal `User:nobody`'];
    expectEqual(lines(await acls('--list', '--principal', 'User:nobody')), said, 'output');
  });
  await context.step('AclCommand --remove', async () => {
    await acls('--remove', '--force', '--topic', 'orders');
    const out = await acls('--list', '--topic', 'orders');
    expectEqual(lines(out), [], 'output');
    expectMatch(String(await refusal()), /TopicAuthorizationException/, 'error');
  });
}

function rulesOf(where, ...rules) {
  return [`Current ACLs for resource \`${where}\`:`, ...rules];
}

const allow = (operation, principal = 'User:alice') => {
  return binding(principal, '*', operation, 'ALLOW');
};
const LETTERS = rulesOf(
  resource('TOPIC', 'letters-', 'PREFIXED'),
  allow('DESCRIBE'),
  allow('READ'),
).sort();
const ALL_RULES = [
  ...LETTERS,
  ...rulesOf(resource('GROUP', 'readers', 'PREFIXED'), allow('READ')),
  ...rulesOf(resource('CLUSTER', 'kafka-cluster'), allow('ALTER')),
  ...rulesOf(resource('TRANSACTIONAL_ID', 'payments'), allow('WRITE')),
  ...rulesOf(resource('DELEGATION_TOKEN', 'some-token'), allow('DESCRIBE')),
  ...rulesOf(resource('USER', 'User:bob'), allow('CREATE_TOKENS')),
  ...rulesOf(
    resource('TOPIC', 'orders'),
    ...['READ', 'WRITE', 'DESCRIBE', 'CREATE'].map((operation) => allow(operation)),
    binding('User:alice', '127.0.0.1', 'WRITE', 'DENY'),
  ),
].sort();

/** The error of one record of Java's producer, as alice or whoever the login says; else null. */
async function produceAs(secured, topic, folder, login = secured.login(SCRAM), more = '') {
  const file = join(folder, 'one-record');
  await writeRecords(file, makeRecords(1, 1));
  const spec = securityOf(secured, login);
  spec.security.java = secured.properties(login, more);
  const jobs = [{ do: 'produce', topic, codec: 'none', file }];
  const client = { ...SECURED_CLIENTS.java, spec };
  const [error] = await runJobs(client, secured.bootstrap('SASL_SSL'), jobs, folder, 60_000);
  return error;
}

async function userSteps(context, secured, run, folder) {
  const configs = (...args) => run('ConfigCommand', ...args);
  const carol = ['--entity-type', 'users', '--entity-name', 'carol'];
  const login = secured.login(SCRAM, 'carol', 'carol-secret');
  await context.step('ConfigCommand adds a user of SCRAM, who can log in', async () => {
    const value = 'SCRAM-SHA-512=[iterations=8192,password=carol-secret]';
    const out = await configs('--alter', ...carol, '--add-config', value);
    expectEqual(lines(out), ['Completed updating config for user carol.'], 'output');
    const error = await produceAs(secured, 'orders', folder, login);
    expectMatch(String(error), /TopicAuthorizationException/, 'what comes after the login');
  });
  await context.step('ConfigCommand describes it', async () => {
    const said =
      "SCRAM credential configs for user-principal 'carol' are SCRAM-SHA-512=iterations=8192";
    expectEqual(lines(await configs('--describe', ...carol)), [said], 'output');
  });
  await context.step('ConfigCommand deletes it, and nobody logs in', async () => {
    await configs('--alter', ...carol, '--delete-config', 'SCRAM-SHA-512');
    expectEqual(lines(await configs('--describe', ...carol)), [], 'output');
    const error = await produceAs(secured, 'orders', folder, login);
    expectMatch(String(error), /SaslAuthenticationException/, 'error');
  });
}

const user = ['--entity-type', 'users', '--entity-name', 'alice'];
const QUOTAS = [
  ['a user', user, 'producer_byte_rate', "user-principal 'alice'"],
  [
    'the default user',
    ['--entity-type', 'users', '--entity-default'],
    'consumer_byte_rate',
    'the default user-principal',
  ],
  [
    'a client',
    ['--entity-type', 'clients', '--entity-name', 'app'],
    'request_percentage',
    "client-id 'app'",
  ],
  [
    'a user and client',
    [...user, '--entity-type', 'clients', '--entity-name', 'app'],
    'controller_mutation_rate',
    "user-principal 'alice', client-id 'app'",
  ],
  [
    'an address',
    ['--entity-type', 'ips', '--entity-name', '10.1.2.3'],
    'connection_creation_rate',
    "ip '10.1.2.3'",
  ],
];

async function quotaSteps(context, secured, run) {
  for (const [label, entity, name, title] of QUOTAS) {
    await context.step(`ConfigCommand: a quota of ${label}`, async () => {
      await run('ConfigCommand', '--alter', ...entity, '--add-config', `${name}=100`);
      const out = await run('ConfigCommand', '--describe', ...entity);
      expectEqual(lines(out).slice(0, 1), [`Quota configs for ${title} are ${name}=100.0`], 'set');
      await run('ConfigCommand', '--alter', ...entity, '--delete-config', name);
      const left = await run('ConfigCommand', '--describe', ...entity);
      expectEqual(left.includes(`${name}=100`), false, 'still there');
    });
  }
  await context.step(`ProducerPerformance keeps to a quota of ${QUOTA} bytes/s`, async () => {
    const topic = 'quota';
    await createTopics(secured.broker, [topic]);
    const admin = ['--entity-type', 'users', '--entity-name', 'admin'];
    await run('ConfigCommand', '--alter', ...admin, '--add-config', `producer_byte_rate=${QUOTA}`);
    const count = String((QUOTA * QUOTA_S) / RECORD_BYTES);
    const size = ['--num-records', count, '--record-size', String(RECORD_BYTES)];
    const file = await secured.propertiesFile(secured.login(SCRAM, 'admin'));
    const args = ['--topic', topic, ...size, '--throughput', '-1', '--command-config', file];
    const out = await tool('ProducerPerformance', args, { ...QUIET, timeoutMs: 120_000 });
    const rate = Number(expectMatch(out, /^\d+ records sent, ([\d.]+) records/m, 'summary')[1]);
    await run('ConfigCommand', '--alter', ...admin, '--delete-config', 'producer_byte_rate');
    const share = (rate * RECORD_BYTES) / QUOTA;
    if (Math.abs(share - 1) > TOLERANCE) throw new Error(`${share} of the quota`);
  });
}

async function tokenSteps(context, secured, run, folder) {
  const tokens = (...args) => run('DelegationTokenCommand', ...args);
  let id = '';
  let hmac = '';
  const found = async () => lines(await tokens('--describe', '--owner-principal', 'User:admin'));
  await context.step('DelegationTokenCommand --create', async () => {
    const life = ['--max-life-time-period', '-1', '--renewer-principal', 'User:alice'];
    const out = await tokens('--create', ...life);
    const row = /^(\S+)\s+(\S{88})\s+User:admin\s+User:admin\s+\[User:alice\]\s+\S+\s+\S+\s+\S+$/m;
    [, id, hmac] = expectMatch(out, row, 'the row of the token');
    expectMatch(
      out,
      /^TOKENID\s+HMAC\s+OWNER\s+REQUESTER\s+RENEWERS\s+ISSUEDATE\s+EXPIRYDATE\s+MAXDATE\s*$/m,
      'the head',
    );
  });
  await context.step('DelegationTokenCommand --describe', async () => {
    const rows = (await found()).filter((line) => line.startsWith(`${id} `));
    expectEqual(rows.length, 1, 'rows of the token');
    expectMatch(rows[0], /User:admin User:admin \[User:alice\]/, 'the row');
  });
  await context.step('a client logs in with the token, as its owner', async () => {
    const login = { ...secured.login(SCRAM), username: id, password: hmac };
    await createTopics(secured.broker, ['by-token']);
    const error = await produceAs(secured, 'by-token', folder, login, ' tokenauth="true"');
    expectEqual(error, null, 'error');
  });
  await context.step('DelegationTokenCommand --renew', async () => {
    const out = await tokens('--renew', '--renew-time-period', '-1', '--hmac', hmac);
    expectMatch(out, /Completed renew operation\. New expiry date : \S+/, 'output');
  });
  await context.step('DelegationTokenCommand --expire', async () => {
    const out = await tokens('--expire', '--expiry-time-period', '-1', '--hmac', hmac);
    expectMatch(out, /Completed expire operation\. New expiry date : \S+/, 'output');
    expectEqual(
      (await found()).some((line) => line.startsWith(`${id} `)),
      false,
      'still there',
    );
    const login = { ...secured.login(SCRAM), username: id, password: hmac };
    const error = await produceAs(secured, 'by-token', folder, login, ' tokenauth="true"');
    expectMatch(String(error), /SaslAuthenticationException/, 'error');
  });
}

/** A connection of TLS. It answers what `ask` sends. */
async function connectSecurely(secured) {
  const [host, port] = secured.bootstrap('SASL_SSL').split(':');
  const ca = await readFile(secured.files.ca);
  const socket = connect({ host, port: Number(port), ca });
  await once(socket, 'secureConnect');
  const ask = async () => {
    socket.write(API_VERSIONS);
    await once(socket, 'data', { signal: AbortSignal.timeout(10_000) });
  };
  return { serial: socket.getPeerX509Certificate().serialNumber, ask, end: () => socket.destroy() };
}

async function certificateSteps(context, secured, run) {
  const broker = ['--entity-type', 'brokers', '--entity-name', '1'];
  const name = 'listener.name.sasl_ssl.ssl.keystore.location';
  const before = await connectSecurely(secured);
  const shown = async () => {
    const { serial, end } = await connectSecurely(secured);
    end();
    return serial;
  };
  await context.step('ConfigCommand gives a listener another certificate', async () => {
    const file = await secured.anotherCertificate();
    const out = await run('ConfigCommand', '--alter', ...broker, '--add-config', `${name}=${file}`);
    expectEqual(lines(out), ['Completed updating config for broker 1.'], 'output');
    expectEqual((await shown()) === before.serial, false, 'the old one is shown');
    await before.ask();
    before.end();
  });
  await context.step(
    'a certificate with another name is refused, and the other stays',
    async () => {
      const file = await secured.anotherCertificate('stranger');
      const stays = await shown();
      const server = ['--bootstrap-server', secured.broker.bootstrap, '--alter', ...broker];
      const out = await tryTool(
        'ConfigCommand',
        [...server, '--add-config', `${name}=${file}`],
        QUIET,
      );
      expectMatch(out.stdout + out.stderr, /InvalidRequestException/, 'error');
      expectEqual(await shown(), stays, 'the certificate');
    },
  );
  await context.step('ConfigCommand takes it away again', async () => {
    await run('ConfigCommand', '--alter', ...broker, '--delete-config', name);
    expectEqual(await shown(), before.serial, 'the certificate');
  });
}

async function securityTools(context, folder) {
  // A producer sends the quota of n - 1 seconds and pauses for the rest of n windows of a second:
  // five bursts of 4 s in 20 s are the quota.
  const secured = await SecuredBroker.start(context, folder, { 'quota.window.num': '5' });
  const run = runner(secured, await secured.propertiesFile(secured.login(SCRAM, 'admin')));
  await aclSteps(context, secured, run, folder);
  await userSteps(context, secured, run, folder);
  await quotaSteps(context, secured, run);
  await tokenSteps(context, secured, run, folder);
  await certificateSteps(context, secured, run);
}

export const securityToolChecks = [
  {
    name: 'security-tools',
    proves:
      'kafka-acls, kafka-configs (SCRAM, quotas, certificates), kafka-delegation-tokens over SASL_SSL; a producer keeps to its quota',
    needs: 'java, mvn',
    command: 'java … AclCommand | ConfigCommand | DelegationTokenCommand | ProducerPerformance …',
    sets: ['full'],
    limitS: 900,
    run: (context) => withScratch((folder) => securityTools(context, folder)),
  },
];
