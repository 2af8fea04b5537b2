import { reasonOf } from '../../base/errors.ts';
import { inBackground } from '../../base/in-background.ts';
import { API, type ApiKey } from '../../protocol/api-keys.ts';
import { apiName, type RequestOf, type ResponseOf } from '../../protocol/api-registry.ts';
import { type Draft, decodeResponse, encodeRequest } from '../../protocol/frames.ts';
import type { VersionRange } from '../../protocol/version-range.ts';
import { type BrokerAddress, formatAddress } from '../broker-address.ts';
import type { SaslOptions } from '../config/sasl-options.ts';
import { KafkaError, toKafkaError } from '../errors/kafka-error.ts';
import { bytesOf } from './chunk-bytes.ts';
import type {
  AnswerHandler,
  AskBody,
  AskOptions,
  ConnectionSettings,
} from './connection-settings.ts';
import { FrameAssembler } from './frame-assembler.ts';
import { authenticate, negotiate } from './handshake.ts';
import type { ObservedConnection } from './network-observer.ts';
import type { HeldRequest, PendingAnswer } from './pending-answer.ts';
import type { Timed } from './request-clock.ts';
import { answerMismatch, connectionError } from './socket-reason.ts';
import type { Transport, TransportEvents } from './transport.ts';
import { VersionTable } from './version-table.ts';

const LENGTH_BYTES = 4;
/** Of a frame with its length in front. */
const CORRELATION_AT = LENGTH_BYTES + 4;
const CORRELATION_IDS = 2 ** 31;
/** Authenticates again once this share of the session has passed (KIP-368). */
const SESSION_SHARE = 0.85;

/**
 * One connection to one broker. Requests leave as they come, those of one turn of the event loop in
 * one write; answers arrive in their order. It never reopens: see Lane.
 */
export class Connection implements TransportEvents, Timed, ObservedConnection {
  readonly address: BrokerAddress;
  readonly name: string;
  readonly nodeId: number;
  readonly #settings: ConnectionSettings;
  readonly #frames: FrameAssembler;
  readonly #transport: Transport;
  /** In the order in which the broker will answer. */
  #pending: PendingAnswer[] = [];
  /** What waits until the connection has authenticated again; null while nothing needs to. */
  #held: HeldRequest[] | null = null;
  #correlationId = 0;
  #versions: VersionTable;
  #features: ReadonlyMap<string, number> = new Map();
  #featuresEpoch = -1;
  #closed: KafkaError | null = null;
  #flushes = false;
  #onOpened: ((error: KafkaError | null) => void) | null = null;
  #usedMs = performance.now();
  #isReady = false;
  #authenticateAtMs = Number.POSITIVE_INFINITY;
  #throttledUntilMs = 0;

  private constructor(address: BrokerAddress, settings: ConnectionSettings) {
    this.address = address;
    this.name = formatAddress(address);
    this.nodeId = address.id ?? -1;
    this.#settings = settings;
    this.#frames = new FrameAssembler(this.#settle.bind(this), settings.inPlaceMax);
    this.#versions = new VersionTable(this.name, []);
    this.#transport = settings.openTransport(address, this);
  }

  /** Connects, learns which versions the broker serves, and authenticates. */
  static async open(address: BrokerAddress, settings: ConnectionSettings): Promise<Connection> {
    const startMs = performance.now();
    const connection = new Connection(address, settings);
    const { connectTimeoutMs: limitMs } = settings;
    const timer = setTimeout(() => {
      const what = `cannot reach the broker at ${connection.name}: no answer within ${limitMs} ms`;
      connection.close(new KafkaError('NETWORK_EXCEPTION', what));
    }, limitMs);
    try {
      await connection.#opened();
      await connection.#shakeHands();
    } catch (thrown) {
      connection.close(toKafkaError(thrown, 'NETWORK_EXCEPTION'));
      throw connection.#closed ?? thrown;
    } finally {
      clearTimeout(timer);
    }
    settings.clock.add(connection);
    settings.observer.onOpened(connection, performance.now() - startMs);
    connection.#isReady = true;
    return connection;
  }

  get isOpen(): boolean {
    return this.#closed === null;
  }

  /** Requests without an answer yet. */
  get inFlight(): number {
    return this.#pending.length + (this.#held?.length ?? 0);
  }

  /** Until when the broker wants no more requests (KIP-219), in monotonic time. */
  get throttledUntilMs(): number {
    return this.#throttledUntilMs;
  }

  /** The level of a finalized feature, 0 where the cluster has none. */
  featureLevel(name: string): number {
    return this.#features.get(name) ?? 0;
  }

  get featuresEpoch(): number {
    return this.#featuresEpoch;
  }

  /** The versions of each API that the broker serves, by key. */
  get served(): ReadonlyMap<number, VersionRange> {
    return this.#versions.served;
  }

  serves(apiKey: ApiKey): boolean {
    return this.#versions.serves(apiKey);
  }

  /** The highest version that both sides know, none above `limit`. */
  versionOf(apiKey: ApiKey, limit?: number): number {
    try {
      return this.#versions.choose(apiKey, limit);
    } catch (thrown) {
      throw toKafkaError(thrown, 'UNSUPPORTED_VERSION');
    }
  }

  /** Sends a request in the highest common version and resolves with the answer. */
  async ask<Key extends ApiKey>(
    apiKey: Key,
    body: AskBody<Key>,
    options: AskOptions = {},
  ): Promise<ResponseOf<Key>> {
    const version = this.versionOf(apiKey, options.maxVersion);
    const draft = typeof body === 'function' ? body(version) : body;
    return this.askVersion(apiKey, version, draft, options.timeoutMs);
  }

  /** The same in a version that the caller chose. */
  async askVersion<Key extends ApiKey>(
    apiKey: Key,
    version: number,
    body: Draft<RequestOf<Key>>,
    timeoutMs?: number,
  ): Promise<ResponseOf<Key>> {
    const frame = await this.exchange(apiKey, version, body, { timeoutMs });
    return this.decode(apiKey, version, frame);
  }

  decode<Key extends ApiKey>(apiKey: Key, version: number, frame: Buffer): ResponseOf<Key> {
    try {
      return decodeResponse(apiKey, version, frame).body;
    } catch (thrown) {
      const error = this.#malformed(apiKey, thrown);
      this.close(error);
      throw error;
    }
  }

  /** Resolves with the bytes of the answer. Requests of the handshake go ahead of all others. */
  exchange<Key extends ApiKey>(
    apiKey: Key,
    version: number,
    body: Draft<RequestOf<Key>>,
    options: { readonly timeoutMs?: number | undefined; readonly isHandshake?: boolean } = {},
  ): Promise<Buffer> {
    const { clientId, requestTimeoutMs, inPlaceMax = 0 } = this.#settings;
    const { timeoutMs = requestTimeoutMs, isHandshake = false } = options;
    const request = encodeRequest(apiKey, version, { correlationId: 0, clientId }, body);
    const length = Buffer.allocUnsafe(LENGTH_BYTES);
    length.writeInt32BE(request.length, 0);
    return new Promise((resolve, reject) => {
      const onAnswer = (bytes: Buffer, start: number, end: number, isOwned: boolean) => {
        const frame = bytes.subarray(start, end);
        // The byte fields of an answer are views of its frame.
        const isKept = isOwned || (inPlaceMax > 0 && !isHandshake);
        resolve(isKept ? frame : Buffer.from(frame));
      };
      const handler = { onAnswer, onFailure: reject };
      const chunks = [Buffer.concat([length, request])];
      if (isHandshake) this.#transmit({ apiKey, chunks, handler, timeoutMs });
      else this.send(apiKey, chunks, handler, timeoutMs);
    });
  }

  /**
   * Sends a request that the caller has laid out, its length and header in front, as chunks that do
   * not change before the answer. The correlation id is written into the first. The answer's
   * handler must not throw.
   */
  send(
    apiKey: ApiKey,
    chunks: readonly Buffer[],
    handler: AnswerHandler,
    timeoutMs: number = this.#settings.requestTimeoutMs,
  ): void {
    const request = { apiKey, chunks, handler, timeoutMs };
    if (this.#held === null || this.#closed !== null) this.#transmit(request);
    else this.#held.push(request);
  }

  /** Sends a request that the broker does not answer: Produce with acks=0. */
  sendUnanswered(chunks: readonly Buffer[], onTaken: () => void): void {
    if (this.#closed !== null) {
      process.nextTick(onTaken);
      return;
    }
    this.#usedMs = performance.now();
    this.#settings.observer.onRequest(this, API.PRODUCE, bytesOf(chunks), this.#usedMs);
    this.#write(chunks, onTaken);
  }

  /** Bytes that the system has not taken yet. */
  get queuedBytes(): number {
    return this.#transport.queuedBytes;
  }

  /** Obeys what an answer says of quotas. */
  throttle(throttleTimeMs: number): void {
    this.#settings.observer.onThrottle(throttleTimeMs);
    if (throttleTimeMs > 0) this.#throttledUntilMs = performance.now() + throttleTimeMs;
  }

  /** Answers are matched by their order, so one failure ends the connection. */
  close(error: KafkaError = connectionError(`the connection to ${this.name} is closed`)): void {
    if (this.#closed !== null) return;
    this.#closed = error;
    this.#transport.destroy();
    this.#settings.clock.remove(this);
    const pending = this.#pending;
    const held = this.#held ?? [];
    this.#pending = [];
    this.#held = null;
    this.#onOpened?.(error);
    this.#settings.observer.onClosed(this, error, this.#isReady);
    for (const { apiKey, handler, sentMs } of pending) {
      this.#settings.observer.onLost(this, apiKey, performance.now() - sentMs, error);
      handler.onFailure(error);
    }
    for (const { handler } of held) handler.onFailure(error);
  }

  onOpen(): void {
    this.#onOpened?.(null);
  }

  target(): Uint8Array {
    return this.#frames.target();
  }

  onBytes(target: Uint8Array, length: number): void {
    if (this.#closed !== null) return;
    try {
      this.#frames.feed(target, length);
    } catch (thrown) {
      this.close(answerMismatch(thrown, this.#isReady));
    }
  }

  onClosed(cause: unknown): void {
    const isOpening = this.#onOpened !== null;
    const what = `${isOpening ? 'cannot reach ' : ''}the broker at ${this.name}`;
    this.close(connectionError(cause === null ? `${what} closed the connection` : what, cause));
  }

  onTick(nowMs: number): boolean {
    if (this.#closed !== null) return false;
    for (const { apiKey, deadlineMs } of this.#pending) {
      if (nowMs < deadlineMs) continue;
      const what = `the broker at ${this.name} did not answer ${apiName(apiKey)} in time`;
      this.close(new KafkaError('REQUEST_TIMED_OUT', what));
      return false;
    }
    if (this.inFlight === 0 && nowMs - this.#usedMs > this.#settings.maxIdleMs) {
      this.close(connectionError(`the connection to ${this.name} was idle for too long`));
      return false;
    }
    if (nowMs >= this.#authenticateAtMs && this.#held === null) this.#authenticateAgain();
    return true;
  }

  #opened(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#onOpened = (error) => {
        this.#onOpened = null;
        if (error === null) resolve();
        else reject(error);
      };
    });
  }

  async #shakeHands(): Promise<void> {
    // The clock watches the answers of the handshake too; its own time-out ends it as well.
    this.#settings.clock.add(this);
    const answer = await negotiate(this);
    this.#versions = new VersionTable(this.name, answer.apiKeys);
    this.#featuresEpoch = answer.finalizedFeaturesEpoch;
    this.#features = new Map(
      answer.finalizedFeatures.map((each) => [each.name, each.maxVersionLevel]),
    );
    if (this.#settings.sasl !== null) await this.#authenticate(this.#settings.sasl);
  }

  async #authenticate(sasl: SaslOptions): Promise<void> {
    const lifetimeMs = await authenticate(this, sasl, this.#settings.observer, this.#isReady);
    this.#authenticateAtMs =
      lifetimeMs > 0 ? performance.now() + SESSION_SHARE * lifetimeMs : Number.POSITIVE_INFINITY;
  }

  /** New requests wait; those on their way are answered before the broker's part of it. */
  #authenticateAgain(): void {
    const { sasl, onError } = this.#settings;
    this.#authenticateAtMs = Number.POSITIVE_INFINITY;
    this.#held = [];
    const work = this.#authenticate(sasl!).then(() => {
      const held = this.#held ?? [];
      this.#held = null;
      for (const each of held) this.#transmit(each);
    });
    const failed = (thrown: unknown) => {
      const error = toKafkaError(thrown, 'SASL_AUTHENTICATION_FAILED');
      this.close(error);
      onError(error);
    };
    inBackground(work, failed);
  }

  #transmit({ apiKey, chunks, handler, timeoutMs }: HeldRequest): void {
    if (this.#closed !== null) {
      handler.onFailure(this.#closed);
      return;
    }
    const correlationId = this.#correlationId;
    this.#correlationId = (correlationId + 1) % CORRELATION_IDS;
    chunks[0]!.writeInt32BE(correlationId, CORRELATION_AT);
    this.#usedMs = performance.now();
    const sentMs = this.#usedMs;
    this.#pending.push({ apiKey, correlationId, handler, sentMs, deadlineMs: sentMs + timeoutMs });
    this.#settings.observer.onRequest(this, apiKey, bytesOf(chunks), sentMs);
    this.#write(chunks);
  }

  #write(chunks: readonly Buffer[], onTaken?: () => void): void {
    const last = chunks.length - 1;
    for (let i = 0; i < last; i++) this.#transport.write(chunks[i]!);
    this.#transport.write(chunks[last]!, onTaken);
    if (this.#flushes) return;
    this.#flushes = true;
    process.nextTick(flush, this);
  }

  flush(): void {
    this.#flushes = false;
    if (this.#closed === null) this.#transport.flush();
  }

  #settle(bytes: Buffer, start: number, end: number, isOwned: boolean): void {
    if (this.#closed !== null) return;
    const request = this.#pending[0];
    const correlationId = bytes.readInt32BE(start);
    if (request === undefined || request.correlationId !== correlationId) {
      const expected = request === undefined ? 'none' : request.correlationId;
      const what = `answered request ${correlationId}, expected ${expected}`;
      throw new KafkaError('MALFORMED_ANSWER', `the broker at ${this.name} ${what}`);
    }
    this.#pending.shift();
    const nowMs = performance.now();
    const { apiKey, sentMs } = request;
    const size = end - start + LENGTH_BYTES;
    this.#settings.observer.onAnswer(this, apiKey, size, nowMs, nowMs - sentMs);
    try {
      request.handler.onAnswer(bytes, start, end, isOwned);
    } catch (thrown) {
      const error = this.#malformed(request.apiKey, thrown);
      request.handler.onFailure(error);
      this.close(error);
    }
  }

  #malformed(apiKey: ApiKey, thrown: unknown): KafkaError {
    const what = `the broker at ${this.name} answered ${apiName(apiKey)} wrongly`;
    const text = `${what}: ${reasonOf(thrown)}`;
    const error = new KafkaError('MALFORMED_ANSWER', text, { cause: thrown });
    if (!this.#isReady) return error;
    // Whoever tries again hears no more of it.
    this.#settings.onError(error);
    return answerMismatch(error, true);
  }
}

function flush(connection: Connection): void {
  connection.flush();
}
