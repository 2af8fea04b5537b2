import { execFileSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '#millrace/broker/config';
import { TlsContext } from '../../../src/front/net/tls/tls-context.ts';
import { ThrowAwayAuthority } from '../../../src/security/tls/throw-away-authority.ts';
import { runsProgram } from '../../support/runs-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'millrace-stores-'));
const authority = new ThrowAwayAuthority();
const { certificate, key } = authority.issue({ commonName: 'broker' });
const PASSWORD = 'right-password';

afterAll(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, content: string): string {
  const location = join(folder, name);
  writeFileSync(location, content);
  return location;
}

function contextOf(config: Record<string, string>): TlsContext {
  const all = { listeners: 'SSL://127.0.0.1:0', ...config };
  return new TlsContext(loadConfig({ config: all }).settings.tls.get('SSL')!);
}

function ofPem(content: string, more: Record<string, string> = {}): TlsContext {
  const location = fileOf('store.pem', content);
  return contextOf({ 'ssl.keystore.type': 'PEM', 'ssl.keystore.location': location, ...more });
}

function rsaKey(password?: string): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const encryption = password === undefined ? {} : { cipher: 'aes-256-cbc', passphrase: password };
  return privateKey.export({ type: 'pkcs8', format: 'pem', ...encryption }) as string;
}

function encrypted(): string {
  const options = { type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSWORD };
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  return privateKey.export(options as never) as unknown as string;
}

describe('a PEM store says what is wrong with it', () => {
  it.each([
    ['empty', '', {}, 'it is not PEM'],
    ['no PEM', 'nonsense', {}, 'it is not PEM'],
    ['without a key', certificate, {}, 'it has no private key in PEM'],
    ['without a certificate', key, {}, 'it has no certificate in PEM'],
    ['with two keys', certificate + key + key, {}, 'it has 2 private keys instead of one'],
    [
      'with a key of another kind',
      certificate + rsaKey(),
      {},
      'its private key is not that of its certificate',
    ],
    ['encrypted, without a password', certificate + encrypted(), {}, 'the password of its key'],
    [
      'encrypted, with a wrong password',
      certificate + encrypted(),
      { 'ssl.key.password': 'wrong-password' },
      'the password of its key is another, or not set',
    ],
    [
      'with a cipher suite that nobody knows',
      certificate + key,
      { 'ssl.cipher.suites': 'NO_SUCH_SUITE' },
      'ssl.cipher.suites: OpenSSL has none of NO_SUCH_SUITE',
    ],
    [
      'with nobody to trust',
      certificate + key,
      { 'ssl.truststore.certificates': 'nobody', 'ssl.client.auth': 'required' },
      'it has no certificate in PEM',
    ],
  ])('%s', (_name, content, more, reason) => {
    const open = () => ofPem(content, more as Record<string, string>);
    expect(open).toThrow(reason);
    expect(open).not.toThrow(/-password/);
  });
});

describe.skipIf(!runsProgram('keytool', '-help'))('a PKCS12 store of keytool', () => {
  const location = join(folder, 'many.p12');
  const ofStore = (password: string, path = location) =>
    contextOf({
      'ssl.keystore.type': 'PKCS12',
      'ssl.keystore.location': path,
      'ssl.keystore.password': password,
    });

  beforeAll(() => {
    for (const [alias, kind] of [
      ['one', 'RSA'],
      ['two', 'EC'],
    ] as const) {
      const entry = ['-genkeypair', '-alias', alias, '-keyalg', kind, '-dname', `CN=${alias}`];
      const to = ['-keystore', location, '-storetype', 'PKCS12', '-storepass', PASSWORD];
      execFileSync('keytool', [...entry, ...to], { stdio: 'pipe' });
    }
  });

  it('shows the first of its keys', () => {
    expect(ofStore(PASSWORD).certificate.subject).toBe('CN=one');
  });

  it('says that its password is wrong, or that it is no such store', () => {
    expect(() => ofStore('wrong-password')).toThrow('many.p12 cannot be used for TLS: its pass');
    const pem = fileOf('no-store.p12', certificate + key);
    expect(() => ofStore(PASSWORD, pem)).toThrow('it is not PKCS12');
  });
});
