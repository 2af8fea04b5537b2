/** One WebSocket consumer reads a filled topic from its beginning, again and again. */
import { fillTopics } from './fill-load.ts';
import type { Load, LoadSetup } from './load-setup.ts';
import type { Meter } from './meter.ts';
import { openMillraceSubscriber, type Subscriber, type SubscriberSettings } from './subscriber.ts';

const RECEIVE_BYTES = 1_048_576;

export class WsCatchUpLoad implements Load {
  readonly #settings: SubscriberSettings;
  readonly #end: number;
  readonly #meter: Meter;
  readonly #onFailed: (error: Error) => void;
  #subscriber: Subscriber | undefined;
  #stopped = false;

  private constructor(setup: LoadSetup, end: number) {
    this.#settings = {
      address: { ...setup.options.ws, path: '/ws' },
      subprotocol: setup.options.subprotocol,
      topic: setup.topics[0]!,
      from: 'earliest',
      receiveBytes: RECEIVE_BYTES,
    };
    this.#end = end;
    this.#meter = setup.meter;
    this.#onFailed = setup.onFailed;
  }

  static async open(setup: LoadSetup): Promise<WsCatchUpLoad> {
    const { options, topics, onFailed } = setup;
    const end = await fillTopics({ ...options, partitions: 1 }, topics, onFailed);
    return new WsCatchUpLoad(setup, end);
  }

  start(): void {
    this.#readAll().catch(this.#onFailed);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#subscriber?.close();
  }

  /** Latency is the time between two frames: there is nothing else to count it from. */
  async #readAll(): Promise<void> {
    let had = 0;
    let lastMs = performance.now();
    const onDelivered = (until: number, bytes: number): void => {
      const nowMs = performance.now();
      this.#meter.done(nowMs - lastMs, until - had, bytes);
      lastMs = nowMs;
      had = until;
      if (had < this.#end || this.#stopped) return;
      this.#subscriber?.close();
      this.start();
    };
    const subscriber = await openMillraceSubscriber({ ...this.#settings, onDelivered });
    subscriber.onFailed = this.#onFailed;
    this.#subscriber = subscriber;
    if (this.#stopped) subscriber.close();
  }
}
