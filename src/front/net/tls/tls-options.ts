import { X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import { MillraceError } from '../../../base/errors.ts';
import type { PeerTlsSettings, TlsStore } from '../../../metadata/config/tls-settings.ts';
import { storeFault } from '../../../security/tls/store-fault.ts';
import { trustedCertificates } from '../../../security/tls/trust-store.ts';
import { openSslCipher } from './cipher-names.ts';

const KEY_LINE = /-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----/g;

/** What both ends of a connection set. */
type TlsEnds = Omit<PeerTlsSettings, 'checksHost'>;

/** Settings of TLS with the files read. Throws, naming the property, where one cannot be. */
export function tlsOptions(settings: TlsEnds): SecureContextOptions {
  const { key, trust, oldest, newest, ciphers } = settings;
  const options: SecureContextOptions = { minVersion: oldest, maxVersion: newest };
  if (ciphers.length > 0) options.ciphers = ciphers.map(openSslCipher).join(':');
  if (key !== null) addKey(options, key, settings.keyPassword);
  if (trust !== null) options.ca = trustedOf(trust);
  return options;
}

/** Of PKCS12 one password opens the store and the key. */
function addKey(options: SecureContextOptions, key: TlsStore, keyPassword: string | null): void {
  const isStore = key.type === 'PKCS12';
  const passphrase = isStore ? (key.password ?? keyPassword) : (keyPassword ?? key.password);
  if (passphrase !== null) options.passphrase = passphrase;
  if (isStore) {
    options.pfx = bytesOf(key);
    return;
  }
  const text = textOf(key);
  checkKeyText(key, text);
  options.cert = text;
  options.key = text;
}

/** As in Apache Kafka, it is one key with its certificates. */
function checkKeyText(key: TlsStore, text: string): void {
  if (!text.includes('-----BEGIN ')) throw unusableStore(key, new Error('it is not PEM'));
  const count = text.match(KEY_LINE)?.length ?? 0;
  if (count === 0) throw unusableStore(key, new Error('it has no private key in PEM'));
  if (count > 1) throw unusableStore(key, new Error(`it has ${count} private keys instead of one`));
  checkCertificate(key, text);
}

/** OpenSSL passes over what it cannot read. */
function checkCertificate(store: TlsStore, text: string): void {
  try {
    new X509Certificate(text);
  } catch (thrown) {
    throw unusableStore(store, thrown);
  }
}

function bytesOf(store: TlsStore): Buffer {
  try {
    return readFileSync(store.location!);
  } catch (thrown) {
    throw unusableStore(store, thrown);
  }
}

function textOf(store: TlsStore): string {
  return store.location === null ? store.texts.join('\n') : bytesOf(store).toString('utf8');
}

function trustedOf(trust: TlsStore): string | string[] {
  if (trust.type === 'PEM') {
    const text = textOf(trust);
    checkCertificate(trust, text);
    return text;
  }
  const bytes = bytesOf(trust);
  try {
    return trustedCertificates(bytes, trust.password ?? '');
  } catch (thrown) {
    throw unusableStore(trust, thrown);
  }
}

/** The reason is of OpenSSL or the system, and tells nothing of what is in the files. */
export function unusableStore({ property, location }: TlsStore, thrown: unknown): MillraceError {
  const what = location === null ? 'the certificates in the configuration' : location;
  const message = `${property}: ${what} cannot be used for TLS: ${storeFault(thrown)}`;
  return new MillraceError('MILLRACE_BAD_CONFIG', message, thrown);
}
