import type { BrokerConfig } from './broker-config.ts';
import { OBSERVER_ROLE } from './cluster-settings.ts';
import {
  bad,
  type Endpoint,
  parseEndpoints,
  parseHostPort,
  parseProtocolMap,
  type SecurityProtocol,
} from './listeners.ts';

export interface ListenerEndpoint extends Endpoint {
  readonly securityProtocol: SecurityProtocol;
}

export interface BrokerEndpoints {
  readonly listeners: readonly ListenerEndpoint[];
  /** By listener name. Without an entry clients are told the address that they connected to. */
  readonly advertised: ReadonlyMap<string, Endpoint>;
  /** Listeners in the file for controllers. millrace does not open them. */
  readonly skippedListeners: readonly string[];
}

/** `auto` is uWebSockets.js where it loads, else Node. */
export type HttpEngineChoice = 'auto' | 'uws' | 'node';

export interface HttpEndpoint {
  readonly host: string;
  readonly port: number;
  readonly engine: HttpEngineChoice;
  /** Whether it speaks TLS, by the settings of listener HTTP. */
  readonly isSecure: boolean;
  /** Whether clients must show who they are. */
  readonly isGuarded: boolean;
  /** What is served to everybody all the same. */
  readonly openPaths: readonly string[];
}

/** The broker's listeners. */
export function brokerEndpoints(config: BrokerConfig): BrokerEndpoints {
  const roles = config.list('process.roles');
  if (!roles.includes('broker') && !roles.includes(OBSERVER_ROLE)) {
    throw bad('process.roles must include broker');
  }
  const controllers = new Set(
    config.list('controller.listener.names').map((name) => name.toUpperCase()),
  );
  const all = parseEndpoints('listeners', config.list('listeners'));
  const forClients = all.filter(({ name }) => !controllers.has(name));
  if (forClients.length === 0) throw bad('listeners names no listener for clients');
  const property = 'listener.security.protocol.map';
  const protocols = parseProtocolMap(property, config.text(property) ?? '');
  const listeners = forClients.map((endpoint) => {
    return { ...endpoint, securityProtocol: servedProtocol(endpoint.name, protocols) };
  });
  const names = new Set(listeners.map(({ name }) => name));
  return {
    listeners,
    advertised: advertisedOf(config, names, controllers),
    skippedListeners: all.filter(({ name }) => controllers.has(name)).map(({ name }) => name),
  };
}

function servedProtocol(
  name: string,
  protocols: ReadonlyMap<string, SecurityProtocol>,
): SecurityProtocol {
  const protocol = protocols.get(name);
  if (protocol !== undefined) return protocol;
  throw bad(`listeners: listener.security.protocol.map says no protocol for listener ${name}`);
}

function advertisedOf(
  config: BrokerConfig,
  names: ReadonlySet<string>,
  controllers: ReadonlySet<string>,
): Map<string, Endpoint> {
  const property = 'advertised.listeners';
  const advertised = new Map<string, Endpoint>();
  for (const endpoint of parseEndpoints(property, config.list(property))) {
    if (controllers.has(endpoint.name)) continue;
    if (!names.has(endpoint.name)) {
      throw bad(`${property}: ${endpoint.name} is not among the listeners`);
    }
    if (endpoint.host === '' || endpoint.host === '0.0.0.0' || endpoint.host === '::') {
      throw bad(`${property}: ${endpoint.name} must name a host that clients can reach`);
    }
    advertised.set(endpoint.name, endpoint);
  }
  return advertised;
}

export function httpEndpoint(config: BrokerConfig): HttpEndpoint | null {
  const property = 'millrace.http.listener';
  const text = (config.text(property) ?? '').trim();
  if (text === '' || text === 'none') return null;
  const address = parseHostPort(property, text.replace(/^https?:\/\//i, ''));
  return {
    ...address,
    engine: config.text('millrace.http.engine') as HttpEngineChoice,
    isSecure: /^https:\/\//i.test(text),
    isGuarded: config.text('millrace.http.authentication') === 'required',
    openPaths: openPathsOf(config),
  };
}

/** What tells nothing of records. */
const OPENABLE_PATHS: readonly string[] = ['/livez', '/readyz', '/metrics'];

function openPathsOf(config: BrokerConfig): string[] {
  const property = 'millrace.http.open.paths';
  const paths = config.list(property);
  const wrong = paths.find((path) => !OPENABLE_PATHS.includes(path));
  if (wrong === undefined) return paths;
  throw bad(`${property}: ${wrong} cannot be open to everybody; ${OPENABLE_PATHS.join(', ')} can`);
}
