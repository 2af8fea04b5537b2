import type { Clock } from '../base/clock.ts';
import type {
  SaslListenerSettings,
  SaslMechanismSettings,
} from '../metadata/config/sasl-settings.ts';
import type { MetadataView } from '../metadata/metadata-view.ts';
import { PlainServer } from '../security/sasl/plain-server.ts';
import { PlainUsers } from '../security/sasl/plain-users.ts';
import { SaslListener } from '../security/sasl/sasl-listener.ts';
import type { SaslMechanism } from '../security/sasl/sasl-server.ts';
import { ScramServer } from '../security/sasl/scram-server.ts';
import { ScramUsers } from '../security/sasl/scram-users.ts';

/** Makes what the configuration asks for, by the names of the listeners. */
export function saslListeners(
  settings: ReadonlyMap<string, SaslListenerSettings>,
  view: MetadataView,
  clock: Clock,
): ReadonlyMap<string, SaslListener> {
  const listeners = new Map<string, SaslListener>();
  for (const [name, { mechanisms, ...limits }] of settings) {
    const offered = mechanisms.map((mechanism) => mechanismOf(mechanism, view));
    listeners.set(name, new SaslListener(offered, limits, clock));
  }
  return listeners;
}

function mechanismOf(settings: SaslMechanismSettings, view: MetadataView): SaslMechanism {
  const { name, sessionMsMax, passwords } = settings;
  if (name === 'PLAIN') {
    const users = new PlainUsers(passwords);
    return { name, sessionMsMax, open: () => new PlainServer(users) };
  }
  const users = new ScramUsers(name, view, passwords);
  return { name, sessionMsMax, open: () => new ScramServer(name, users) };
}
