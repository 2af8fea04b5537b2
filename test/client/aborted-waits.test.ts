import { getEventListeners } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { startBroker } from '#millrace/broker/start-broker';
import { Admin, Consumer, Producer, ShareConsumer, text, topic } from '../../src/client/index.ts';

const WORDS = topic('words', { value: text });
const AT = { topic: 'words', partition: 0 };

/** A port that takes connections and never answers. */
async function silentServers() {
  const server = createServer(() => undefined).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const bootstrapServers = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { bootstrapServers, [Symbol.dispose]: () => void server.close() };
}

/** Each call that waits for a broker. */
const WAITS: Readonly<Record<string, (servers: object, signal: AbortSignal) => Promise<unknown>>> =
  {
    'Producer.send': async (servers, signal) =>
      await new Producer(servers as never).send(WORDS, { value: 'x' }, { signal }),
    'Producer.flush': (servers, signal) => {
      const producer = new Producer({ ...servers, onError: () => undefined } as never);
      producer.send(WORDS, { value: 'x' });
      return producer.flush({ signal });
    },
    'TopicWriter.ready': (servers, signal) =>
      new Producer(servers as never).to(WORDS).ready({ signal }),
    'Producer.beginTransaction': (servers, signal) =>
      new Producer({ ...servers, transactionalId: 't' } as never).beginTransaction({ signal }),
    'Producer.clientInstanceId': (servers, signal) =>
      new Producer(servers as never).clientInstanceId({ signal }),
    'Consumer.committed': (servers, signal) =>
      new Consumer({ ...servers, groupId: 'g' } as never).committed([AT], { signal }),
    'Consumer.endOffsets': (servers, signal) =>
      new Consumer(servers as never).endOffsets([AT], { signal }),
    'Consumer.clientInstanceId': (servers, signal) =>
      new Consumer(servers as never).clientInstanceId({ signal }),
    'ShareConsumer.poll': (servers, signal) =>
      new ShareConsumer({ ...servers, groupId: 'g', topics: ['words'] } as never).poll({ signal }),
    'Admin.connect': (servers, signal) => new Admin(servers as never).connect({ signal }),
    'Admin.clientInstanceId': (servers, signal) =>
      new Admin(servers as never).clientInstanceId({ signal }),
    'topics.list of Admin': (servers, signal) =>
      new Admin(servers as never).topics.list({ signal }),
  };

describe('calls that wait', () => {
  it.each(Object.entries(WAITS))('end with their signal: %s', async (_name, wait) => {
    using servers = await silentServers();
    const { bootstrapServers } = servers;
    const ending = new AbortController();
    const reason = new Error('enough');
    setTimeout(() => ending.abort(reason), 20);
    await expect(wait({ bootstrapServers }, ending.signal)).rejects.toMatchObject({
      name: 'AbortError',
      code: 'ABORTED',
      cause: reason,
    });
    expect(getEventListeners(ending.signal, 'abort')).toEqual([]);
    await expect(wait({ bootstrapServers }, ending.signal)).rejects.toMatchObject({
      code: 'ABORTED',
    });
  });

  it('leave nothing at a signal that outlives them', async () => {
    await using broker = await startBroker();
    await broker.createTopic('words');
    const { bootstrapServers } = broker;
    const { signal } = new AbortController();
    await using producer = new Producer({ bootstrapServers, lingerMs: 1 });
    for (let round = 0; round < 3; round++) {
      // In the first round the topic is not known yet, so that all of them are held.
      const sent = Array.from({ length: 100 }, (_, i) =>
        producer.send(WORDS, { value: `${i}` }, { signal }),
      );
      // One for all that wait: Node warns of more than ten.
      await Promise.resolve();
      expect(getEventListeners(signal, 'abort').length).toBeLessThanOrEqual(1);
      await Promise.all(sent);
      expect(getEventListeners(signal, 'abort')).toEqual([]);
    }
    await producer.to(WORDS).ready({ signal });
    await producer.flush({ signal });
    await using consumer = new Consumer({ bootstrapServers, autoOffsetReset: 'earliest' });
    consumer.assign([AT]);
    let count = 0;
    for await (const _record of consumer.records({ signal })) if (++count === 300) break;
    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });
});
