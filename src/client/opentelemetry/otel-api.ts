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

/** What spans and measurements are told apart by. */
export type OtelAttributes = Record<string, string | number | boolean>;

/** Which trace a span belongs to. */
export interface OtelSpanContext {
  readonly traceId: string;
  readonly spanId: string;
  readonly traceFlags: number;
}

/** An operation with a beginning and an end. */
export interface OtelSpan {
  /** Adds to those that the span began with. */
  setAttributes(attributes: never): unknown;
  /** Code 2 says that the operation failed. */
  setStatus(status: { code: number; message?: string }): unknown;
  /** Called once; without a time the span ends now. */
  end(endTime?: number): void;
}

/** Makes spans. */
export interface OtelTracer {
  /** Begins a span below the one in the context. */
  startSpan(name: string, options?: never, context?: never): OtelSpan;
}

/** Makes instruments. */
export interface OtelMeter {
  /** Called once for each histogram, with its unit and description. */
  createHistogram(name: string, options?: never): OtelHistogram;
  /** Called once for each counter, with its unit and description. */
  createCounter(name: string, options?: never): OtelCounter;
}

/** A distribution of values. */
export interface OtelHistogram {
  /** Adds one value, in the unit of the histogram. */
  record(value: number, attributes?: never): void;
}

/** A sum that only grows. */
export interface OtelCounter {
  /** Adds to the sum. */
  add(value: number, attributes?: never): void;
}
