import type { Clock } from '../../base/clock.ts';
import type { Logger } from '../../base/logger.ts';
import type { SocketCalls } from '../../base/socket-calls.ts';
import { TurnMemory } from '../../base/turn-memory.ts';
import type { SecurityProtocol } from '../../metadata/config/listeners.ts';
import type { ListenerHost, ListenerKind } from './listener.ts';
import { NodeListeners } from './node-listeners.ts';
import { TcpListeners } from './tcp-listeners.ts';
import type { OnUnreadable } from './tcp-transport.ts';
import type { OnDisbelieved } from './tls/certificate-users.ts';
import type { TlsContexts } from './tls/tls-contexts.ts';
import { TlsListeners } from './tls/tls-listeners.ts';

/** What the sockets take from below the front. */
export interface SocketSystem {
  /** Those of the addon; null where node:net takes their place. */
  readonly sockets: SocketCalls | null;
  /** What the addon's sockets read into, and what TLS has decrypted lies in. */
  readonly turnMemory?: TurnMemory;
  readonly onUnreadable: OnUnreadable;
  /** Of the listeners with TLS. */
  readonly tls?: TlsContexts;
  readonly onDisbelieved?: OnDisbelieved;
}

/** The kinds of listeners that there are, by the security protocols that they serve. */
export function listenerKinds(
  {
    sockets,
    onUnreadable,
    turnMemory = new TurnMemory(),
    tls,
    onDisbelieved = () => {},
  }: SocketSystem,
  logger: Logger,
  clock: Clock,
  host: ListenerHost,
): ReadonlyMap<SecurityProtocol, ListenerKind> {
  const plain =
    sockets === null
      ? new NodeListeners(clock, host)
      : new TcpListeners({ sockets, onUnreadable, turnMemory }, clock, host);
  const secured = new TlsListeners(tls ?? null, onDisbelieved, turnMemory, logger, clock, host);
  return new Map<SecurityProtocol, ListenerKind>([
    ['PLAINTEXT', plain],
    ['SASL_PLAINTEXT', plain],
    ['SSL', secured],
    ['SASL_SSL', secured],
  ]);
}
