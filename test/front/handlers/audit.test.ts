import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { Admin } from 'millrace/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { API } from '../../../src/protocol/api-keys.ts';
import { ThrowAwayAuthority } from '../../../src/security/tls/throw-away-authority.ts';
import { WireClient } from '../../support/wire-client.ts';

let folder: string;
let file: string;
let broker: EmbeddedBroker;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-audit-'));
  file = join(folder, 'audit.log');
  broker = await startBroker({
    security: {
      tls: false,
      users: { alice: 'one-secret', root: 'three-secret' },
      superUsers: ['root'],
    },
    config: {
      'millrace.audit.log': file,
      'connection.failed.authentication.delay.ms': '0',
    },
  });
  await broker.createTopic('secret');
});

afterAll(async () => {
  await broker.close();
  rmSync(folder, { recursive: true });
});

const events = (): Record<string, unknown>[] =>
  readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

const adminOf = (user: string) => new Admin(broker.security.settingsFor({ user }).millrace);

it('tells of logins that fail, over Kafka and over HTTP', async () => {
  const client = await WireClient.open(broker.port);
  await client.ask(API.SASL_HANDSHAKE, 1, { mechanism: 'PLAIN' });
  const authBytes = Buffer.from('\0alice\0guessed-secret');
  await client.ask(API.SASL_AUTHENTICATE, 2, { authBytes });
  const authorization = `Basic ${Buffer.from('alice:guessed-secret').toString('base64')}`;
  await fetch(`${broker.httpUrl}/topics`, { headers: { authorization } });
  const failed = events().filter(({ event }) => event === 'authentication-failed');
  expect(failed.map(({ mechanism }) => mechanism)).toEqual(['PLAIN', 'HTTP']);
  expect(failed.map(({ address }) => address)).toEqual(['127.0.0.1', '127.0.0.1']);
});

it('tells of what is denied', async () => {
  await using alice = adminOf('alice');
  const outcomes = await alice.topics.delete(['secret']);
  expect([...outcomes.values()][0]).toBeInstanceOf(Error);
  const denied = events().find(({ event }) => event === 'denied');
  expect(denied).toMatchObject({ principal: 'User:alice', address: '127.0.0.1' });
});

it('tells of topics and of the cluster that may not be described, and not of lists', async () => {
  await using alice = adminOf('alice');
  const told = () => events().filter(({ operation }) => operation === 'DESCRIBE').length;
  const before = told();
  expect(await alice.topics.list()).toEqual([]);
  expect(told()).toBe(before);
  await alice.topics.describe(['secret']).catch(() => {});
  await alice.acls.describe().catch(() => {});
  const denied = events().slice(-2);
  expect(denied.map(({ operation, resource }) => [operation, resource])).toEqual([
    ['DESCRIBE', 'TOPIC:secret'],
    ['DESCRIBE', 'CLUSTER:kafka-cluster'],
  ]);
});

it('tells who changed rules, users, quotas and configurations, and no value of them', async () => {
  await using root = adminOf('root');
  const rule = {
    resourceType: 'topic',
    resourceName: 'secret',
    patternType: 'literal',
    principal: 'User:alice',
    host: '*',
    operation: 'read',
    permission: 'allow',
  } as const;
  await root.acls.create([rule]);
  await root.acls.delete([rule]);
  const user = { user: 'carol', mechanism: 'SCRAM-SHA-256' } as const;
  await root.scram.alter([{ ...user, password: 'four-secret' }]);
  await root.scram.alter([{ ...user, password: null }]);
  await root.quotas.alter([{ entity: { user: 'carol' }, values: { producer_byte_rate: 1000 } }]);
  const client = await WireClient.open(broker.port);
  await client.ask(API.SASL_HANDSHAKE, 1, { mechanism: 'PLAIN' });
  const authBytes = Buffer.from('\0root\0three-secret');
  await client.ask(API.SASL_AUTHENTICATE, 2, { authBytes });
  await client.ask(API.INCREMENTAL_ALTER_CONFIGS, 1, {
    resources: [
      {
        resourceType: 2,
        resourceName: 'secret',
        configs: [{ name: 'retention.ms', configOperation: 0, value: '123456' }],
      },
    ],
    validateOnly: false,
  });
  client.close();
  const changed = events().filter(({ event }) => event === 'changed');
  expect(changed.map(({ principal, what }) => [principal, what])).toEqual([
    ['User:root', 'acl added'],
    ['User:root', 'acl removed'],
    ['User:root', 'password set'],
    ['User:root', 'user removed'],
    ['User:root', 'quota'],
    ['User:root', 'configuration'],
  ]);
  expect(changed[0]!.rule).toBe('ALLOW User:alice READ on TOPIC:LITERAL:secret from *');
  expect(changed.at(-1)).toMatchObject({ of: 'topic secret', names: ['retention.ms'] });
  const text = readFileSync(file, 'utf8');
  expect(text).not.toMatch(/-secret|123456/);
  expect(statSync(file).mode & 0o077).toBe(0);
});

it('does not start where it cannot be written', async () => {
  const config = { 'millrace.audit.log': join(folder, 'none', 'audit.log') };
  await expect(startBroker({ config })).rejects.toThrow('millrace.audit.log');
});

it('tells of clients that show no certificate, or one that is not trusted', async () => {
  const target = join(folder, 'certificates.log');
  const authority = new ThrowAwayAuthority();
  const { certificate, key } = authority.issue({ commonName: 'localhost', hosts: ['127.0.0.1'] });
  await using secured = await startBroker({
    config: {
      listeners: 'SSL://127.0.0.1:0',
      'ssl.keystore.certificate.chain': certificate,
      'ssl.keystore.key': key,
      'ssl.client.auth': 'required',
      'ssl.truststore.certificates': authority.certificate,
      'millrace.audit.log': target,
      'millrace.http.listener': 'none',
    },
  });
  const eve = new ThrowAwayAuthority().issue({ commonName: 'eve' });
  for (const shown of [{}, { cert: eve.certificate, key: eve.key }]) {
    const socket = connect({ port: secured.port, ca: authority.certificate, ...shown });
    socket.on('error', () => socket.destroy());
    await new Promise((resolve) => socket.once('close', resolve));
  }
  const failed = readFileSync(target, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(failed).toHaveLength(2);
  for (const event of failed) {
    expect(event).toMatchObject({ event: 'authentication-failed', mechanism: 'SSL' });
    expect(event.address).toBe('127.0.0.1');
  }
});
