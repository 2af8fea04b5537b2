import type { ApiKey } from '../../protocol/api-keys.ts';
import type { KafkaError } from '../errors/kafka-error.ts';

/** One connection, as its observer knows it. */
export interface ObservedConnection {
  /** `host:port`. */
  readonly name: string;
  /** -1 for a bootstrap server. */
  readonly nodeId: number;
}

/** Told of what happens on the connections of a client. Its calls are cheap and never throw. */
export interface NetworkObserver {
  onOpened(connection: ObservedConnection, tookMs: number): void;
  /** Also where it could not be opened. Requests that had no answer fail with the error. */
  onClosed(connection: ObservedConnection, error: KafkaError, wasOpen: boolean): void;
  onRequest(connection: ObservedConnection, apiKey: ApiKey, bytes: number, nowMs: number): void;
  onAnswer(
    connection: ObservedConnection,
    apiKey: ApiKey,
    bytes: number,
    nowMs: number,
    tookMs: number,
  ): void;
  /** The request will have no answer: its connection is closed. */
  onLost(connection: ObservedConnection, apiKey: ApiKey, tookMs: number, error: KafkaError): void;
  /** A broker took the proof of who the client is, on a new connection or again on one in use. */
  onAuthenticated(isAgain: boolean, tookMs: number): void;
  /** A broker refused it, or did not prove itself. */
  onRefused(isAgain: boolean): void;
  /** The answer says for how long the broker held the client back, mostly 0. */
  onThrottle(throttleTimeMs: number): void;
}
