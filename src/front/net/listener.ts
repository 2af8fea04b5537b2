import type { SecurityProtocol } from '../../metadata/config/listeners.ts';
import type { Connection } from './connection.ts';
import type { Principal } from './principal.ts';
import type { Transport } from './transport.ts';

export interface ListenerAddress {
  readonly name: string;
  readonly securityProtocol: SecurityProtocol;
  /** '' listens on every address of both families. */
  readonly host: string;
  readonly port: number;
}

/** A bound port. Its `port` is the one that the system gave where 0 was asked for. */
export interface Listener extends ListenerAddress {
  /** Stops accepting; connections that are open stay so. */
  close(): void;
}

/**
 * A way to accept peers and to carry their bytes, chosen by a listener's security protocol. It
 * makes the listeners, and a Transport for each peer that they accept.
 */
export interface ListenerKind {
  /** `backlog` connections wait in the kernel while the front is busy. */
  open(address: ListenerAddress, backlog: number): Promise<Listener>;
  /** Peers that are connected, have sent nothing so far and have no Connection yet. */
  readonly silentCount: number;
  /** Ends those that were silent for too long; false when `untilMs` came before it was done. */
  endSilent(silentMsMax: number, untilMs: number): boolean;
  endAllSilent(): void;
  /** Closes all that is left. */
  end(): void;
}

/** What the front does for listener kinds. */
export interface ListenerHost {
  /** False, and a log line, where a limit keeps the peer out. It counts until `onGone`. */
  admit(address: string): boolean;
  /** The peer's descriptor is free again. */
  onGone(address: string): void;
  /** Makes the connection of a peer that was admitted. The transport hands its bytes to it. */
  adopt(transport: Transport, openedMs?: number, principal?: Principal): Connection;
  /** The peer has read all that was sent to it. */
  onDrained(connection: Connection): void;
  /** A peer without a connection is ended, because it was silent for so long. */
  onLate(address: string, port: number, silentMs: number): void;
  onAcceptError(error: Error): void;
}
