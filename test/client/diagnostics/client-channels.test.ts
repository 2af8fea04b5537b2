import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, describe, expect, it } from 'vitest';
import { startBroker } from '#millrace/broker/start-broker';
import { Consumer, Producer, text, topic } from '../../../src/client/index.ts';

const words = topic('words', { key: text, value: text });
const ending: (() => void)[] = [];

/** What comes on a channel, as long as the test lasts. */
function listen(name: string): unknown[] {
  const messages: unknown[] = [];
  const onMessage = (message: unknown) => messages.push(message);
  subscribe(name, onMessage);
  ending.push(() => unsubscribe(name, onMessage));
  return messages;
}

afterEach(() => {
  for (const end of ending.splice(0)) end();
});

describe('the channels of a producer', () => {
  it('tell of records with their outcome, of batches, connections and requests', async () => {
    const [sends, sents, batches] = ['send', 'sent', 'batch'].map((name) => {
      return listen(`millrace:producer:${name}`);
    });
    const connections = listen('millrace:client:connection');
    const requests = listen('millrace:client:request');
    await using broker = await startBroker();
    await broker.createTopic('words');
    const { bootstrapServers } = broker;
    const producer = new Producer({ bootstrapServers, clientId: 'me', 'linger.ms': 0 });
    await producer.send(words, { key: 'k', value: 'v', headers: { a: 'b' } });
    await producer.close();
    const send = { clientId: 'me', topic: 'words', key: 'k', value: 'v', headers: [['a', 'b']] };
    expect(sends).toEqual([send]);
    expect(sents).toEqual([{ message: send, partition: 0, offset: 0, error: null }]);
    const batch = { topic: 'words', partition: 0, baseOffset: 0, records: 1, attempts: 1 };
    expect(batches).toMatchObject([{ clientId: 'me', ...batch, error: null }]);
    expect(connections).toContainEqual(expect.objectContaining({ state: 'open', clientId: 'me' }));
    expect(connections).toContainEqual(expect.objectContaining({ state: 'closed' }));
    expect(requests).toContainEqual(expect.objectContaining({ api: 'Produce', error: null }));
  });

  it('send what a subscriber adds to the headers', async () => {
    const name = 'millrace:producer:send';
    const add = (message: unknown) => {
      (message as { headers: [string, string][] }).headers.push(['traceparent', '00-1']);
    };
    subscribe(name, add);
    ending.push(() => unsubscribe(name, add));
    await using broker = await startBroker();
    await broker.createTopic('words');
    const { bootstrapServers } = broker;
    await using producer = new Producer({ bootstrapServers, 'linger.ms': 0 });
    await producer.send(words, { value: 'v' });
    await using consumer = new Consumer({ bootstrapServers, autoOffsetReset: 'earliest' });
    consumer.assign([{ topic: 'words', partition: 0 }]);
    for await (const record of consumer) {
      expect(record.headers.text('traceparent')).toBe('00-1');
      break;
    }
  });

  it('tell of a failure, which still goes to onError where nobody awaits it', async () => {
    const sents = listen('millrace:producer:sent');
    const batches = listen('millrace:producer:batch');
    const errors: string[] = [];
    await using broker = await startBroker();
    await broker.createTopic('words', { config: { 'max.message.bytes': '200' } });
    await using producer = new Producer({
      bootstrapServers: broker.bootstrapServers,
      'linger.ms': 0,
      onError: ({ code }) => errors.push(code),
    });
    producer.send(words, { value: 'x'.repeat(1_000) });
    await producer.flush();
    await new Promise((resolve) => setImmediate(resolve));
    expect(errors).toEqual(['MESSAGE_TOO_LARGE']);
    const error = { code: 'MESSAGE_TOO_LARGE' };
    expect(sents).toMatchObject([{ partition: -1, offset: -1, error }]);
    expect(batches).toMatchObject([{ records: 1, baseOffset: -1, error }]);
  });
});

describe('the channels of a consumer', () => {
  it('tell of fetches, polls, handled records, commits and rebalances', async () => {
    const [fetches, polls, commits, rebalances] = ['fetch', 'poll', 'commit', 'rebalance'].map(
      (name) => listen(`millrace:consumer:${name}`),
    );
    const handled: string[] = [];
    const name = 'millrace:consumer:process';
    const around = (message: unknown) => {
      const each = message as { handle: () => unknown };
      const { handle } = each;
      each.handle = async () => {
        handled.push('before');
        await handle();
        handled.push('after');
      };
    };
    subscribe(name, around);
    ending.push(() => unsubscribe(name, around));
    await using broker = await startBroker();
    await broker.createTopic('words');
    const { bootstrapServers } = broker;
    await using producer = new Producer({ bootstrapServers, 'linger.ms': 0 });
    await producer.send(words, { value: 'v' });
    const ended = new AbortController();
    await using consumer = new Consumer({
      bootstrapServers,
      groupId: 'readers',
      topics: [words],
      autoOffsetReset: 'earliest',
    });
    const eachRecord = async () => {
      handled.push('handler');
      ended.abort();
    };
    await consumer.run({ eachRecord, signal: ended.signal });
    expect(handled).toEqual(['before', 'handler', 'after']);
    expect(fetches).toContainEqual(expect.objectContaining({ partitions: 1 }));
    expect(polls).toMatchObject([{ groupId: 'readers', topic: 'words', partition: 0 }]);
    expect((polls![0] as { batch: { length: number } }).batch).toHaveLength(1);
    const offsets = [{ topic: 'words', partition: 0, offset: 1 }];
    expect(commits).toMatchObject([{ groupId: 'readers', offsets, error: null }]);
    const partitions = [{ topic: 'words', partition: 0 }];
    expect(rebalances).toMatchObject([{ groupId: 'readers', change: 'assigned', partitions }]);
  });
});
