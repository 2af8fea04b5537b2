import { readFileSync } from 'node:fs';
import type { SecureContextOptions } from 'node:tls';
import { MillraceError, reasonOf } from '../../../base/errors.ts';
import type { PeerTlsSettings, TlsStore } from '../../../metadata/config/tls-settings.ts';
import { trustedCertificates } from '../../../security/tls/trust-store.ts';
import { openSslCipher } from './cipher-names.ts';

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
  options.cert = text;
  options.key = text;
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
  if (trust.type === 'PEM') return textOf(trust);
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
  const message = `${property}: ${what} cannot be used for TLS: ${reasonOf(thrown)}`;
  return new MillraceError('MILLRACE_BAD_CONFIG', message, thrown);
}
