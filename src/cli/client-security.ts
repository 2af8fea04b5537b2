import { readFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createSecureContext, type ConnectionOptions as TlsOptions } from 'node:tls';
import { reasonOf } from '../base/errors.ts';
import type { SaslOptions } from '../client/config/sasl-options.ts';
import { storeFault } from '../security/tls/store-fault.ts';
import { trustedCertificates } from '../security/tls/trust-store.ts';
import { UsageError } from './usage-error.ts';

interface Security {
  readonly ssl?: boolean | TlsOptions;
  readonly sasl?: SaslOptions;
}

type Read = (...names: string[]) => string | undefined;

/** What Java's clients and librdkafka call these settings. */
const SECURITY_NAME = /^(security\.|ssl\.|sasl\.)/;
const PROTOCOLS = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'];
const PASSWORD_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;

export function isSecurityName(name: string): boolean {
  return SECURITY_NAME.test(name);
}

/** TLS and SASL as properties of Java's clients or of librdkafka say. */
export function clientSecurity(properties: ReadonlyMap<string, string>): Security {
  const read: Read = (...names) => {
    const name = names.find((each) => properties.has(each));
    return name === undefined ? undefined : properties.get(name);
  };
  const protocol = (read('security.protocol') ?? 'PLAINTEXT').toUpperCase();
  if (!PROTOCOLS.includes(protocol)) {
    throw new UsageError(`security.protocol=${protocol}: expected one of ${PROTOCOLS.join(', ')}`);
  }
  return {
    ...(protocol.endsWith('SSL') ? { ssl: tlsOptions(read) } : {}),
    ...(protocol.startsWith('SASL') ? { sasl: saslOptions(read) } : {}),
  };
}

function tlsOptions(read: Read): boolean | TlsOptions {
  const options: TlsOptions = { ...trust(read), ...identity(read) };
  if (read('ssl.endpoint.identification.algorithm') === '') {
    options.checkServerIdentity = () => undefined;
  }
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  return given.length === 0 ? true : Object.fromEntries(given);
}

function trust(read: Read): TlsOptions {
  const location = read('ssl.ca.location', 'ssl.truststore.location');
  if (!isPkcs12(read, 'ssl.truststore.type')) {
    const ca = read('ssl.truststore.certificates') ?? pem(location);
    if (ca === undefined || ca.includes('-----BEGIN')) return { ca };
    const from = location ?? 'ssl.truststore.certificates';
    throw new UsageError(`${from} has no certificate in PEM; ssl.truststore.type may be PKCS12`);
  }
  const store = bytes(location);
  if (store === undefined) return {};
  try {
    return { ca: trustedCertificates(store, read('ssl.truststore.password') ?? '') };
  } catch (thrown) {
    throw new UsageError(`cannot read ${location}: ${reasonOf(thrown)}`);
  }
}

/** What the client shows. Throws where OpenSSL cannot use it, before a broker is asked. */
function identity(read: Read): TlsOptions {
  const options = ownStore(read);
  if (options.pfx === undefined && options.cert === undefined) return options;
  try {
    createSecureContext(options);
  } catch (thrown) {
    const names = ['ssl.keystore.location', 'ssl.certificate.location'];
    const what = read(...names) ?? 'the certificate of the client';
    throw new UsageError(`cannot use ${what}: ${storeFault(thrown)}`);
  }
  return options;
}

function ownStore(read: Read): TlsOptions {
  const location = read('ssl.keystore.location');
  if (isPkcs12(read, 'ssl.keystore.type')) {
    return { pfx: bytes(location), passphrase: read('ssl.keystore.password', 'ssl.key.password') };
  }
  const store = pem(location);
  return {
    cert: read('ssl.keystore.certificate.chain') ?? pem(read('ssl.certificate.location')) ?? store,
    key: read('ssl.keystore.key') ?? pem(read('ssl.key.location')) ?? store,
    passphrase: read('ssl.key.password', 'ssl.keystore.password'),
  };
}

/** Else it is PEM. */
function isPkcs12(read: Read, name: string): boolean {
  const type = (read(name) ?? 'PEM').toUpperCase();
  if (type === 'PKCS12' || type === 'PEM') return type === 'PKCS12';
  const convert = 'keytool -importkeystore … -deststoretype PKCS12 converts it';
  throw new UsageError(`${name}=${type}: PEM and PKCS12 are read; ${convert}`);
}

function pem(path: string | undefined): string | undefined {
  return bytes(path)?.toString('utf8');
}

function bytes(path: string | undefined): Buffer | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path);
  } catch (thrown) {
    throw new UsageError(`cannot read ${path}: ${reasonOf(thrown)}`);
  }
}

function saslOptions(read: Read): SaslOptions {
  const mechanism = read('sasl.mechanism', 'sasl.mechanisms') ?? '';
  if (mechanism === 'OAUTHBEARER') return { mechanism, token: tokenReader(read) };
  const known = PASSWORD_MECHANISMS.find((each) => each === mechanism);
  if (known === undefined) {
    const expected = [...PASSWORD_MECHANISMS, 'OAUTHBEARER'].join(', ');
    throw new UsageError(`sasl.mechanism=${mechanism}: expected one of ${expected}`);
  }
  const jaas = read('sasl.jaas.config') ?? '';
  const username = read('sasl.username') ?? ofJaas(jaas, 'username');
  const password = read('sasl.password') ?? ofJaas(jaas, 'password');
  if (username === undefined || password === undefined) {
    throw new UsageError(`sasl.mechanism=${mechanism} needs sasl.username and sasl.password`);
  }
  const isDelegationToken = ofJaas(jaas, 'tokenauth')?.toLowerCase() === 'true';
  return { mechanism: known, username, password, isDelegationToken };
}

/** A token that another program keeps fresh in a file: it is read for each login. */
function tokenReader(read: Read): () => Promise<{ readonly value: string }> {
  const url = read('sasl.oauthbearer.token.endpoint.url') ?? '';
  if (!URL.canParse(url) || new URL(url).protocol !== 'file:') {
    const expected = 'expected file:///… with a token; others are not asked for here';
    throw new UsageError(`sasl.oauthbearer.token.endpoint.url=${url}: ${expected}`);
  }
  return async () => ({ value: (await readFile(new URL(url), 'utf8')).trim() });
}

function ofJaas(jaas: string, name: string): string | undefined {
  const match = new RegExp(`\\b${name}\\s*=\\s*("((?:\\\\.|[^"\\\\])*)"|[^\\s;]+)`).exec(jaas);
  return match?.[2]?.replaceAll(/\\(.)/g, '$1') ?? match?.[1];
}
