import { afterEach, describe, expect, it } from 'vitest';
import { startBroker } from '#millrace/broker/start-broker';
import { Consumer, Producer, text, topic } from '../../../src/client/index.ts';
import { type Instrumentation, instrument } from '../../../src/client/opentelemetry/index.ts';
import { RecordingOtel } from './recording-otel.ts';

const words = topic('words', { key: text, value: text });
let instrumentation: Instrumentation | null = null;

afterEach(() => {
  instrumentation?.disable();
  instrumentation = null;
});

describe('instrument', () => {
  it('makes one trace of a record from send to process, through its headers', async () => {
    const otel = new RecordingOtel();
    instrumentation = instrument({ api: otel, withOldNames: true });
    await using broker = await startBroker();
    await broker.createTopic('words');
    const { bootstrapServers } = broker;
    await using producer = new Producer({ bootstrapServers, clientId: 'p', 'linger.ms': 0 });
    await producer.send(words, { key: 'k', value: 'v' });
    const ended = new AbortController();
    const options = { bootstrapServers, groupId: 'g', topics: [words] };
    await using consumer = new Consumer({ ...options, autoOffsetReset: 'earliest' });
    let during: unknown;
    const eachRecord = () => {
      during = otel.context.active();
      ended.abort();
    };
    await consumer.run({ eachRecord, signal: ended.signal });
    const [send, poll, process, commit] = ['send', 'poll', 'process', 'commit'].map((name) => {
      return otel.span(`${name} words`);
    });
    expect(send).toMatchObject({ kind: 3, hasEnded: true, parent: null });
    expect(send!.attributes).toMatchObject({
      'messaging.system.name': 'kafka',
      'messaging.system': 'kafka',
      'messaging.operation.type': 'send',
      'messaging.destination.name': 'words',
      'messaging.destination.partition.id': '0',
      'messaging.client.id': 'p',
      'kafka.message.key': 'k',
      'kafka.offset': 0,
      'messaging.kafka.offset': 0,
    });
    expect(process).toMatchObject({ kind: 4, hasEnded: true, parent: send!.id });
    expect(process!.attributes).toMatchObject({ 'messaging.consumer.group.name': 'g' });
    expect(during).toBe(process!.id);
    expect(poll!.links).toEqual([send!.id]);
    expect(poll!.attributes).toMatchObject({ 'messaging.batch.message_count': 1 });
    expect(commit!.attributes).toMatchObject({ 'messaging.operation.type': 'settle' });
    expect(otel.sumOf('messaging.client.sent.messages')).toBe(1);
    expect(otel.sumOf('messaging.client.consumed.messages')).toBe(1);
    expect(otel.countOf('messaging.process.duration')).toBe(1);
  });

  it('tells of failures by Kafka’s name, and of handlers in loops', async () => {
    const otel = new RecordingOtel();
    instrumentation = instrument({ api: otel });
    await using broker = await startBroker();
    await broker.createTopic('words', { config: { 'max.message.bytes': '200' } });
    const { bootstrapServers } = broker;
    await using producer = new Producer({ bootstrapServers, 'linger.ms': 0 });
    const large = producer.send(words, { value: 'x'.repeat(1_000) });
    await expect(large).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    expect(otel.span('send words')).toMatchObject({
      hasFailed: true,
      attributes: { 'error.type': 'MESSAGE_TOO_LARGE' },
    });
    await producer.send(words, { value: 'small' });
    await using consumer = new Consumer({ bootstrapServers, autoOffsetReset: 'earliest' });
    consumer.assign([{ topic: 'words', partition: 0 }]);
    for await (const record of consumer) {
      const fails = instrumentation.process(record, () => Promise.reject(new TypeError('no')));
      await expect(fails).rejects.toThrow('no');
      break;
    }
    expect(otel.span('process words')).toMatchObject({
      hasFailed: true,
      attributes: { 'error.type': 'TypeError' },
    });
  });
});
