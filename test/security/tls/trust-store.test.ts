import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { ThrowAwayAuthority } from '../../../src/security/tls/throw-away-authority.ts';
import { trustedCertificates } from '../../../src/security/tls/trust-store.ts';
import { runsProgram } from '../../support/runs-program.ts';

const PASSWORD = 'pässwort';
const folder = mkdtempSync(join(tmpdir(), 'millrace-trust-'));
const authorities = [new ThrowAwayAuthority(), new ThrowAwayAuthority()];
const fileOf = (name: string, text: string) => {
  const file = join(folder, name);
  writeFileSync(file, text);
  return file;
};
const certificates = authorities.map(({ certificate }, i) => fileOf(`ca${i}.pem`, certificate));

afterAll(() => rmSync(folder, { recursive: true }));

/** As OpenSSL writes it, of the certificates in one file. */
function byOpenSsl(): Buffer {
  const from = ['pkcs12', '-export', '-nokeys', '-in', certificates[0]!];
  const to = ['-out', join(folder, 'openssl.p12'), '-passout', `pass:${PASSWORD}`];
  execFileSync('openssl', [...from, ...to], { stdio: 'pipe' });
  return readFileSync(join(folder, 'openssl.p12'));
}

const isOpenSsl = runsProgram('openssl', 'version');

const serialsOf = (pems: readonly string[]) =>
  pems.map((pem) => new X509Certificate(pem).serialNumber).sort();

describe.skipIf(!runsProgram('keytool', '-help'))('a store that keytool wrote', () => {
  /** Java's password is of ASCII here: the command line's encoding is the system's. */
  function byKeytool(...flags: string[]): Buffer {
    const store = join(folder, `${Math.random().toString(36).slice(2)}.p12`);
    for (const [i, file] of certificates.entries()) {
      const entry = ['-importcert', '-noprompt', '-alias', `ca${i}`, '-file', file];
      const to = ['-keystore', store, '-storetype', 'PKCS12', '-storepass', 'password'];
      execFileSync('keytool', [...flags, ...entry, ...to], { stdio: 'pipe' });
    }
    return readFileSync(store);
  }

  it('has all its certificates under its password, and none under another', () => {
    const store = byKeytool();
    const expected = serialsOf(authorities.map(({ certificate }) => certificate));
    expect(serialsOf(trustedCertificates(store, 'password'))).toEqual(expected);
    expect(() => trustedCertificates(store, 'Password')).toThrow('its password is another');
  });

  it.each([
    ['PBEWithHmacSHA1AndAES_128', 'HmacPBESHA1'],
    ['PBEWithHmacSHA384AndAES_128', 'HmacPBESHA384'],
    ['PBEWithHmacSHA512AndAES_256', 'HmacPBESHA512'],
    ['PBEWithSHA1AndDESede', 'HmacPBESHA256'],
    ['NONE', 'HmacPBESHA256'],
  ])('is read with %s and %s', (cipher, mac) => {
    const option = '-J-Dkeystore.pkcs12';
    const flags = [`${option}.certProtectionAlgorithm=${cipher}`, `${option}.macAlgorithm=${mac}`];
    expect(trustedCertificates(byKeytool(...flags), 'password').length).toBe(2);
  });

  it('says what to do where its cipher is too old', () => {
    const store = byKeytool('-J-Dkeystore.pkcs12.legacy');
    expect(() => trustedCertificates(store, 'password')).toThrow(/1\.2\.840\.113549\.1\.12\.1\.6/);
  });
});

describe.skipIf(!isOpenSsl)('a store', () => {
  it('whose certificates bear no mark of trust is refused, as it would be empty', () => {
    expect(() => trustedCertificates(byOpenSsl(), PASSWORD)).toThrow('marked as trusted');
  });

  it('that is cut or changed anywhere is refused', () => {
    const store = byOpenSsl();
    for (let at = 0; at < store.length; at++) {
      expect(() => trustedCertificates(store.subarray(0, at), PASSWORD)).toThrow();
    }
    for (let at = 0; at < store.length; at += 7) {
      const changed = Buffer.from(store);
      changed[at]! ^= 0x11;
      expect(() => trustedCertificates(changed, PASSWORD)).toThrow();
    }
  });
});

it('what is no store is refused', () => {
  for (const text of ['', 'x', '0\x80\0\0', '-----BEGIN CERTIFICATE-----']) {
    expect(() => trustedCertificates(Buffer.from(text, 'latin1'), '')).toThrow();
  }
});
