/**
 * New connections as fast as they go: each is opened, secured, logged in where that is asked for,
 * asks for the versions and is closed. `connections` of them are under way at any time.
 */
import { LoadConnection } from './load-connection.ts';
import { LoadError } from './load-error.ts';
import type { Load, LoadSetup } from './load-setup.ts';
import { RequestWriter } from './request-writer.ts';

const METADATA = 3;
const VERSION = 7;
const RECEIVE_BYTES = 4096;

export class ConnectLoad implements Load {
  readonly #setup: LoadSetup;
  readonly #request: Buffer;
  #isOver = false;
  #lanes: readonly Promise<void>[] = [];

  private constructor(setup: LoadSetup) {
    this.#setup = setup;
    const writer = new RequestWriter(METADATA, VERSION, 0, false);
    this.#request = writer.int32(1).string(setup.topics[0]!).int8(0).finish();
  }

  static async open(setup: LoadSetup): Promise<ConnectLoad> {
    return new ConnectLoad(setup);
  }

  start(): void {
    const { options, onFailed } = this.#setup;
    this.#lanes = Array.from({ length: options.connections }, () => this.#run().catch(onFailed));
  }

  async #run(): Promise<void> {
    const { options, meter } = this.#setup;
    while (!this.#isOver) {
      const startedMs = performance.now();
      const connection = await LoadConnection.open(options.host, options.port, RECEIVE_BYTES);
      await new Promise<void>((resolve, reject) => {
        connection.onFrame = () => resolve();
        connection.onClosed = (reason) => reject(new LoadError(reason));
        connection.socket.write(this.#request);
      });
      connection.close();
      meter.done(performance.now() - startedMs, 1, 0);
    }
  }

  async stop(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#lanes);
  }
}
