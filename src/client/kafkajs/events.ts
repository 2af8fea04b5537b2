import { EventEmitter } from 'node:events';
import { inBackground } from '../../base/in-background.ts';
import { KafkaJSError, KafkaJSNonRetriableError } from './errors.ts';
import type { InstrumentationEvent, Logger } from './types.ts';

const network = <Name extends string>(name: Name) =>
  ({
    REQUEST: `${name}.network.request`,
    REQUEST_TIMEOUT: `${name}.network.request_timeout`,
    REQUEST_QUEUE_SIZE: `${name}.network.request_queue_size`,
  }) as const;

export const PRODUCER_EVENTS = {
  CONNECT: 'producer.connect',
  DISCONNECT: 'producer.disconnect',
  ...network('producer'),
} as const;

export const ADMIN_EVENTS = {
  CONNECT: 'admin.connect',
  DISCONNECT: 'admin.disconnect',
  ...network('admin'),
} as const;

export const CONSUMER_EVENTS = {
  HEARTBEAT: 'consumer.heartbeat',
  COMMIT_OFFSETS: 'consumer.commit_offsets',
  GROUP_JOIN: 'consumer.group_join',
  FETCH: 'consumer.fetch',
  FETCH_START: 'consumer.fetch_start',
  START_BATCH_PROCESS: 'consumer.start_batch_process',
  END_BATCH_PROCESS: 'consumer.end_batch_process',
  CONNECT: 'consumer.connect',
  DISCONNECT: 'consumer.disconnect',
  STOP: 'consumer.stop',
  CRASH: 'consumer.crash',
  REBALANCING: 'consumer.rebalancing',
  RECEIVED_UNSUBSCRIBED_TOPICS: 'consumer.received_unsubscribed_topics',
  ...network('consumer'),
} as const;

let nextId = 0;

/** Tells listeners of what happens. Events that nobody listens for are not made. */
export class Instrumentation {
  readonly #emitter = new EventEmitter();
  readonly #events: Readonly<Record<string, string>>;
  readonly #owner: string;
  readonly #logger: Logger;

  constructor(owner: string, events: Readonly<Record<string, string>>, logger: Logger) {
    this.#owner = owner;
    this.#events = events;
    this.#logger = logger;
    this.#emitter.setMaxListeners(0);
  }

  listensFor(type: string): boolean {
    return this.#emitter.listenerCount(type) > 0;
  }

  emit(type: string, payload: unknown = undefined): void {
    if (type === '') throw new KafkaJSError('Invalid event name', { retriable: false });
    if (!this.listensFor(type)) return;
    const event = { id: nextId++, type, timestamp: Date.now(), payload };
    this.#emitter.emit(type, event);
  }

  /** Returns how to end it. What a listener throws is one line in the log. */
  readonly on = (
    eventName: string,
    // biome-ignore lint/suspicious/noExplicitAny: each event has a payload of its own
    listener: (event: InstrumentationEvent<any>) => unknown,
  ): (() => void) => {
    if (!Object.values(this.#events).includes(eventName)) {
      const names = Object.keys(this.#events).map((key) => `${this.#owner}.events.${key}`);
      throw new KafkaJSNonRetriableError(`Event name should be one of ${names.join(', ')}`);
    }
    const call = (event: InstrumentationEvent<unknown>) => {
      const called = Promise.resolve(listener(event));
      inBackground(called, (thrown) => {
        const { message, stack } = thrown as Error;
        this.#logger.error(`Failed to execute listener: ${message}`, { eventName, stack });
      });
    };
    this.#emitter.addListener(eventName, call);
    return () => {
      this.#emitter.removeListener(eventName, call);
    };
  };
}
