import { constants, createPrivateKey, X509Certificate } from 'node:crypto';
import { statSync } from 'node:fs';
import { createSecureContext, type SecureContext, type SecureContextOptions } from 'node:tls';
import { MillraceError, reasonOf } from '../../../base/errors.ts';
import type { TlsListenerSettings } from '../../../metadata/config/tls-settings.ts';
import { tlsOptions, unusableStore } from './tls-options.ts';

interface Loaded {
  readonly settings: TlsListenerSettings;
  readonly options: SecureContextOptions;
  readonly certificate: X509Certificate;
}

/** Keys and certificates of a listener, as they are in the configuration and its files now. */
export class TlsContext {
  /** Called when there are others. Where it throws, those before them stay. */
  onRenewed: () => void = () => {};
  #loaded: Loaded;
  #seen: string;

  /** Throws, naming the property, where the files cannot be read or do not fit each other. */
  constructor(settings: TlsListenerSettings) {
    this.#seen = stampOf(settings);
    this.#loaded = load(settings);
  }

  get settings(): TlsListenerSettings {
    return this.#loaded.settings;
  }

  get options(): SecureContextOptions {
    return this.#loaded.options;
  }

  /** The certificate that the listener shows. */
  get certificate(): X509Certificate {
    return this.#loaded.certificate;
  }

  /** What is wrong with the dates of the certificate; '' where nothing is. */
  outOfDate(nowMs: number): string {
    const { validFrom, validTo } = this.certificate;
    if (nowMs > Date.parse(validTo)) return `is over since ${validTo}`;
    return nowMs < Date.parse(validFrom) ? `is not valid before ${validFrom}` : '';
  }

  /** True where the files have changed and hold something usable. Throws where they do not. */
  readAgain(): boolean {
    const stamp = stampOf(this.settings);
    if (stamp === this.#seen) return false;
    this.#seen = stamp;
    this.#renew(this.settings);
    return true;
  }

  /** Takes other settings. Throws, and keeps those that it has, where they are not usable. */
  take(settings: TlsListenerSettings): void {
    const seen = stampOf(settings);
    this.#renew(settings);
    this.#seen = seen;
  }

  #renew(settings: TlsListenerSettings): void {
    const before = this.#loaded;
    this.#loaded = load(settings);
    try {
      this.onRenewed();
    } catch (thrown) {
      this.#loaded = before;
      throw thrown;
    }
  }
}

function load(settings: TlsListenerSettings): Loaded {
  const options = {
    ...tlsOptions(settings),
    // A handshake costs the server more than the client. Kafka's Java does not repeat one either.
    secureOptions: constants.SSL_OP_NO_RENEGOTIATION,
  };
  const certificate = certificateOf(settings, contextOf(settings, options));
  checkPair(settings, options, certificate);
  return { settings, options, certificate };
}

function stampOf({ key, trust }: TlsListenerSettings): string {
  const stamps = [key.location, trust?.location ?? null].map((location) => {
    if (location === null) return '';
    const stat = statSync(location, { throwIfNoEntry: false });
    return stat === undefined ? 'gone' : `${stat.mtimeMs} ${stat.ino} ${stat.size}`;
  });
  return stamps.join(' ');
}

/** Throws where OpenSSL cannot work with it. */
function contextOf(settings: TlsListenerSettings, options: SecureContextOptions): SecureContext {
  try {
    return createSecureContext(options);
  } catch (thrown) {
    if (!/cipher/.test(reasonOf(thrown))) throw unusableStore(settings.key, thrown);
    const message = `ssl.cipher.suites: OpenSSL has none of ${settings.ciphers.join(', ')}`;
    throw new MillraceError('MILLRACE_BAD_CONFIG', message, thrown);
  }
}

/** PKCS12 is opened by OpenSSL alone, so the certificate is taken from what it made of it. */
function certificateOf({ key }: TlsListenerSettings, { context }: SecureContext): X509Certificate {
  const { getCertificate } = context as { getCertificate: () => Buffer | null };
  const bytes = getCertificate.call(context);
  if (bytes === null) throw unusableStore(key, new Error('it has no certificate'));
  return new X509Certificate(bytes);
}

/** OpenSSL holds a key against its certificate only where both are of one kind. */
function checkPair(
  { key }: TlsListenerSettings,
  { key: text, passphrase }: SecureContextOptions,
  certificate: X509Certificate,
): void {
  if (typeof text !== 'string') return;
  if (certificate.checkPrivateKey(createPrivateKey({ key: text, passphrase }))) return;
  throw unusableStore(key, new Error('its private key is not that of its certificate'));
}
