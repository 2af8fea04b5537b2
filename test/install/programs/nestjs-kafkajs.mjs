/**
 * NestJS's Kafka transport, unchanged, on `kafkajs` as an alias of millrace-kafkajs: a question and
 * its answer between ClientKafka and ServerKafka, with OpenTelemetry's own instrumentation of KafkaJS
 * around it.
 */
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { startBroker } from 'millrace';

const require = createRequire(import.meta.url);
require('reflect-metadata');
const { KafkaJsInstrumentation } = require('@opentelemetry/instrumentation-kafkajs');
const {
  InMemorySpanExporter,
  NodeTracerProvider,
  SimpleSpanProcessor,
} = require('@opentelemetry/sdk-trace-node');

// It patches the module as it is loaded, so it comes first.
const spans = new InMemorySpanExporter();
const provider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
provider.register();
const instrumentation = new KafkaJsInstrumentation();
instrumentation.setTracerProvider(provider);
instrumentation.enable();

const { ClientKafka, ServerKafka } = require('@nestjs/microservices');
const { firstValueFrom } = require('rxjs');
assert.equal(require('kafkajs/package.json').name, 'millrace-kafkajs');

const broker = await startBroker();
const options = {
  client: { clientId: 'app', brokers: [broker.bootstrapServers], logLevel: 1 },
  consumer: { groupId: 'app', maxWaitTimeInMs: 100 },
  subscribe: { fromBeginning: true },
};
const server = new ServerKafka(options);
const events = [];
server.addHandler('sums', async ({ a, b }) => a + b, false);
server.addHandler('news', async (event) => events.push(event), true);
await new Promise((resolve, reject) => {
  server.listen((error) => (error === undefined ? resolve() : reject(error)));
});
const client = new ClientKafka({ ...options, consumer: { ...options.consumer } });
client.subscribeToResponseOf('sums');
await client.connect();
assert.equal(String(await firstValueFrom(client.send('sums', { a: 1, b: 2 }))), '3');
await firstValueFrom(client.emit('news', { title: 'it works' }));
const endMs = Date.now() + 10_000;
while (events.length === 0 && Date.now() < endMs) await new Promise((done) => setTimeout(done, 20));
assert.deepEqual(events, [{ title: 'it works' }]);
await client.close();
await server.close();
await broker.close();

const finished = spans.getFinishedSpans();
const sent = finished.find(({ name, kind }) => /sums$/.test(name) && kind === 3);
assert.ok(sent, `a span of the question among ${finished.map(({ name }) => name)}`);
const { traceId } = sent.spanContext();
const handled = finished.filter(
  (each) => each.kind === 4 && each.spanContext().traceId === traceId,
);
assert.ok(handled.length > 0, 'the handler is in the trace of the question');
console.log('round trip done');
