import type { BrokerConfig } from './broker-config.ts';
import type { ListenerEndpoint } from './broker-endpoints.ts';
import { numberOf } from './config-value.ts';
import { parseJaasEntry } from './jaas-entry.ts';
import { HTTP_LISTENER, ListenerScope } from './listener-scope.ts';
import { bad } from './listeners.ts';
import { type OauthSettings, oauthSettings } from './oauth-settings.ts';

/** The SASL mechanisms that are served. */
export const SASL_MECHANISMS = ['PLAIN', 'SCRAM-SHA-256', 'SCRAM-SHA-512', 'OAUTHBEARER'] as const;

export type SaslMechanismName = (typeof SASL_MECHANISMS)[number];

export interface SaslMechanismSettings {
  readonly name: SaslMechanismName;
  readonly sessionMsMax: number;
  /** The passwords of the configuration file, by user. */
  readonly passwords: ReadonlyMap<string, string>;
  /** Of OAUTHBEARER alone. */
  readonly oauth: OauthSettings | null;
}

export interface SaslListenerSettings {
  readonly mechanisms: readonly SaslMechanismSettings[];
  readonly receiveBytesMax: number;
  readonly failureDelayMs: number;
  readonly timeoutMs: number;
}

const LOGIN_MODULES: Readonly<Record<SaslMechanismName, string>> = {
  PLAIN: 'org.apache.kafka.common.security.plain.PlainLoginModule',
  'SCRAM-SHA-256': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  'SCRAM-SHA-512': 'org.apache.kafka.common.security.scram.ScramLoginModule',
  OAUTHBEARER: 'org.apache.kafka.common.security.oauthbearer.OAuthBearerLoginModule',
};
const USER_OPTION = 'user_';
const USERS = 'millrace.sasl.users';
const MECHANISMS = 'sasl.enabled.mechanisms';

/** What the listeners ask whose clients authenticate by SASL, by their names. */
export function saslSettings(
  config: BrokerConfig,
  listeners: readonly ListenerEndpoint[],
  isHttpGuarded: boolean,
): ReadonlyMap<string, SaslListenerSettings> {
  const found = new Map<string, SaslListenerSettings>();
  const guarded = listeners.filter(({ securityProtocol }) => securityProtocol.startsWith('SASL_'));
  const names = guarded.map(({ name }) => name);
  for (const name of isHttpGuarded ? [...names, HTTP_LISTENER] : names) {
    const scope = new ListenerScope(config, name);
    found.set(name, {
      mechanisms: mechanismsOf(scope).map((mechanism) => mechanismSettings(scope, mechanism)),
      receiveBytesMax: Math.max(0, numberOf(scope.text('sasl.server.max.receive.size')!)),
      failureDelayMs: config.number('connection.failed.authentication.delay.ms'),
      timeoutMs: config.number('millrace.connection.authentication.timeout.ms'),
    });
  }
  return found;
}

function mechanismsOf(scope: ListenerScope): SaslMechanismName[] {
  const text = scope.text(MECHANISMS) ?? '';
  const names = text.split(',').map((name) => name.trim());
  const asked = names.filter((name) => name !== '');
  const served = `${SASL_MECHANISMS.slice(0, -1).join(', ')} and ${SASL_MECHANISMS.at(-1)}`;
  const unserved = asked.find((name) => !SASL_MECHANISMS.some((known) => known === name));
  if (asked.length > 0 && unserved === undefined) return [...new Set(asked as SaslMechanismName[])];
  const what = unserved === undefined ? 'names no mechanism' : `${unserved} is not served`;
  throw bad(`${MECHANISMS}: ${what} for listener ${scope.name}; millrace serves ${served}`);
}

function mechanismSettings(scope: ListenerScope, name: SaslMechanismName): SaslMechanismSettings {
  const reauth = 'connections.max.reauth.ms';
  const ofMechanism = (property: string) => `${name.toLowerCase()}.${property}`;
  const sessionMs = scope.own(ofMechanism(reauth)) ?? scope.text(reauth);
  const passwords = parseUsers(scope.text(USERS) ?? '');
  const property = scope.prefixed(ofMechanism('sasl.jaas.config'));
  const jaas = scope.own(ofMechanism('sasl.jaas.config'));
  let options: ReadonlyMap<string, string> = new Map();
  if (jaas !== null) {
    const entry = parseJaasEntry(property, jaas);
    if (entry.loginModule !== LOGIN_MODULES[name]) {
      throw bad(`${property}: the login module of ${name} is ${LOGIN_MODULES[name]}`);
    }
    options = entry.options;
    if (name === 'PLAIN') addUserOptions(passwords, options);
  } else if (name === 'PLAIN' && passwords.size === 0) {
    throw bad(`${MECHANISMS}: PLAIN has no users; set ${property} or ${USERS}`);
  }
  const sessionMsMax = Math.max(0, numberOf(sessionMs ?? '0'));
  const oauth = name === 'OAUTHBEARER' ? oauthSettings(scope, options) : null;
  return { name, sessionMsMax, passwords, oauth };
}

function addUserOptions(into: Map<string, string>, options: ReadonlyMap<string, string>): void {
  for (const [option, password] of options) {
    if (option.startsWith(USER_OPTION)) into.set(option.slice(USER_OPTION.length), password);
  }
}

/** `user:password,user:password`. What is wrong is told without the text, which holds secrets. */
function parseUsers(text: string): Map<string, string> {
  const users = new Map<string, string>();
  for (const [at, item] of text.split(',').entries()) {
    if (item.trim() === '') continue;
    const colon = item.indexOf(':');
    const user = item.slice(0, colon).trim();
    const password = item.slice(colon + 1).trim();
    if (colon < 0 || user === '' || password === '') {
      throw bad(`${USERS}: item ${at + 1} is not of the form user:password`);
    }
    users.set(user, password);
  }
  return users;
}
