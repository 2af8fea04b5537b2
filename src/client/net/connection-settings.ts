import type { ApiKey } from '../../protocol/api-keys.ts';
import type { RequestOf } from '../../protocol/api-registry.ts';
import type { Draft } from '../../protocol/frames.ts';
import type { SaslOptions } from '../config/sasl-options.ts';
import type { KafkaError } from '../errors/kafka-error.ts';
import type { NetworkObserver } from './network-observer.ts';
import type { RequestClock } from './request-clock.ts';
import type { OpenTransport } from './transport.ts';

export interface ConnectionSettings {
  readonly clientId: string;
  readonly requestTimeoutMs: number;
  readonly connectTimeoutMs: number;
  readonly maxIdleMs: number;
  readonly sasl: SaslOptions | null;
  /**
   * Where it is given, answers of at most so many bytes lie in the buffer for reads, and what `ask`
   * answers lasts only until the event loop goes on.
   */
  readonly inPlaceMax?: number;
  readonly openTransport: OpenTransport;
  readonly clock: RequestClock;
  readonly observer: NetworkObserver;
  /** Called where authenticating again failed, and of an answer that cannot be read. */
  readonly onError: (error: KafkaError) => void;
}

export interface AskOptions {
  /** The highest version that the caller's body is written for. */
  readonly maxVersion?: number;
  /** It takes the place of the connection's time-out, for requests that wait at the broker. */
  readonly timeoutMs?: number;
}

/** A body, or how to make one for the version that was negotiated. */
export type AskBody<Key extends ApiKey> =
  | Draft<RequestOf<Key>>
  | ((version: number) => Draft<RequestOf<Key>>);

/** Gets the answer to one request, exactly one of the two calls. */
export interface AnswerHandler {
  /** The answer without its length. Unless `isOwned`, the bytes last until it returns. */
  onAnswer(bytes: Buffer, start: number, end: number, isOwned: boolean): void;
  onFailure(error: KafkaError): void;
}
