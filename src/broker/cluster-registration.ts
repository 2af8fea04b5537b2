import { hostname } from 'node:os';
import { MillraceError } from '../base/errors.ts';
import type { ClusterImage } from '../cluster/image/cluster-image.ts';
import type { RegisteredListener, Registration } from '../cluster/membership/registration.ts';
import type { BrokerSettings } from '../metadata/config/broker-settings.ts';
import type { SecurityProtocol } from '../metadata/config/listeners.ts';
import { randomUuid } from '../metadata/uuid.ts';
import { clusterFeatures } from './features.ts';

/** Kafka's numbers of them. */
const PROTOCOLS: readonly SecurityProtocol[] = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'];
const ANYWHERE: ReadonlySet<string> = new Set(['', '0.0.0.0', '::']);

/** What the broker tells the controllers of itself. Throws where it could not be reached by it. */
export function registrationOf(
  settings: BrokerSettings,
  identity: Pick<Registration, 'clusterId' | 'directoryIds' | 'previousEpoch'>,
): Registration {
  const { nodeId, rack, cluster } = settings;
  const listeners = registeredListeners(settings);
  const wanted = cluster!.brokerListener;
  if (!listeners.some(({ name }) => name === wanted)) {
    const names = listeners.map(({ name }) => name).join(', ');
    throw bad(`inter.broker.listener.name is ${wanted}, and the listeners are ${names}`);
  }
  const incarnationId = randomUuid();
  return { ...identity, nodeId, incarnationId, listeners, features: clusterFeatures, rack };
}

/** Those that are advertised, or else all. */
function registeredListeners({ listeners, advertised }: BrokerSettings): RegisteredListener[] {
  const told = listeners.filter(({ name }) => advertised.size === 0 || advertised.has(name));
  return told.map(({ name, securityProtocol, ...bound }) => {
    const { host, port } = advertised.get(name) ?? bound;
    if (port === 0) throw bad(`listeners: ${name} must name its port, which the cluster is told`);
    const reachable = ANYWHERE.has(host) ? hostname() : host;
    return { name, host: reachable, port, securityProtocol: PROTOCOLS.indexOf(securityProtocol) };
  });
}

/** The controllers would refuse a broker that lacks a feature of theirs, and not say which. */
export function requireFeatures({ features }: ClusterImage): void {
  for (const [name, level] of features) {
    const known = clusterFeatures.find((each) => each.name === name);
    if (known !== undefined && level >= known.minVersion && level <= known.maxVersion) continue;
    const range = known === undefined ? 'not at all' : `at ${known.minVersion}-${known.maxVersion}`;
    const message = `the cluster has ${name} at ${level}, and millrace serves it ${range}`;
    throw bad(`${message}: see millrace cluster format-help`);
  }
}

function bad(message: string): MillraceError {
  return new MillraceError('MILLRACE_BAD_CONFIG', message);
}
