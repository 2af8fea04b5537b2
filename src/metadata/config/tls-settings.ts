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
  /** AlterConfigs may set a certificate with another name. */
  readonly allowsOtherName: boolean;
  /** AlterConfigs may set a certificate that lacks names of hosts that the one in use has. */
  readonly allowsFewerHosts: boolean;
}

/** What a connection to another node with TLS needs. Files are read by who opens it. */
export interface PeerTlsSettings
  extends Pick<TlsListenerSettings, 'keyPassword' | 'trust' | 'oldest' | 'newest' | 'ciphers'> {
  /** Null where this node shows no certificate. */
  readonly key: TlsStore | null;
  /** The certificate must be for the host that was asked for. */
  readonly checksHost: boolean;
}

const VERSIONS: readonly TlsVersion[] = ['TLSv1.2', 'TLSv1.3'];

/** What the listeners with TLS ask for, by their names. */
export function tlsSettings(
  config: BrokerConfig,
  listeners: readonly ListenerEndpoint[],
  isHttpSecure: boolean,
): ReadonlyMap<string, TlsListenerSettings> {
  const found = new Map<string, TlsListenerSettings>();
  for (const { name, securityProtocol } of listeners) {
    if (!securityProtocol.endsWith('SSL')) continue;
    found.set(name, settingsOf(new ListenerScope(config, name), securityProtocol === 'SASL_SSL'));
  }
  if (isHttpSecure) found.set(HTTP_LISTENER, settingsOf(new ListenerScope(config, HTTP_LISTENER)));
  return found;
}

/** Of the listener of others that the scope is named as. */
export function peerTlsSettings(scope: ListenerScope): PeerTlsSettings {
  const hasKey = ['ssl.keystore.location', 'ssl.keystore.certificate.chain'].some((name) => {
    return scope.text(name) !== null;
  });
  const versions = versionsOf(scope);
  return {
    key: hasKey ? keyOf(scope) : null,
    keyPassword: scope.text('ssl.key.password'),
    trust: trustOf(scope),
    oldest: versions[0]!,
    newest: versions[versions.length - 1]!,
    ciphers: wordsOf(scope.text('ssl.cipher.suites')),
    checksHost: (scope.text('ssl.endpoint.identification.algorithm') ?? '') !== '',
  };
}

function settingsOf(scope: ListenerScope, hasSasl = false): TlsListenerSettings {
  // As in Kafka, the clients of SASL_SSL need a certificate only where their listener says so.
  const property = 'ssl.client.auth';
  const clientAuth = ((hasSasl ? scope.own(property) : scope.text(property)) ??
    'none') as ClientAuth;
  const trust = trustOf(scope);
  if (clientAuth !== 'none' && trust === null) {
    throw bad(
      `${scope.prefixed(property)}=${clientAuth} needs certificates to trust: ` +
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
    allowsOtherName: scope.text('ssl.allow.dn.changes') === 'true',
    allowsFewerHosts: scope.text('ssl.allow.san.changes') === 'true',
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
  if (location !== null && (chain !== null || key !== null)) {
    throw bad(`${property}: listener ${scope.name} has a certificate in the configuration, too`);
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
  if (location !== null && certificates !== null) {
    throw bad(`${property}: listener ${scope.name} trusts certificates in the configuration, too`);
  }
  const type = typeOf(scope, 'ssl.truststore.type', location);
  const texts = location === null ? [certificates!] : [];
  const password = scope.text('ssl.truststore.password');
  if (type === 'PKCS12' && password === null) {
    throw bad(`${property}: a PKCS12 store needs ${scope.prefixed('ssl.truststore.password')}`);
  }
  return { type, property, location, texts, password };
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
