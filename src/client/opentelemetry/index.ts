/** Spans and metrics of the client: `import { instrument } from 'millrace/opentelemetry'`. */

export type { ReceivedRecord } from '../diagnostics/client-channels.ts';
export {
  type Instrumentation,
  type InstrumentOptions,
  instrument,
} from './instrument.ts';
export type {
  OtelApi,
  OtelAttributes,
  OtelCounter,
  OtelHistogram,
  OtelMeter,
  OtelSpan,
  OtelSpanContext,
  OtelTracer,
} from './otel-api.ts';
