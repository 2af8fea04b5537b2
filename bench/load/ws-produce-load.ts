/** Produces over WebSocket in `millrace.json`: commands of 100 records, some in flight. */
import { randomCapitals } from './batches.ts';
import { LoadError } from './load-error.ts';
import type { Load, LoadSetup } from './load-setup.ts';
import { clientFrame, WebSocketConnection } from './websocket-connection.ts';

const RECORDS = 100;
const RECEIVE_BYTES = 65_536;
const TYPE = '{"type":"';

export class WsProduceLoad implements Load {
  readonly #lanes: readonly WsProduceLane[];

  private constructor(lanes: readonly WsProduceLane[]) {
    this.#lanes = lanes;
  }

  static async open(setup: LoadSetup): Promise<WsProduceLoad> {
    const lanes: WsProduceLane[] = [];
    for (let index = 0; index < setup.options.connections; index++) {
      lanes.push(await WsProduceLane.open(setup, index % setup.options.partitions));
    }
    return new WsProduceLoad(lanes);
  }

  start(): void {
    for (const lane of this.#lanes) lane.start();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
  }
}

/** Command i of the lane has id i, and is sent again when it has been answered. */
class WsProduceLane {
  readonly #socket: WebSocketConnection;
  readonly #frames: readonly Buffer[];
  readonly #sentMs: Float64Array;
  #inFlight = 0;
  #stopped = false;
  #whenIdle: (() => void) | undefined;

  private constructor(socket: WebSocketConnection, frames: readonly Buffer[]) {
    this.#socket = socket;
    this.#frames = frames;
    this.#sentMs = new Float64Array(frames.length);
  }

  static async open(setup: LoadSetup, partition: number): Promise<WsProduceLane> {
    const { options, topics, meter, onFailed } = setup;
    const address = { ...options.ws, path: '/ws', subprotocol: 'millrace.json' };
    const socket = await WebSocketConnection.open(address, RECEIVE_BYTES);
    const value = randomCapitals(options.recordBytes, 1).toString('latin1');
    const records = Array.from({ length: RECORDS }, () => ({ value }));
    const acks = options.acks === -1 ? 'all' : options.acks;
    const frames = Array.from({ length: options.inFlight }, (_, id) => {
      const command = { type: 'produce', id, topic: topics[0], partition, acks, records };
      return clientFrame(Buffer.from(JSON.stringify(command)), false);
    });
    const lane = new WsProduceLane(socket, frames);
    socket.onClosed = (reason) => onFailed(new LoadError(reason));
    socket.onMessage = (bytes, at, end) => {
      const text = bytes.toString('latin1', at, end);
      if (text.startsWith(`${TYPE}hello`)) return;
      if (!text.startsWith(`${TYPE}ok`)) return onFailed(new LoadError(`the gateway says ${text}`));
      const { id } = JSON.parse(text) as { readonly id: number };
      meter.done(lane.answered(id), RECORDS, RECORDS * options.recordBytes);
    };
    return lane;
  }

  start(): void {
    for (let id = 0; id < this.#frames.length; id++) this.#send(id);
  }

  /** The latency in milliseconds. */
  answered(id: number): number {
    const latencyMs = performance.now() - this.#sentMs[id]!;
    this.#inFlight--;
    if (!this.#stopped) this.#send(id);
    else if (this.#inFlight === 0) this.#whenIdle?.();
    return latencyMs;
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    if (this.#inFlight > 0) {
      await new Promise<void>((resolve) => {
        this.#whenIdle = resolve;
      });
    }
    this.#socket.close();
  }

  #send(id: number): void {
    this.#inFlight++;
    this.#sentMs[id] = performance.now();
    this.#socket.send(this.#frames[id]!);
  }
}
