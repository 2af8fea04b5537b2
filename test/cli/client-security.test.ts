import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { clientSecurity } from '../../src/cli/client-security.ts';
import { administrator, nameFor, setUp } from '../client/security/set-up.ts';
import { runsProgram } from '../support/runs-program.ts';
import { PASSWORDS, SecuredCluster } from '../support/secured-cluster.ts';
import { runCli } from './run-cli.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-cli-security-'));
let cluster: SecuredCluster;

beforeAll(async () => {
  cluster = await SecuredCluster.millrace();
  await setUp(cluster);
});

afterAll(async () => {
  await cluster[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

function fileOf(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

function properties(name: string, lines: Readonly<Record<string, string>>): string {
  const text = Object.entries(lines).map(([key, value]) => `${key}=${value}\n`);
  return fileOf(`${name}.properties`, text.join(''));
}

/** Sends a line to a topic of the owner's and reads it back. */
async function roundTrip(owner: string, servers: string, config: string): Promise<void> {
  const name = nameFor(owner);
  await using admin = administrator(cluster);
  await admin.topics.create([{ name }]);
  const all = ['-b', servers, '--command-config', config];
  const sent = await runCli(['produce', '-q', '-t', name, ...all], { input: 'hello\n' });
  expect(sent).toEqual({ code: 0, out: '', errors: '' });
  const read = await runCli(['consume', '-q', '-t', name, '-o', '0', '-e', ...all]);
  expect(read).toEqual({ code: 0, out: 'hello\n', errors: '' });
}

function jaas(module: string, username: string, password: string): string {
  const quoted = password.replaceAll(/["\\]/g, '\\$&').replaceAll('\\', '\\\\');
  return `${module} required username="${username}" password="${quoted}";`;
}

describe("Java's properties of security", () => {
  it('lead over TLS, and with a certificate of the client', async () => {
    const truststore = fileOf('ca.pem', cluster.authority.certificate);
    const trust = { 'ssl.truststore.type': 'PEM', 'ssl.truststore.location': truststore };
    const { certificate, key } = cluster.authority.issue({ commonName: 'holder' });
    const config = properties('mtls', {
      'security.protocol': 'SSL',
      ...trust,
      'ssl.keystore.type': 'PEM',
      'ssl.keystore.location': fileOf('holder.pem', certificate + key),
    });
    await roundTrip('holder', cluster.serversOf('MTLS'), config);
  });

  it.each([
    ['PLAIN', 'org.apache.kafka.common.security.plain.PlainLoginModule'],
    ['SCRAM-SHA-256', 'org.apache.kafka.common.security.scram.ScramLoginModule'],
    ['SCRAM-SHA-512', 'org.apache.kafka.common.security.scram.ScramLoginModule'],
  ])('log in with %s, and say where the password is wrong', async (mechanism, module) => {
    const common = {
      'security.protocol': 'SASL_SSL',
      'ssl.truststore.type': 'PEM',
      'ssl.truststore.location': fileOf('ca.pem', cluster.authority.certificate),
      'sasl.mechanism': mechanism,
    };
    const servers = cluster.serversOf('SASL_SSL');
    const right = { ...common, 'sasl.jaas.config': jaas(module, 'ada', PASSWORDS.ada) };
    await roundTrip('ada', servers, properties('right', right));
    const wrong = { ...common, 'sasl.jaas.config': jaas(module, 'ada', 'guess') };
    const config = properties('wrong', wrong);
    for (const command of ['produce', 'consume']) {
      const words = [command, '-t', 'ada-x', '-b', servers, '--command-config', config];
      const { code, out, errors } = await runCli(words);
      expect([code, out]).toEqual([1, '']);
      expect(errors).toContain('SASL_AUTHENTICATION_FAILED');
    }
  });

  it.skipIf(!runsProgram('keytool', '-help') || !runsProgram('openssl', 'version'))(
    'name PKCS12 stores, and say what to do with others',
    async () => {
      const ca = fileOf('ca.pem', cluster.authority.certificate);
      const { certificate, key } = cluster.authority.issue({ commonName: 'holder' });
      const [trust, own] = [join(folder, 'trust.p12'), join(folder, 'own.p12')];
      const entry = ['-importcert', '-noprompt', '-alias', 'ca', '-file', ca];
      const store = ['-keystore', trust, '-storetype', 'PKCS12', '-storepass', 'changeit'];
      execFileSync('keytool', [...entry, ...store], { stdio: 'pipe' });
      const from = ['-export', '-in', fileOf('holder.pem', certificate + key)];
      execFileSync('openssl', ['pkcs12', ...from, '-out', own, '-passout', 'pass:secret']);
      const lines = {
        'security.protocol': 'SSL',
        'ssl.truststore.type': 'PKCS12',
        'ssl.truststore.location': trust,
        'ssl.truststore.password': 'changeit',
        'ssl.keystore.type': 'PKCS12',
        'ssl.keystore.location': own,
        'ssl.keystore.password': 'secret',
      };
      await roundTrip('holder', cluster.serversOf('MTLS'), properties('pkcs12', lines));
      const read = (more: object) => clientSecurity(new Map(Object.entries({ ...lines, ...more })));
      expect(() => read({ 'ssl.truststore.password': 'x' })).toThrow(/trust\.p12: its password/);
      expect(() => read({ 'ssl.keystore.type': 'JKS' })).toThrow(/keytool -importkeystore/);
      const wrong = { 'ssl.keystore.password': 'guess' };
      expect(() => read(wrong)).toThrow(/cannot use .*own\.p12: its password is another/);
      const asPem = { 'ssl.keystore.type': 'PEM' };
      expect(() => read(asPem)).toThrow(/own\.p12: it has no certificate in PEM/);
      const untrusted = { 'ssl.truststore.type': 'PEM' };
      expect(() => read(untrusted)).toThrow(/trust\.p12 has no certificate in PEM/);
    },
  );

  it('name delegation tokens, and tokens of OAuth that lie in a file', async () => {
    const read = (lines: Readonly<Record<string, string>>) => {
      return clientSecurity(new Map(Object.entries({ 'security.protocol': 'SASL_SSL', ...lines })));
    };
    const module = 'org.apache.kafka.common.security.scram.ScramLoginModule';
    const options = `username="id" password="aG1hYw==" tokenauth="true"`;
    const delegated = { 'sasl.mechanism': 'SCRAM-SHA-256' };
    const { sasl } = read({ ...delegated, 'sasl.jaas.config': `${module} required ${options};` });
    const login = { username: 'id', password: 'aG1hYw==', isDelegationToken: true };
    expect(sasl).toEqual({ mechanism: 'SCRAM-SHA-256', ...login });
    const url = pathToFileURL(fileOf('token', 'a.b.c\n')).href;
    const bearer = { 'sasl.mechanism': 'OAUTHBEARER' };
    const given = read({ ...bearer, 'sasl.oauthbearer.token.endpoint.url': url }).sasl;
    if (given === undefined || !('token' in given)) throw new Error('there is no token');
    expect(await given.token()).toEqual({ value: 'a.b.c' });
    expect(() => read(bearer)).toThrow('expected file:///');
  });
});
