import type { SecureContextOptions } from 'node:tls';
import { tcpOpener } from '#tcp-transport';
import type { KafkaError } from '../../client/errors/kafka-error.ts';
import { toKafkaError } from '../../client/errors/kafka-error.ts';
import type { ConnectionSettings } from '../../client/net/connection-settings.ts';
import type { NetworkObserver } from '../../client/net/network-observer.ts';
import { RequestClock } from '../../client/net/request-clock.ts';
import type { OpenTransport } from '../../client/net/transport.ts';
import type { PeerSaslSettings } from '../../metadata/config/peer-settings.ts';

/** Nothing is counted: who asks logs what goes wrong. */
const NOBODY: NetworkObserver = {
  onOpened() {},
  onClosed() {},
  onRequest() {},
  onAnswer() {},
  onLost() {},
  onAuthenticated() {},
  onRefused() {},
  onThrottle() {},
};

export interface ControllerTimes {
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
}

/** How connections to other nodes are secured. It may be told to another thread. */
export interface PeerSecurity {
  /** Null for plain text. */
  readonly tls: SecureContextOptions | null;
  readonly checksHost: boolean;
  /** Null where this node does not say who it is. */
  readonly sasl: PeerSaslSettings | null;
}

/** Begins to connect to another node. */
export type OpenPeer = OpenTransport;

/** How connections are made, as the rooms beside the client know it. */
export type PeerConnections = ConnectionSettings;

export const UNSECURED: PeerSecurity = { tls: null, checksHost: true, sasl: null };

/** How connections to controllers, and to other brokers, are made: by TCP unless told otherwise. */
export function controllerSettings(
  nodeId: number,
  times: ControllerTimes,
  onError: (error: KafkaError) => void,
  { tls, checksHost, sasl }: PeerSecurity = UNSECURED,
  openPeer: OpenPeer | null = null,
): PeerConnections {
  const anyHost = checksHost ? {} : { checkServerIdentity: () => undefined };
  return {
    ...times,
    clientId: `millrace-${nodeId}`,
    maxIdleMs: Number.MAX_SAFE_INTEGER,
    sasl,
    openTransport: openPeer ?? tcpOpener(tls === null ? false : { ...tls, ...anyHost }),
    clock: new RequestClock((thrown) => onError(toKafkaError(thrown))),
    observer: NOBODY,
    onError,
  };
}
