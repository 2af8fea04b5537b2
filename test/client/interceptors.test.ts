import { describe, expect, it } from 'vitest';
import { startBroker } from '#millrace/broker/start-broker';
import {
  Consumer,
  type InterceptedRecord,
  type KafkaError,
  Producer,
  type ProducerInterceptor,
  type RecordMetadata,
  text,
  topic,
} from '../../src/client/index.ts';
import { numbered, putRecords } from './consumer/records-in.ts';

const WORDS = topic('words', { key: text, value: text });
const AT = { topic: 'words', partition: 0 };

/** Writes down what it hears of. */
class Scribe implements ProducerInterceptor {
  readonly sent: InterceptedRecord[] = [];
  readonly told: [number, string | null][] = [];

  onSend(record: InterceptedRecord, name: string): InterceptedRecord {
    this.sent.push(record);
    return { ...record, headers: { ...(record.headers as object), seen: name } };
  }

  onAcknowledgement({ offset }: RecordMetadata, error: KafkaError | null): void {
    this.told.push([offset, error?.code ?? null]);
  }
}

describe('interceptors of a producer', () => {
  it('see and change each record, sent or enqueued, and hear of each once', async () => {
    await using broker = await startBroker();
    const { bootstrapServers } = broker;
    const scribe = new Scribe();
    await using producer = new Producer({ bootstrapServers, interceptors: [scribe] });
    const out = producer.to(WORDS);
    out.enqueue('a', 'first');
    await Promise.all([
      producer.send(WORDS, { value: 'second' }),
      producer.send(WORDS, { value: 'third', headers: { own: '1' } }),
    ]);
    out.enqueue('b', 'fourth');
    await producer.flush();
    expect(scribe.sent.map(({ value }) => value)).toEqual(['first', 'second', 'third', 'fourth']);
    expect(scribe.told).toEqual([0, 1, 2, 3].map((offset) => [offset, null]));
    await using consumer = new Consumer({ bootstrapServers, autoOffsetReset: 'earliest' });
    consumer.assign([AT]);
    for await (const { headers, offset } of consumer) {
      expect(headers.text('seen')).toBe('words');
      if (offset === 3) break;
    }
  });

  it('lose no record by a throw, which is told to onError', async () => {
    await using broker = await startBroker();
    const { bootstrapServers } = broker;
    const errors: string[] = [];
    const broken: ProducerInterceptor = {
      onSend: () => {
        throw new TypeError('on its way');
      },
      onAcknowledgement: () => {
        throw new TypeError('on arrival');
      },
    };
    const scribe = new Scribe();
    await using producer = new Producer({
      bootstrapServers,
      interceptors: [broken, scribe],
      onError: ({ message }) => errors.push(message),
    });
    expect(await producer.send(WORDS, { value: 'x' })).toMatchObject({ offset: 0 });
    expect(scribe.told).toEqual([[0, null]]);
    expect(errors).toEqual([
      "an interceptor's onSend: on its way",
      "an interceptor's onAcknowledgement: on arrival",
    ]);
  });

  it('hear of records that fail, before and after they are in a batch', async () => {
    await using broker = await startBroker({
      config: { 'auto.create.topics.enable': 'false', 'message.max.bytes': '2000' },
    });
    await broker.createTopic('words');
    const { bootstrapServers } = broker;
    const scribe = new Scribe();
    await using producer = new Producer({
      bootstrapServers,
      interceptors: [scribe],
      maxBlockMs: 300,
      batchSize: 5_000,
    });
    const nowhere = producer.send(topic('nowhere', { value: text }), { value: 'x' });
    await expect(nowhere).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' });
    const large = producer.send(WORDS, { value: 'x'.repeat(3_000) });
    await expect(large).rejects.toMatchObject({ code: 'MESSAGE_TOO_LARGE' });
    // A batch that is too large goes in parts; each record is told once.
    const some = ['a', 'b', 'c'].map((value) => {
      return producer.send(WORDS, { value: value.repeat(1_200) });
    });
    await Promise.all(some);
    expect(scribe.told.slice(0, 2)).toEqual([
      [-1, 'UNKNOWN_TOPIC_OR_PARTITION'],
      [-1, 'MESSAGE_TOO_LARGE'],
    ]);
    const rest = scribe.told.slice(2).sort(([one], [other]) => one - other);
    expect(rest).toEqual([0, 1, 2].map((offset) => [offset, null]));
  });
});

describe('interceptors of a consumer', () => {
  it('see each batch once and what is committed, and stop nothing by a throw', async () => {
    await using broker = await startBroker();
    const { bootstrapServers } = broker;
    await putRecords(bootstrapServers, AT, numbered(3));
    await putRecords(bootstrapServers, AT, numbered(2, 3));
    const seen: (string | null)[][] = [];
    const committed: number[] = [];
    const errors: string[] = [];
    await using consumer = new Consumer({
      bootstrapServers,
      groupId: 'g',
      topics: ['words'] as string[],
      autoOffsetReset: 'earliest',
      onError: ({ message }) => errors.push(message),
      interceptors: [
        {
          onConsume: (batch) => {
            seen.push(batch.texts());
            throw new RangeError('no');
          },
          onCommit: (offsets) => {
            committed.push(...offsets.map(({ offset }) => offset));
          },
        },
      ],
    });
    let count = 0;
    // The rest of a batch that a loop leaves comes again, and is not seen again.
    for (let loop = 0; loop < 5; loop++) {
      for await (const record of consumer) {
        count++;
        await consumer.commit(record);
        break;
      }
    }
    expect(count).toBe(5);
    expect(seen).toEqual([numbered(3), numbered(2, 3)]);
    expect(committed).toEqual([1, 2, 3, 4, 5]);
    expect(errors).toEqual(["an interceptor's onConsume: no", "an interceptor's onConsume: no"]);
  });
});
