import { connect, type Socket } from 'node:net';
import { MillraceError, reasonOf, systemCodeOf } from '../base/errors.ts';
import { ERROR, errorName } from '../base/kafka-errors.ts';
import { API, type ApiKey } from '../protocol/api-keys.ts';
import { apiName, type RequestOf, type ResponseOf } from '../protocol/api-registry.ts';
import { type Draft, decodeResponse, encodeRequest } from '../protocol/frames.ts';
import { type BrokerAddress, formatAddress } from './broker-address.ts';
import { FrameReader } from './frame-reader.ts';
import { VersionTable } from './version-table.ts';

export interface ConnectionOptions {
  readonly clientId: string;
  readonly connectTimeoutMs: number;
  readonly requestTimeoutMs: number;
}

export interface RequestOptions {
  /** The highest version that the caller's body is written for. */
  readonly maxVersion?: number;
  /** It takes the place of the connection's time-out, for requests that wait at the broker. */
  readonly timeoutMs?: number;
}

/** A body, or how to make one for the version that was negotiated. */
export type RequestBody<Key extends ApiKey> =
  | Draft<RequestOf<Key>>
  | ((version: number) => Draft<RequestOf<Key>>);

interface PendingRequest {
  readonly correlationId: number;
  readonly resolve: (frame: Buffer) => void;
  readonly reject: (error: MillraceError) => void;
  readonly timer: NodeJS.Timeout;
}

const SOFTWARE_NAME = 'millrace';
const SOFTWARE_VERSION = '1';
const CORRELATION_IDS = 2 ** 31;
/** What older brokers answer to a version of ApiVersions that they do not know. */
const FALLBACK_VERSION = 0;
const ERROR_CODE_AT = 4;

const SYSTEM_REASONS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EHOSTUNREACH: 'no route to the host',
  ENETUNREACH: 'the network is unreachable',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name of the host cannot be resolved now',
  EPIPE: 'connection closed',
  ETIMEDOUT: 'timed out',
};

function connectionError(what: string, cause?: unknown): MillraceError {
  return new MillraceError('MILLRACE_CONNECTION', what, cause);
}

function socketReason(thrown: unknown): string {
  return SYSTEM_REASONS[systemCodeOf(thrown)] ?? reasonOf(thrown);
}

/** One connection to one broker: requests leave as they come, answers arrive in their order. */
export class Connection {
  readonly address: BrokerAddress;
  readonly #name: string;
  readonly #options: ConnectionOptions;
  readonly #socket: Socket;
  readonly #frames = new FrameReader();
  /** In the order in which the broker will answer. */
  readonly #pending: PendingRequest[] = [];
  #correlationId = 0;
  #versions: VersionTable;
  #closed: MillraceError | null = null;

  private constructor(address: BrokerAddress, socket: Socket, options: ConnectionOptions) {
    this.address = address;
    this.#name = formatAddress(address);
    this.#versions = new VersionTable(this.#name, []);
    this.#options = options;
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Buffer) => this.#onBytes(chunk));
    socket.on('error', (error) => {
      this.#fail(connectionError(`the broker at ${this.#name}: ${socketReason(error)}`, error));
    });
    socket.on('close', () => {
      this.#fail(connectionError(`the broker at ${this.#name} closed the connection`));
    });
  }

  /** Connects and learns which versions the broker serves. */
  static async open(address: BrokerAddress, options: ConnectionOptions): Promise<Connection> {
    const socket = await openSocket(address, options.connectTimeoutMs);
    const connection = new Connection(address, socket, options);
    try {
      await connection.#negotiate();
    } catch (thrown) {
      connection.close();
      throw thrown;
    }
    return connection;
  }

  get isOpen(): boolean {
    return this.#closed === null;
  }

  /** Whether the broker serves this API at all. */
  serves(apiKey: ApiKey): boolean {
    return this.#versions.serves(apiKey);
  }

  /** Sends a request in the highest common version and resolves with the answer. */
  async ask<Key extends ApiKey>(
    apiKey: Key,
    body: RequestBody<Key>,
    options: RequestOptions = {},
  ): Promise<ResponseOf<Key>> {
    const version = this.#versions.choose(apiKey, options.maxVersion);
    const draft = typeof body === 'function' ? body(version) : body;
    const frame = await this.#exchange(apiKey, version, draft, options.timeoutMs);
    return decodeResponse(apiKey, version, frame).body;
  }

  close(): void {
    this.#fail(connectionError(`the connection to ${this.#name} is closed`));
  }

  async #negotiate(): Promise<void> {
    const newest = 4;
    const body = {
      clientSoftwareName: SOFTWARE_NAME,
      clientSoftwareVersion: SOFTWARE_VERSION,
    };
    let version = newest;
    let frame = await this.#exchange(API.API_VERSIONS, version, body);
    const answersOld = frame.length >= ERROR_CODE_AT + 2;
    if (answersOld && frame.readInt16BE(ERROR_CODE_AT) === ERROR.UNSUPPORTED_VERSION) {
      version = FALLBACK_VERSION;
      frame = await this.#exchange(API.API_VERSIONS, version, body);
    }
    const answer = decodeResponse(API.API_VERSIONS, version, frame).body;
    if (answer.errorCode !== ERROR.NONE) {
      const name = errorName(answer.errorCode);
      throw connectionError(`the broker at ${this.#name} answered ApiVersions with ${name}`);
    }
    this.#versions = new VersionTable(this.#name, answer.apiKeys);
  }

  #exchange<Key extends ApiKey>(
    apiKey: Key,
    version: number,
    body: Draft<RequestOf<Key>>,
    timeoutMs: number = this.#options.requestTimeoutMs,
  ): Promise<Buffer> {
    if (this.#closed !== null) return Promise.reject(this.#closed);
    const correlationId = this.#correlationId;
    this.#correlationId = (correlationId + 1) % CORRELATION_IDS;
    const { clientId } = this.#options;
    const request = encodeRequest(apiKey, version, { correlationId, clientId }, body);
    const length = Buffer.allocUnsafe(4);
    length.writeInt32BE(request.length, 0);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        const waited = `did not answer ${apiName(apiKey)} within ${timeoutMs} ms`;
        this.#fail(connectionError(`the broker at ${this.#name} ${waited}`));
      }, timeoutMs);
      this.#pending.push({ correlationId, resolve, reject, timer });
      this.#socket.cork();
      this.#socket.write(length);
      this.#socket.write(request);
      this.#socket.uncork();
    });
  }

  #onBytes(chunk: Buffer): void {
    this.#frames.push(chunk);
    try {
      for (;;) {
        const frame = this.#frames.next();
        if (frame === null) return;
        this.#settle(frame);
      }
    } catch (thrown) {
      this.#fail(
        thrown instanceof MillraceError ? thrown : connectionError(reasonOf(thrown), thrown),
      );
    }
  }

  #settle(frame: Buffer): void {
    const request = this.#pending.shift();
    const correlationId = frame.readInt32BE(0);
    if (request === undefined || request.correlationId !== correlationId) {
      const expected = request === undefined ? 'none' : request.correlationId;
      const error = connectionError(
        `the broker at ${this.#name} answered request ${correlationId}, expected ${expected}`,
      );
      if (request !== undefined) this.#pending.unshift(request);
      throw error;
    }
    clearTimeout(request.timer);
    request.resolve(frame);
  }

  /** Answers are matched by their order, so one failure ends the connection. */
  #fail(error: MillraceError): void {
    if (this.#closed !== null) return;
    this.#closed = error;
    this.#socket.destroy();
    for (const request of this.#pending.splice(0)) {
      clearTimeout(request.timer);
      request.reject(error);
    }
  }
}

function openSocket(address: BrokerAddress, timeoutMs: number): Promise<Socket> {
  const name = formatAddress(address);
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address.host, port: address.port });
    const refuse = (reason: string, cause?: unknown) => {
      clearTimeout(timer);
      socket.destroy();
      reject(connectionError(`cannot reach the broker at ${name}: ${reason}`, cause));
    };
    const timer = setTimeout(() => refuse(`no answer within ${timeoutMs} ms`), timeoutMs);
    const onError = (error: Error) => refuse(socketReason(error), error);
    socket.once('error', onError);
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.off('error', onError);
      resolve(socket);
    });
  });
}
