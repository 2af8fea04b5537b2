import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type {
  BatchMessage,
  CommitMessage,
  PollMessage,
  ProcessMessage,
  ReceivedRecord,
  SendMessage,
  SentMessage,
} from '../diagnostics/client-channels.ts';
import { KafkaError } from '../errors/kafka-error.ts';
import { carrierOf, headerGetter, headerSetter } from './header-carrier.ts';
import type { OtelApi, OtelCounter, OtelHistogram, OtelSpan, OtelTracer } from './otel-api.ts';
import { attributesOf, type Described } from './otel-attributes.ts';

/** How the client is instrumented. */
export interface InstrumentOptions {
  /** `import * as api from '@opentelemetry/api'`. */
  readonly api: OtelApi;
  /** Adds the names that attributes had before the conventions 1.45, as `messaging.system`. */
  readonly withOldNames?: boolean;
}

/** The instrumentation of all clients of this process. */
export interface Instrumentation {
  /** The context that the producer of the record sent with it. */
  contextOf(record: ReceivedRecord): unknown;
  /** Runs a handler in a span `process`, for loops; `run` does it by itself. */
  process<T>(record: ReceivedRecord, handle: () => T | Promise<T>): Promise<T>;
  /** No more spans and metrics. */
  disable(): void;
}

const NAME = 'millrace/client';
const KIND = { CLIENT: 2, PRODUCER: 3, CONSUMER: 4 } as const;
const STATUS_ERROR = 2;
const LINKS_MAX = 128;
const MS_PER_SECOND = 1000;
/** The buckets that the conventions ask for, in seconds. */
const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10];

/** Makes spans and metrics of what the clients of this process do, until `disable`. */
export function instrument({ api, withOldNames = false }: InstrumentOptions): Instrumentation {
  const recorder = new Recorder(api, withOldNames);
  const listeners: [string, (message: never) => void][] = [
    ['millrace:producer:send', (message: SendMessage) => recorder.onSend(message)],
    ['millrace:producer:sent', (message: SentMessage) => recorder.onSent(message)],
    ['millrace:producer:batch', (message: BatchMessage) => recorder.onBatch(message)],
    ['millrace:consumer:poll', (message: PollMessage) => recorder.onPoll(message)],
    ['millrace:consumer:process', (message: ProcessMessage) => recorder.onProcess(message)],
    ['millrace:consumer:commit', (message: CommitMessage) => recorder.onCommit(message)],
  ];
  for (const [name, listener] of listeners) subscribe(name, listener as () => void);
  return {
    contextOf: (record) => recorder.contextOf(record),
    process: async (record, handle) => {
      const client = { clientId: '', groupId: null };
      return (await recorder.process(client, record, handle)) as Awaited<ReturnType<typeof handle>>;
    },
    disable: () => {
      for (const [name, listener] of listeners) unsubscribe(name, listener as () => void);
    },
  };
}

class Recorder {
  readonly #api: OtelApi;
  readonly #withOldNames: boolean;
  readonly #tracer: OtelTracer;
  readonly #duration: OtelHistogram;
  readonly #processDuration: OtelHistogram;
  readonly #sent: OtelCounter;
  readonly #consumed: OtelCounter;
  readonly #spans = new WeakMap<SendMessage, OtelSpan>();

  constructor(api: OtelApi, withOldNames: boolean) {
    this.#api = api;
    this.#withOldNames = withOldNames;
    this.#tracer = api.trace.getTracer(NAME);
    const meter = api.metrics.getMeter(NAME);
    const seconds = { unit: 's', advice: { explicitBucketBoundaries: BUCKETS } } as never;
    const messages = { unit: '{message}' } as never;
    this.#duration = meter.createHistogram('messaging.client.operation.duration', seconds);
    this.#processDuration = meter.createHistogram('messaging.process.duration', seconds);
    this.#sent = meter.createCounter('messaging.client.sent.messages', messages);
    this.#consumed = meter.createCounter('messaging.client.consumed.messages', messages);
  }

  contextOf(record: ReceivedRecord): unknown {
    const { context, propagation } = this.#api;
    const active = context.active() as never;
    return propagation.extract(active, carrierOf(record), headerGetter as never);
  }

  onSend(message: SendMessage): void {
    const { context, propagation, trace } = this.#api;
    const { clientId, topic, key, value, headers } = message;
    const what = { operation: 'send', clientId, topic, key, isTombstone: value === null } as const;
    const span = this.#start(`send ${topic}`, KIND.PRODUCER, what);
    this.#spans.set(message, span);
    const inner = trace.setSpan(context.active() as never, span as never);
    propagation.inject(inner as never, headers, headerSetter as never);
  }

  onSent({ message, partition, offset, error }: SentMessage): void {
    const span = this.#spans.get(message);
    if (span === undefined) return;
    const { clientId, topic } = message;
    const what = { operation: 'send', clientId, topic, partition, offset } as const;
    span.setAttributes(this.#attributes({ ...what, errorType: error?.code }));
    if (error !== null) span.setStatus({ code: STATUS_ERROR, message: error.message });
    span.end();
  }

  /** Counts also what `enqueue` took, of which there are no spans. */
  onBatch({ clientId, topic, partition, records, durationMs, error }: BatchMessage): void {
    const errorType = error?.code;
    const what = { operation: 'send', clientId, topic, partition, errorType } as const;
    const attributes = this.#attributes(what);
    this.#sent.add(records, attributes);
    this.#duration.record(durationMs / MS_PER_SECOND, attributes);
  }

  onPoll({ clientId, groupId, topic, partition, batch, durationMs }: PollMessage): void {
    const what = { operation: 'poll', clientId, groupId, topic, partition } as const;
    const metric = this.#attributes(what);
    this.#consumed.add(batch.length, metric);
    this.#duration.record(durationMs / MS_PER_SECOND, metric);
    const links: unknown[] = [];
    for (const record of batch) {
      if (links.length === LINKS_MAX) break;
      const context = this.#api.trace.getSpanContext(this.contextOf(record) as never);
      if (context !== undefined) links.push({ context });
    }
    const startTime = Date.now() - durationMs;
    const described = { ...what, count: batch.length };
    this.#start(`poll ${topic}`, KIND.CLIENT, described, { links, startTime }).end();
  }

  onProcess(message: ProcessMessage): void {
    const { handle, record } = message;
    message.handle = () => this.process(message, record, handle);
  }

  async process(
    client: { readonly clientId: string; readonly groupId: string | null },
    record: ReceivedRecord,
    handle: () => unknown,
  ): Promise<unknown> {
    const { context, trace } = this.#api;
    const { topic, partition, offset, valueBytes } = record;
    const { clientId, groupId } = client;
    const what = { operation: 'process', clientId, groupId, topic, partition } as const;
    const described = { ...what, offset, isTombstone: valueBytes === null };
    const parent = this.contextOf(record);
    const span = this.#start(`process ${topic}`, KIND.CONSUMER, described, {}, parent);
    const inner = trace.setSpan(parent as never, span as never);
    const startMs = performance.now();
    let errorType: string | undefined;
    try {
      return await (context.with(inner as never, handle) as Promise<unknown>);
    } catch (thrown) {
      errorType = errorTypeOf(thrown);
      span.setAttributes({ 'error.type': errorType } as never);
      span.setStatus({ code: STATUS_ERROR, message: String(thrown) });
      throw thrown;
    } finally {
      span.end();
      const seconds = (performance.now() - startMs) / MS_PER_SECOND;
      this.#processDuration.record(seconds, this.#attributes({ ...what, errorType }));
    }
  }

  onCommit({ clientId, groupId, offsets, durationMs, error }: CommitMessage): void {
    const topics = new Set(offsets.map(({ topic }) => topic));
    const [topic] = topics.size === 1 ? topics : [];
    const place = topic === undefined ? {} : { topic };
    const errorType = error?.code;
    const what = { operation: 'commit', clientId, groupId, ...place, errorType } as const;
    const name = topic === undefined ? 'commit' : `commit ${topic}`;
    const startTime = Date.now() - durationMs;
    const span = this.#start(name, KIND.CLIENT, what, { startTime });
    if (error !== null) span.setStatus({ code: STATUS_ERROR, message: error.message });
    span.end();
    this.#duration.record(durationMs / MS_PER_SECOND, this.#attributes(what));
  }

  #start(
    name: string,
    kind: number,
    what: Described,
    more: object = {},
    context: unknown = this.#api.context.active(),
  ): OtelSpan {
    const options = { kind, attributes: this.#attributes(what), ...more };
    return this.#tracer.startSpan(name, options as never, context as never);
  }

  #attributes(what: Described): never {
    return attributesOf(what, this.#withOldNames) as never;
  }
}

function errorTypeOf(thrown: unknown): string {
  if (thrown instanceof KafkaError) return thrown.code;
  return thrown instanceof Error ? thrown.name : '_OTHER';
}
