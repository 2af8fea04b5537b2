/**
 * One publisher, many WebSocket consumers that each get everything. Deliveries are summed over the
 * consumers; latency counts from the sending of a record's batch (with a rate: from the moment at
 * which it was meant to leave) to its receipt, for every consumer.
 *
 * Without a rate the publisher keeps a window of batches ahead of the slowest consumer.
 */
import { openBarePublisher, openBareSubscriber } from './bare.ts';
import { createStream, openJetStreamPublisher, openJetStreamSubscriber } from './jet-stream.ts';
import type { Load, LoadSetup } from './load-setup.ts';
import type { Meter } from './meter.ts';
import { natsSubscriberOf, openNatsPublisher } from './nats.ts';
import { Pacer } from './pacer.ts';
import { openLanes, recordsPerBatchOf } from './produce-load.ts';
import type { Publisher } from './publisher.ts';
import { type OpenSubscriber, openMillraceSubscriber, type Subscriber } from './subscriber.ts';

const RECEIVE_BYTES = 262_144;
/** Sending times are kept for so many batches; a power of two. */
const REMEMBERED = 65_536;

async function openPublisher(setup: LoadSetup, perBatch: number): Promise<Publisher> {
  const { options, topics } = setup;
  const { host, port, recordBytes, subprotocol } = options;
  if (subprotocol === 'bare') return openBarePublisher(options.ws, recordBytes, perBatch);
  const topic = topics[0]!;
  if (subprotocol === 'nats') return openNatsPublisher(host, port, topic, recordBytes, perBatch);
  if (subprotocol === 'jetstream') {
    return openJetStreamPublisher({ host, port, topic }, recordBytes, perBatch);
  }
  const producing = { ...options, acks: 1, connections: 1 };
  const plan = { options: producing, topics, partitions: 1, identity: undefined };
  const [lane] = await openLanes(plan, () => undefined);
  return lane!;
}

async function subscriberOpener(setup: LoadSetup): Promise<OpenSubscriber> {
  const { host, port, subprotocol, recordBytes } = setup.options;
  if (subprotocol === 'nats') return natsSubscriberOf(recordBytes);
  if (subprotocol === 'bare') return openBareSubscriber;
  if (subprotocol !== 'jetstream') return openMillraceSubscriber;
  await createStream({ host, port, topic: setup.topics[0]! });
  return openJetStreamSubscriber;
}

export class FanOutLoad implements Load {
  readonly #publisher: Publisher;
  readonly #subscribers: readonly Subscriber[];
  readonly #meter: Meter;
  readonly #perBatch: number;
  readonly #window: number;
  readonly #pacer: Pacer | undefined;
  /** Of each subscriber: the records it has had. */
  readonly #delivered: Float64Array;
  readonly #sentMs = new Float64Array(REMEMBERED);

  private constructor(setup: LoadSetup, publisher: Publisher, subscribers: readonly Subscriber[]) {
    const { options } = setup;
    this.#publisher = publisher;
    this.#subscribers = subscribers;
    this.#meter = setup.meter;
    this.#perBatch = recordsPerBatchOf(options);
    this.#window = options.window;
    this.#delivered = new Float64Array(subscribers.length);
    const perSecond = options.rate / subscribers.length / this.#perBatch;
    this.#pacer = options.rate === 0 ? undefined : new Pacer(perSecond);
    publisher.onFailed = setup.onFailed;
    publisher.onSent = (index, nowMs) => {
      this.#sentMs[index % REMEMBERED] = this.#pacer?.intendedMs(index) ?? nowMs;
    };
    for (const [index, subscriber] of subscribers.entries()) {
      subscriber.onFailed = setup.onFailed;
      subscriber.onDelivered = (until, bytes) => this.#got(index, until, bytes);
    }
  }

  static async open(setup: LoadSetup): Promise<FanOutLoad> {
    const { options, topics } = setup;
    const openSubscriber = await subscriberOpener(setup);
    const subscribers: Subscriber[] = [];
    for (let index = 0; index < options.consumers; index++) {
      subscribers.push(
        await openSubscriber({
          address: { ...options.ws, path: '/ws' },
          subprotocol: options.subprotocol,
          topic: topics[0]!,
          from: 'latest',
          receiveBytes: RECEIVE_BYTES,
        }),
      );
    }
    const publisher = await openPublisher(setup, recordsPerBatchOf(options));
    return new FanOutLoad(setup, publisher, subscribers);
  }

  start(): void {
    if (this.#pacer === undefined) {
      this.#publisher.release(this.#window);
      return;
    }
    this.#pacer.start(
      (due) => this.#publisher.release(due),
      (lateMs) => this.#meter.ticked(lateMs),
    );
  }

  async stop(): Promise<void> {
    this.#pacer?.stop();
    for (const subscriber of this.#subscribers) subscriber.close();
    await this.#publisher.stop();
  }

  #got(index: number, until: number, bytes: number): void {
    const nowMs = performance.now();
    const perBatch = this.#perBatch;
    const from = this.#delivered[index]!;
    const bytesEach = bytes / Math.max(1, until - from);
    for (let at = from; at < until; ) {
      const batch = Math.floor(at / perBatch);
      const end = Math.min(until, (batch + 1) * perBatch);
      this.#meter.done(nowMs - this.#sentMs[batch % REMEMBERED]!, end - at, bytesEach * (end - at));
      at = end;
    }
    this.#delivered[index] = until;
    if (this.#pacer === undefined) this.#releaseAfterSlowest();
  }

  #releaseAfterSlowest(): void {
    const delivered = this.#delivered;
    let least = Number.POSITIVE_INFINITY;
    for (let index = 0; index < delivered.length; index++) {
      if (delivered[index]! < least) least = delivered[index]!;
    }
    this.#publisher.release(Math.floor(least / this.#perBatch) + this.#window);
  }
}
