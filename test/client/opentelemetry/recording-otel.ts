import { AsyncLocalStorage } from 'node:async_hooks';
import type { OtelApi, OtelSpanContext } from '../../../src/client/opentelemetry/index.ts';

interface SpanOptions {
  readonly kind: number;
  readonly attributes: Record<string, unknown>;
  readonly links?: readonly { readonly context: { readonly spanId: string } }[];
}

/** A span as it was made. */
export class RecordedSpan {
  readonly name: string;
  readonly id: string;
  readonly parent: string | null;
  readonly kind: number;
  readonly attributes: Record<string, unknown>;
  readonly links: readonly string[];
  hasEnded = false;
  hasFailed = false;

  constructor(name: string, id: string, parent: string | null, options: SpanOptions) {
    this.name = name;
    this.id = id;
    this.parent = parent;
    this.kind = options.kind;
    this.attributes = { ...options.attributes };
    this.links = (options.links ?? []).map(({ context }) => context.spanId);
  }

  setAttributes(attributes: object): void {
    Object.assign(this.attributes, attributes);
  }

  setStatus(): void {
    this.hasFailed = true;
  }

  end(): void {
    this.hasEnded = true;
  }
}

type Setter = { set(carrier: unknown, name: string, value: string): void };
type Getter = { get(carrier: unknown, name: string): string | undefined };

/** OpenTelemetry's API in memory. A context is the id of its span, or null. */
export class RecordingOtel implements OtelApi {
  readonly spans: RecordedSpan[] = [];
  readonly #values = new Map<string, number[]>();
  readonly #active = new AsyncLocalStorage<string | null>();

  readonly trace = {
    getTracer: () => ({
      startSpan: (name: string, options?: SpanOptions, context?: string | null) => {
        const span = new RecordedSpan(name, `s${this.spans.length}`, context ?? null, options!);
        this.spans.push(span);
        return span;
      },
    }),
    setSpan: (_context: unknown, span: RecordedSpan) => span.id,
    getSpanContext: (context: string | null): OtelSpanContext | undefined => {
      return context === null ? undefined : { traceId: 't', spanId: context, traceFlags: 1 };
    },
  };

  readonly context = {
    active: () => this.#active.getStore() ?? null,
    with: (context: string | null, call: () => unknown) => this.#active.run(context, call),
  };

  readonly propagation = {
    inject: (context: string, carrier: unknown, setter?: Setter) => {
      setter!.set(carrier, 'traceparent', context);
    },
    extract: (context: unknown, carrier: unknown, getter?: Getter) => {
      return getter!.get(carrier, 'traceparent') ?? context;
    },
  };

  readonly metrics = {
    getMeter: () => ({
      createHistogram: (name: string) => ({ record: (value: number) => this.#keep(name, value) }),
      createCounter: (name: string) => ({ add: (value: number) => this.#keep(name, value) }),
    }),
  };

  span(name: string): RecordedSpan | undefined {
    return this.spans.find((each) => each.name === name);
  }

  sumOf(name: string): number {
    return (this.#values.get(name) ?? []).reduce((sum, value) => sum + value, 0);
  }

  countOf(name: string): number {
    return this.#values.get(name)?.length ?? 0;
  }

  #keep(name: string, value: number): void {
    this.#values.set(name, [...(this.#values.get(name) ?? []), value]);
  }
}
