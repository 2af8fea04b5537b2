/** A record traced by OpenTelemetry's own SDK: one trace from `send` to `process`. */
import assert from 'node:assert/strict';
import * as api from '@opentelemetry/api';
import {
  AggregationTemporality,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-node';
import { startBroker } from 'millrace';
import { Consumer, Producer, text, topic } from 'millrace/client';
import { instrument } from 'millrace/opentelemetry';

const spans = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
provider.register();
const exporter = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
const reader = new PeriodicExportingMetricReader({ exporter, exportIntervalMillis: 60_000 });
const meters = new MeterProvider({ readers: [reader] });
api.metrics.setGlobalMeterProvider(meters);
const instrumentation = instrument({ api });

const words = topic('words', { key: text, value: text });
const broker = await startBroker();
await broker.createTopic('words');
const { bootstrapServers } = broker;
const producer = new Producer({ bootstrapServers, 'linger.ms': 0 });
await producer.send(words, { key: 'k', value: 'v' });
await producer.close();
const consumer = new Consumer({
  bootstrapServers,
  groupId: 'readers',
  topics: [words],
  autoOffsetReset: 'earliest',
});
const ended = new AbortController();
let active = null;
const eachRecord = () => {
  active = api.trace.getActiveSpan()?.spanContext();
  ended.abort();
};
await consumer.run({ eachRecord, signal: ended.signal });
await consumer.close();
await broker.close();
await reader.forceFlush();
instrumentation.disable();

const byName = new Map(spans.getFinishedSpans().map((span) => [span.name, span]));
const sent = byName.get('send words');
const handled = byName.get('process words');
assert.equal(sent.kind, api.SpanKind.PRODUCER);
assert.equal(handled.kind, api.SpanKind.CONSUMER);
assert.equal(handled.spanContext().traceId, sent.spanContext().traceId);
assert.equal(handled.parentSpanContext.spanId, sent.spanContext().spanId);
assert.equal(active.spanId, handled.spanContext().spanId);
assert.equal(byName.get('poll words').links[0].context.spanId, sent.spanContext().spanId);
assert.ok(byName.has('commit words'));
assert.equal(sent.attributes['messaging.system.name'], 'kafka');
assert.equal(sent.attributes['kafka.offset'], 0);
const measured = exporter
  .getMetrics()
  .flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) => metrics.map(({ descriptor }) => descriptor.name)),
  );
for (const name of ['client.operation.duration', 'process.duration', 'client.sent.messages']) {
  assert.ok(measured.includes(`messaging.${name}`), name);
}
await meters.shutdown();
await provider.shutdown();
process.stdout.write('traced\n');
