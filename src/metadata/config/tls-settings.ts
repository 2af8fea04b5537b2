import type { BrokerConfig } from './broker-config.ts';
import type { ListenerEndpoint } from './broker-endpoints.ts';
import { HTTP_LISTENER, ListenerScope } from './listener-scope.ts';
import { bad } from './listeners.ts';

export type ClientAuth = 'none' | 'requested' | 'required';
export type TlsVersion = 'TLSv1.2' | 'TLSv1.3';

/** A key with its certificates, or certificates that are trusted: in a file, or as they stand. */
export interface TlsStore {
  readonly type: 'PEM' | 'PKCS12';
  /** The property that names it, for errors. */
  readonly property: string;
  readonly location: string | null;
  /** PEM text of the configuration itself. */
  readonly texts: readonly string[];
  readonly password: string | null;
}

/** What a listener with TLS needs. Files are read by who opens it. */
export interface TlsListenerSettings {
  readonly key: TlsStore;
  readonly keyPassword: string | null;
  readonly trust: TlsStore | null;
  readonly clientAuth: ClientAuth;
  readonly oldest: TlsVersion;
  readonly newest: TlsVersion;
  /** OpenSSL's or IANA's names; empty for Node's own choice. */
  readonly ciphers: readonly string[];
  /** ssl.principal.mapping.rules */
  readonly mappingRules: string;
}

const VERSIONS: readonly TlsVersion[] = ['TLSv1.2', 'TLSv1.3'];

/** What the listeners with TLS ask for, by their names. */
export function tlsSettings(
  config: BrokerConfig,
  listeners: readonly ListenerEndpoint[],
  isHttpSecure: boolean,
): ReadonlyMap<string, TlsListenerSettings> {
  const found = new Map<string, TlsListenerSettings>();
  const secure = listeners.filter(({ securityProtocol }) => securityProtocol.endsWith('SSL'));
  const names = secure.map(({ name }) => name);
  for (const name of isHttpSecure ? [...names, HTTP_LISTENER] : names) {
    found.set(name, settingsOf(new ListenerScope(config, name)));
  }
  return found;
}

function settingsOf(scope: ListenerScope): TlsListenerSettings {
  const clientAuth = (scope.text('ssl.client.auth') ?? 'none') as ClientAuth;
  const trust = trustOf(scope);
  if (clientAuth !== 'none' && trust === null) {
    throw bad(
      `${scope.prefixed('ssl.client.auth')}=${clientAuth} needs certificates to trust: ` +
        'set ssl.truststore.location or ssl.truststore.certificates',
    );
  }
  const versions = versionsOf(scope);
  return {
    key: keyOf(scope),
    keyPassword: scope.text('ssl.key.password'),
    trust,
    clientAuth,
    oldest: versions[0]!,
    newest: versions[versions.length - 1]!,
    ciphers: wordsOf(scope.text('ssl.cipher.suites')),
    mappingRules: scope.text('ssl.principal.mapping.rules') ?? 'DEFAULT',
  };
}

function keyOf(scope: ListenerScope): TlsStore {
  const location = scope.text('ssl.keystore.location');
  const chain = scope.text('ssl.keystore.certificate.chain');
  const key = scope.text('ssl.keystore.key');
  const property = scope.prefixed('ssl.keystore.location');
  if (location === null && (chain === null || key === null)) {
    throw bad(
      `${property}: listener ${scope.name} has no certificate; set it with ssl.keystore.type=PEM ` +
        'or PKCS12, or set ssl.keystore.certificate.chain and ssl.keystore.key',
    );
  }
  const texts = location === null ? [chain!, key!] : [];
  const type = typeOf(scope, 'ssl.keystore.type', location);
  return { type, property, location, texts, password: scope.text('ssl.keystore.password') };
}

function trustOf(scope: ListenerScope): TlsStore | null {
  const location = scope.text('ssl.truststore.location');
  const certificates = scope.text('ssl.truststore.certificates');
  if (location === null && certificates === null) return null;
  const property = scope.prefixed('ssl.truststore.location');
  const type = typeOf(scope, 'ssl.truststore.type', location);
  if (type === 'PKCS12') {
    throw bad(
      `${property}: trusted certificates are read as PEM; convert them with ` +
        `openssl pkcs12 -in ${location} -nokeys -out trusted.pem and set ssl.truststore.type=PEM`,
    );
  }
  const texts = location === null ? [certificates!] : [];
  return { type, property, location, texts, password: null };
}

/** Certificates that stand in the configuration are PEM, whatever type is set. */
function typeOf(scope: ListenerScope, name: string, location: string | null): TlsStore['type'] {
  if (location === null) return 'PEM';
  const type = (scope.text(name) ?? 'JKS').toUpperCase();
  if (type === 'PEM' || type === 'PKCS12') return type;
  if (type !== 'JKS') throw bad(`${name}=${type}: PEM and PKCS12 are served`);
  throw bad(
    `${name}: a JKS store cannot be read; convert it with keytool -importkeystore ` +
      `-srckeystore ${location} -destkeystore ${location}.p12 -deststoretype PKCS12, ` +
      `and set ${name}=PKCS12`,
  );
}

function versionsOf(scope: ListenerScope): TlsVersion[] {
  const asked = wordsOf(scope.text('ssl.enabled.protocols'));
  const unknown = asked.find((name) => !VERSIONS.some((version) => version === name));
  if (unknown !== undefined) {
    throw bad(`ssl.enabled.protocols: ${unknown} is not served; TLSv1.2 and TLSv1.3 are`);
  }
  const versions = VERSIONS.filter((version) => asked.includes(version));
  return versions.length === 0 ? [...VERSIONS] : versions;
}

function wordsOf(text: string | null): string[] {
  return (text ?? '')
    .split(',')
    .map((word) => word.trim())
    .filter((word) => word !== '');
}
