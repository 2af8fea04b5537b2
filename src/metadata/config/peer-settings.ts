import type { BrokerConfig } from './broker-config.ts';
import { parseJaasEntry } from './jaas-entry.ts';
import { ListenerScope } from './listener-scope.ts';
import { bad, type SecurityProtocol } from './listeners.ts';
import { type PeerTlsSettings, peerTlsSettings } from './tls-settings.ts';

/** How this node believes the nodes behind a listener of theirs, and shows them who it is. */
export interface PeerSettings {
  readonly tls: PeerTlsSettings | null;
  readonly sasl: PeerSaslSettings | null;
}

/** Who this node is to others. */
export interface PeerSaslSettings {
  readonly mechanism: 'PLAIN' | 'SCRAM-SHA-256' | 'SCRAM-SHA-512';
  readonly username: string;
  readonly password: string;
}

const MECHANISMS: readonly PeerSaslSettings['mechanism'][] = [
  'PLAIN',
  'SCRAM-SHA-256',
  'SCRAM-SHA-512',
];

/** `mechanismProperty` names the mechanism where the protocol has one. */
export function peerSettings(
  config: BrokerConfig,
  listener: string,
  protocol: SecurityProtocol,
  mechanismProperty: string,
): PeerSettings {
  const scope = new ListenerScope(config, listener);
  return {
    tls: protocol.endsWith('SSL') ? peerTlsSettings(scope) : null,
    sasl: protocol.startsWith('SASL_') ? peerSasl(config, scope, mechanismProperty) : null,
  };
}

function peerSasl(
  config: BrokerConfig,
  scope: ListenerScope,
  mechanismProperty: string,
): PeerSaslSettings {
  const wanted = config.text(mechanismProperty);
  const mechanism = MECHANISMS.find((each) => each === wanted);
  if (mechanism === undefined) {
    throw bad(`${mechanismProperty}=${wanted}: ${MECHANISMS.join(', ')} are spoken`);
  }
  const property = `${mechanism.toLowerCase()}.sasl.jaas.config`;
  const text = scope.own(property) ?? config.text('sasl.jaas.config');
  const name = scope.prefixed(property);
  if (text === null) throw bad(`${name} must say who this node is`);
  const { options } = parseJaasEntry(name, text);
  const username = options.get('username');
  const password = options.get('password');
  if (username !== undefined && password !== undefined) return { mechanism, username, password };
  throw bad(`${name}: username and password must say who this node is`);
}
