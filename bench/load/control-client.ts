/** Requests of the set-up: one connection, promises, answers in order. */
import { LoadConnection } from './load-connection.ts';
import { LoadError } from './load-error.ts';
import { RequestWriter } from './request-writer.ts';
import { ResponseReader } from './response-reader.ts';

/** API keys and the (not flexible) versions used here; both brokers serve them. */
export const CONTROL_API = {
  listOffsets: [2, 4],
  metadata: [3, 7],
  offsetCommit: [8, 7],
  findCoordinator: [10, 2],
  joinGroup: [11, 5],
  heartbeat: [12, 3],
  syncGroup: [14, 3],
  createTopics: [19, 4],
  deleteTopics: [20, 3],
  initProducerId: [22, 1],
} as const;

export type ControlApi = keyof typeof CONTROL_API;

interface Waiter {
  readonly resolve: (reader: ResponseReader) => void;
  readonly reject: (error: Error) => void;
}

export class ControlClient {
  readonly #connection: LoadConnection;
  readonly #waiters: Waiter[] = [];
  #closedBecause: string | undefined;
  #correlation = 0;

  private constructor(connection: LoadConnection) {
    this.#connection = connection;
    connection.onFrame = (bytes, at, end) => {
      const frame = Buffer.from(bytes.subarray(at, end));
      this.#waiters.shift()?.resolve(new ResponseReader(frame, 4));
    };
    connection.onClosed = (reason) => {
      this.#closedBecause = reason;
      for (const waiter of this.#waiters.splice(0)) waiter.reject(new LoadError(reason));
    };
  }

  static async connect(host: string, port: number): Promise<ControlClient> {
    return new ControlClient(await LoadConnection.open(host, port));
  }

  request(api: ControlApi, write: (writer: RequestWriter) => void): Promise<ResponseReader> {
    const closed = this.#closedBecause;
    if (closed !== undefined) return Promise.reject(new LoadError(`${api}: ${closed}`));
    const [apiKey, version] = CONTROL_API[api];
    const writer = new RequestWriter(apiKey, version, this.#correlation++, false);
    write(writer);
    return new Promise((resolve, reject) => {
      this.#waiters.push({ resolve, reject });
      this.#connection.socket.write(writer.finish());
    });
  }

  /** Hands the socket over to a hot loop; this client must not be used after that. */
  release(): LoadConnection {
    this.#connection.onClosed = () => {};
    return this.#connection;
  }

  close(): void {
    const reason = 'the connection was closed before';
    this.#closedBecause ??= reason;
    for (const waiter of this.#waiters.splice(0)) waiter.reject(new LoadError(reason));
    this.#connection.close();
  }
}
