import type { Clock } from '../../base/clock.ts';
import type { SecurityProtocol } from '../../metadata/config/listeners.ts';
import type { ListenerHost, ListenerKind } from './listener.ts';
import { TcpListeners, type TcpSystem } from './tcp-listeners.ts';

/** The kinds of listeners that there are, by the security protocols that they serve. */
export function listenerKinds(
  system: TcpSystem,
  clock: Clock,
  host: ListenerHost,
): ReadonlyMap<SecurityProtocol, ListenerKind> {
  return new Map([['PLAINTEXT', new TcpListeners(system, clock, host)]]);
}
