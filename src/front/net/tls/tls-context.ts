import { readFileSync, statSync } from 'node:fs';
import { createSecureContext, type SecureContextOptions } from 'node:tls';
import { MillraceError, reasonOf } from '../../../base/errors.ts';
import type { TlsListenerSettings, TlsStore } from '../../../metadata/config/tls-settings.ts';

/** Keys and certificates of a listener, as they are in their files now. */
export class TlsContext {
  readonly #settings: TlsListenerSettings;
  #options: SecureContextOptions;
  #seen: string;

  /** Throws, naming the property, where the files cannot be read or do not fit each other. */
  constructor(settings: TlsListenerSettings) {
    this.#settings = settings;
    this.#seen = stampOf(settings);
    this.#options = optionsOf(settings);
  }

  get options(): SecureContextOptions {
    return this.#options;
  }

  /** True where the files have changed and hold something usable. Throws where they do not. */
  readAgain(): boolean {
    const stamp = stampOf(this.#settings);
    if (stamp === this.#seen) return false;
    this.#seen = stamp;
    this.#options = optionsOf(this.#settings);
    return true;
  }
}

function stampOf({ key, trust }: TlsListenerSettings): string {
  const stamps = [key.location, trust?.location ?? null].map((location) => {
    if (location === null) return '';
    const stat = statSync(location, { throwIfNoEntry: false });
    return stat === undefined ? 'gone' : `${stat.mtimeMs} ${stat.ino} ${stat.size}`;
  });
  return stamps.join(' ');
}

function optionsOf(settings: TlsListenerSettings): SecureContextOptions {
  const { key, keyPassword, trust, oldest, newest, ciphers } = settings;
  const options: SecureContextOptions = { minVersion: oldest, maxVersion: newest };
  if (ciphers.length > 0) options.ciphers = ciphers.join(':');
  const passphrase = keyPassword ?? key.password;
  if (passphrase !== null) options.passphrase = passphrase;
  if (key.type === 'PKCS12') options.pfx = bytesOf(key);
  else {
    const text = textOf(key);
    options.cert = text;
    options.key = text;
  }
  if (trust !== null) options.ca = textOf(trust);
  try {
    createSecureContext(options);
  } catch (thrown) {
    throw unusable(key, thrown);
  }
  return options;
}

function bytesOf(store: TlsStore): Buffer {
  try {
    return readFileSync(store.location!);
  } catch (thrown) {
    throw unusable(store, thrown);
  }
}

function textOf(store: TlsStore): string {
  return store.location === null ? store.texts.join('\n') : bytesOf(store).toString('utf8');
}

/** The reason is of OpenSSL or the system, and tells nothing of what is in the files. */
function unusable({ property, location }: TlsStore, thrown: unknown): MillraceError {
  const what = location === null ? 'the certificates in the configuration' : location;
  const message = `${property}: ${what} cannot be used for TLS: ${reasonOf(thrown)}`;
  return new MillraceError('MILLRACE_BAD_CONFIG', message, thrown);
}
