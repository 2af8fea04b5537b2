import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { connect as connectPlain } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { Admin, Consumer, Producer, text, topic } from 'millrace/client';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { ThrowAwayAuthority } from '../../../src/security/tls/throw-away-authority.ts';
import { runsProgram } from '../../support/runs-program.ts';
import { until } from '../../support/until.ts';

const authority = new ThrowAwayAuthority();
const stranger = new ThrowAwayAuthority();
const HOSTS = ['localhost', '127.0.0.1'];
const folder = mkdtempSync(join(tmpdir(), 'millrace-tls-'));
const words = topic('words', { key: text, value: text });
const AUTHORIZER = 'org.apache.kafka.metadata.authorizer.StandardAuthorizer';

const API_VERSIONS = Buffer.from([0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 1, 255, 255]);

/** Version 0, of all topics. */
const METADATA = Buffer.from('0000000e0003000000000001ffff00000000', 'hex');

let broker: EmbeddedBroker | null = null;

afterEach(async () => {
  await broker?.close();
  broker = null;
});
afterAll(() => rmSync(folder, { recursive: true }));

function certificateOf(name = 'localhost', issuer = authority) {
  return issuer.issue({ commonName: name, hosts: HOSTS });
}

type Config = Readonly<Record<string, string>>;

async function open(config: Config = {}, protocol = 'SSL') {
  const { certificate, key } = certificateOf();
  broker = await startBroker({
    config: {
      listeners: `${protocol}://127.0.0.1:0`,
      'ssl.keystore.certificate.chain': certificate,
      'ssl.keystore.key': key,
      ...config,
    },
  });
  return broker;
}

function clientOf({ bootstrapServers }: EmbeddedBroker, ssl: ConnectionOptions = {}) {
  return { bootstrapServers, ssl: { ca: authority.certificate, ...ssl } };
}

/** Resolves with a peer whose handshake is done, and rejects where the broker ends it. */
function handshake({ port }: EmbeddedBroker, options: ConnectionOptions = {}): Promise<TLSSocket> {
  return new Promise((resolve, reject) => {
    const ca = authority.certificate;
    const socket = connect({ host: '127.0.0.1', port, ca, ...options });
    socket.on('error', reject);
    socket.once('close', () => reject(new Error('closed')));
    // In TLS 1.3 a client learns by the first bytes that its certificate was taken.
    socket.once('data', () => resolve(socket));
    socket.write(API_VERSIONS);
  });
}

describe('a listener with TLS', () => {
  it.each(['TLSv1.2', 'TLSv1.3'] as const)('serves records over %s', async (version) => {
    const options = clientOf(await open(), { minVersion: version, maxVersion: version });
    await using producer = new Producer({ ...options, 'linger.ms': 0 });
    const big = 'x'.repeat(500_000);
    await producer.send(words, { key: 'k', value: 'hello' });
    await producer.send(words, { key: 'k', value: big });
    await using consumer = new Consumer({
      ...options,
      groupId: 'readers',
      topics: [words],
      'auto.offset.reset': 'earliest',
    });
    const values: string[] = [];
    for await (const record of consumer) {
      values.push(record.value);
      if (values.length === 2) break;
    }
    expect(values).toEqual(['hello', big]);
  });

  it('serves a certificate and an encrypted key of one PEM file', async () => {
    const { certificate, key } = certificateOf();
    const location = join(folder, 'both.pem');
    writeFileSync(location, certificate + key);
    const files = { 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': location };
    broker = await startBroker({ config: { listeners: 'SSL://127.0.0.1:0', ...files } });
    const socket = await handshake(broker);
    expect(socket.getPeerCertificate().subject.CN).toBe('localhost');
    socket.destroy();
  });

  it('keeps plain peers out and goes on', async () => {
    const opened = await open();
    const plain = connectPlain(opened.port, '127.0.0.1');
    plain.write(Buffer.from([0, 0, 0, 20, 0, 18, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0]));
    await new Promise((resolve) => plain.once('close', resolve));
    (await handshake(opened)).destroy();
  });

  it('speaks only the versions that it is told', async () => {
    const opened = await open({ 'ssl.enabled.protocols': 'TLSv1.3' });
    await expect(handshake(opened, { maxVersion: 'TLSv1.2' })).rejects.toThrow(/alert|version/);
    (await handshake(opened)).destroy();
  });

  it.each([
    ['TLSv1.2', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-ECDSA-AES256-GCM-SHA384'],
    // As Kafka writes them.
    [
      'TLSv1.2',
      'TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,TLS_RSA_WITH_AES_128_CBC_SHA',
      'ECDHE-ECDSA-AES128-GCM-SHA256',
    ],
    ['TLSv1.3', 'TLS_CHACHA20_POLY1305_SHA256', 'TLS_CHACHA20_POLY1305_SHA256'],
  ] as const)('speaks over %s only the cipher suites %s', async (version, suites, chosen) => {
    const opened = await open({ 'ssl.cipher.suites': suites });
    const socket = await handshake(opened, { minVersion: version, maxVersion: version });
    expect(socket.getCipher().name).toBe(chosen);
    socket.destroy();
  });

  it.each(['TLSv1.2', 'TLSv1.3'] as const)('takes up sessions again over %s', async (version) => {
    const opened = await open();
    const versions = { minVersion: version, maxVersion: version };
    let session: Buffer | undefined;
    const options = { ...versions, host: '127.0.0.1', port: opened.port };
    const socket = connect({ ...options, ca: authority.certificate });
    await new Promise<void>((resolve) => {
      socket.once('session', (bytes) => {
        session = bytes;
        resolve();
      });
      socket.write(API_VERSIONS);
    });
    socket.destroy();
    const again = await handshake(opened, { ...versions, session });
    expect(again.isSessionReused()).toBe(true);
    again.destroy();
  });

  it('takes new certificates while it runs, and keeps the old ones where the new are broken', async () => {
    const location = join(folder, 'renewed.pem');
    const write = (content: string) => {
      writeFileSync(`${location}.new`, content);
      renameSync(`${location}.new`, location);
    };
    const first = certificateOf('first');
    write(first.certificate + first.key);
    const files = { 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': location };
    broker = await startBroker({ config: { listeners: 'SSL://127.0.0.1:0', ...files } });
    const stays = await handshake(broker);
    const nameNow = async () => {
      const socket = await handshake(broker!);
      const name = socket.getPeerCertificate().subject.CN;
      socket.destroy();
      return name;
    };
    expect(await nameNow()).toBe('first');
    write('no certificate at all');
    const second = certificateOf('second');
    expect(await nameNow()).toBe('first');
    write(second.certificate + second.key);
    await until('the second certificate', async () => (await nameNow()) === 'second');
    expect(stays.destroyed).toBe(false);
    stays.destroy();
  }, 30_000);
});

describe('client certificates', () => {
  const trusting: Config = {
    'ssl.client.auth': 'required',
    'ssl.truststore.certificates': authority.certificate,
  };

  it('are the principal of the connection, held to ACLs', async () => {
    const opened = await open({
      ...trusting,
      'ssl.principal.mapping.rules': 'RULE:^CN=([a-z]+)$/$1/L,DEFAULT',
      'authorizer.class.name': AUTHORIZER,
      'super.users': 'User:admin',
      'millrace.http.listener': 'none',
    });
    const { certificate: cert, key } = certificateOf('admin');
    await using admin = new Admin(clientOf(opened, { cert, key }));
    await admin.topics.create([{ name: 'words', partitions: 1 }]);
    expect((await admin.topics.list()).map(({ name }) => name)).toContain('words');
    const other = certificateOf('mallory');
    await using mallory = new Admin(clientOf(opened, { cert: other.certificate, key: other.key }));
    expect(await mallory.topics.list()).toEqual([]);
  });

  it.each([
    ['none', {}],
    ['one of another authority', certificateOf('eve', stranger)],
    [
      'one that is over',
      authority.issue({ commonName: 'late', validTo: new Date(Date.now() - 1000) }),
    ],
    [
      'one that is not valid yet',
      authority.issue({ commonName: 'early', validFrom: new Date(Date.now() + 3_600_000) }),
    ],
  ])('are required: %s is refused', async (_, given: { certificate?: string; key?: string }) => {
    const opened = await open(trusting);
    const { certificate: cert, key } = given;
    await expect(handshake(opened, { cert, key })).rejects.toThrow();
    const good = certificateOf('good');
    (await handshake(opened, { cert: good.certificate, key: good.key })).destroy();
  });

  it.skipIf(!runsProgram('keytool', '-help'))(
    'are believed by a PKCS12 store that keytool wrote',
    async () => {
      const [certificate, store] = [join(folder, 'ca.pem'), join(folder, 'trust.p12')];
      writeFileSync(certificate, authority.certificate);
      const entry = ['-importcert', '-noprompt', '-alias', 'ca', '-file', certificate];
      const to = ['-keystore', store, '-storetype', 'PKCS12', '-storepass', 'changeit'];
      execFileSync('keytool', [...entry, ...to], { stdio: 'pipe' });
      const opened = await open({
        'ssl.client.auth': 'required',
        'ssl.truststore.type': 'PKCS12',
        'ssl.truststore.location': store,
        'ssl.truststore.password': 'changeit',
      });
      const [good, eve] = [certificateOf('good'), certificateOf('eve', stranger)];
      (await handshake(opened, { cert: good.certificate, key: good.key })).destroy();
      const wrong = { cert: eve.certificate, key: eve.key };
      await expect(handshake(opened, wrong)).rejects.toThrow();
    },
  );

  it('may be left out where they are requested, but not be wrong', async () => {
    const opened = await open({ ...trusting, 'ssl.client.auth': 'requested' });
    (await handshake(opened)).destroy();
    const eve = certificateOf('eve', stranger);
    const wrong = { cert: eve.certificate, key: eve.key };
    await expect(handshake(opened, wrong)).rejects.toThrow('closed');
  });
});

describe('SASL_SSL', () => {
  it('asks for a password behind the handshake', async () => {
    const opened = await open(
      { 'sasl.enabled.mechanisms': 'PLAIN', 'millrace.sasl.users': 'alice:secret' },
      'SASL_SSL',
    );
    const sasl = (password: string) => ({
      ...clientOf(opened),
      sasl: { mechanism: 'PLAIN' as const, username: 'alice', password },
    });
    await using admin = new Admin(sasl('secret'));
    await admin.topics.create([{ name: 'words', partitions: 1 }]);
    expect((await admin.topics.list()).map(({ name }) => name)).toContain('words');
    await using wrong = new Admin(sasl('guess'));
    await expect(wrong.topics.list()).rejects.toThrow(/[Aa]uthentication/);
  });
});

describe('client certificates on SASL_SSL', () => {
  const config: Config = {
    'sasl.enabled.mechanisms': 'PLAIN',
    'millrace.sasl.users': 'alice:secret',
    'ssl.truststore.certificates': authority.certificate,
  };
  const sasl = { mechanism: 'PLAIN' as const, username: 'alice', password: 'secret' };

  it('take nobody in without SASL, and name nobody', async () => {
    const own = { 'listener.name.sasl_ssl.ssl.client.auth': 'required' };
    const opened = await open(
      { ...config, ...own, 'authorizer.class.name': AUTHORIZER, 'super.users': 'User:alice' },
      'SASL_SSL',
    );
    const { certificate: cert, key } = certificateOf('admin');
    const unnamed = await handshake(opened, { cert, key });
    const closed = new Promise((resolve) => unnamed.once('close', resolve));
    unnamed.write(METADATA);
    await closed;
    await expect(handshake(opened)).rejects.toThrow();
    await using admin = new Admin({ ...clientOf(opened, { cert, key }), sasl });
    await admin.topics.create([{ name: 'words', partitions: 1 }]);
    expect((await admin.topics.list()).map(({ name }) => name)).toContain('words');
  });

  it('are needed only where that listener says so, as in Kafka', async () => {
    const opened = await open({ ...config, 'ssl.client.auth': 'required' }, 'SASL_SSL');
    await using admin = new Admin({ ...clientOf(opened), sasl });
    expect(await admin.topics.list()).toEqual([]);
  });
});

describe('settings of TLS', () => {
  const bad = (config: Config) =>
    startBroker({ config: { listeners: 'SSL://127.0.0.1:0', ...config } });

  it.each([
    [{}, 'has no certificate'],
    [{ 'ssl.keystore.location': '/k.jks' }, 'keytool -importkeystore'],
    [
      {
        'ssl.keystore.certificate.chain': 'x',
        'ssl.keystore.key': 'y',
        'ssl.truststore.type': 'PKCS12',
        'ssl.truststore.location': '/t.p12',
      },
      'ssl.truststore.password',
    ],
    [
      { 'ssl.keystore.location': join(folder, 'none.pem'), 'ssl.keystore.type': 'PEM' },
      'cannot be used for TLS',
    ],
    [
      { 'ssl.keystore.certificate.chain': 'x', 'ssl.keystore.key': 'very-secret' },
      'cannot be used for TLS',
    ],
    [
      {
        'ssl.keystore.certificate.chain': 'x',
        'ssl.keystore.key': 'y',
        'ssl.client.auth': 'required',
      },
      'needs certificates to trust',
    ],
    [
      {
        'ssl.keystore.certificate.chain': 'x',
        'ssl.keystore.key': 'y',
        'ssl.enabled.protocols': 'SSLv3',
      },
      'SSLv3 is not served',
    ],
  ])('%j are refused', async (config, reason) => {
    const refused = bad(config as Config);
    await expect(refused).rejects.toThrow(reason);
    await expect(refused).rejects.not.toThrow('very-secret');
  });
});
