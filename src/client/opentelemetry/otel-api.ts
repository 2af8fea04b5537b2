/**
 * What is used of `@opentelemetry/api`. The module itself is assignable to it, so this client needs
 * neither the package nor its types.
 */
export interface OtelApi {
  readonly trace: {
    getTracer(name: string, version?: string): OtelTracer;
    setSpan(context: never, span: never): unknown;
    getSpanContext(context: never): OtelSpanContext | undefined;
  };
  readonly context: {
    active(): unknown;
    with(context: never, call: () => unknown): unknown;
  };
  readonly propagation: {
    inject(context: never, carrier: unknown, setter?: never): void;
    extract(context: never, carrier: unknown, getter?: never): unknown;
  };
  readonly metrics: {
    getMeter(name: string, version?: string): OtelMeter;
  };
}

export type OtelAttributes = Record<string, string | number | boolean>;

/** Which trace a span belongs to. */
export interface OtelSpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

export interface OtelSpan {
  setAttributes(attributes: never): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  end(endTime?: number): void;
}

export interface OtelTracer {
  startSpan(name: string, options?: never, context?: never): OtelSpan;
}

export interface OtelMeter {
  createHistogram(name: string, options?: never): OtelHistogram;
  createCounter(name: string, options?: never): OtelCounter;
}

export interface OtelHistogram {
  record(value: number, attributes?: never): void;
}

export interface OtelCounter {
  add(value: number, attributes?: never): void;
}
