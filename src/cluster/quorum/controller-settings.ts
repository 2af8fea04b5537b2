import { tcpOpener } from '#tcp-transport';
import type { KafkaError } from '../../client/errors/kafka-error.ts';
import { toKafkaError } from '../../client/errors/kafka-error.ts';
import type { ConnectionSettings } from '../../client/net/connection-settings.ts';
import type { NetworkObserver } from '../../client/net/network-observer.ts';
import { RequestClock } from '../../client/net/request-clock.ts';

/** Nothing is counted: the observer of the quorum logs what goes wrong. */
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

/** How connections to controllers are made: in plain text, and not to authenticate. */
export function controllerSettings(
  nodeId: number,
  times: ControllerTimes,
  onError: (error: KafkaError) => void,
): ConnectionSettings {
  return {
    ...times,
    clientId: `millrace-${nodeId}`,
    maxIdleMs: Number.MAX_SAFE_INTEGER,
    sasl: null,
    openTransport: tcpOpener(false),
    clock: new RequestClock((thrown) => onError(toKafkaError(thrown))),
    observer: NOBODY,
    onError,
  };
}
