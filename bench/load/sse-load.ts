/** One reader of server-sent events, from the beginning of a topic that was filled before. */
import { fillTopics } from './fill-load.ts';
import { LoadConnection } from './load-connection.ts';
import { LoadError } from './load-error.ts';
import type { Load, LoadSetup } from './load-setup.ts';

const RECEIVE_BYTES = 1_048_576;
const EVENT = Buffer.from('\ndata:');
const OK = 'HTTP/1.1 200';
/** All bytes that have come are shown as one frame. */
const CHUNKS = {
  measure: (_bytes: Buffer, at: number, filled: number): number => filled - at,
  prefixBytes: 0,
};

function countEvents(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf(EVENT); at >= 0; at = bytes.indexOf(EVENT, at + EVENT.length)) {
    count++;
  }
  return count;
}

export class SseLoad implements Load {
  readonly #setup: LoadSetup;
  readonly #end: number;
  #connection: LoadConnection | undefined;
  #stopped = false;

  private constructor(setup: LoadSetup, end: number) {
    this.#setup = setup;
    this.#end = end;
  }

  static async open(setup: LoadSetup): Promise<SseLoad> {
    const { options, topics, onFailed } = setup;
    const end = await fillTopics({ ...options, partitions: 1 }, topics, onFailed);
    return new SseLoad(setup, end);
  }

  start(): void {
    this.#readAll().catch(this.#setup.onFailed);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#connection?.close();
  }

  async #readAll(): Promise<void> {
    const { meter, onFailed, options, topics } = this.#setup;
    const { host, port } = options.ws;
    const connection = await LoadConnection.open(host, port, RECEIVE_BYTES, CHUNKS);
    this.#connection = connection;
    let had = 0;
    let begun = false;
    let lastMs = performance.now();
    connection.onClosed = (reason) => onFailed(new LoadError(reason));
    connection.onFrame = (bytes, at, end) => {
      if (!begun && bytes.toString('latin1', at, at + OK.length) !== OK) {
        onFailed(new LoadError(`no events: ${bytes.toString('latin1', at, end).slice(0, 200)}`));
      }
      begun = true;
      // An event that two reads share may be missed: a few in a million.
      const events = countEvents(bytes.subarray(at, end));
      const nowMs = performance.now();
      had += events;
      meter.done(nowMs - lastMs, events, end - at);
      lastMs = nowMs;
    };
    connection.onReadDone = () => {
      if (had < this.#end * 0.99 || this.#stopped) return;
      connection.close();
      this.start();
    };
    const path = `/topics/${topics[0]}/events?from=earliest`;
    connection.socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}:${port}\r\n\r\n`);
  }
}
