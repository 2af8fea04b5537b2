import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type EmbeddedBroker, startBroker } from '#millrace/broker/start-broker';
import { Consumer, partitionOfKey, text, topic } from '#millrace/client/index';
import { CuttingProxy } from '../../websocket/cutting-proxy.ts';
import { ProgramPage } from './program-page.ts';

const CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];
const LARGE = 300;

const CONFIG = {
  'millrace.http.listener': '127.0.0.1:0',
  // The page is served from elsewhere.
  'millrace.websocket.allowed.origins': '*',
  'group.initial.rebalance.delay.ms': 0,
};

function gatewayOf(broker: EmbeddedBroker): string {
  return `${broker.httpUrl.replace('http', 'ws')}/ws`;
}

/** What a topic holds for readers of committed records, as Node reads it. */
async function recordsIn(broker: EmbeddedBroker, name: string, count: number) {
  const words = topic(name, { key: text, value: text });
  const { bootstrapServers } = broker;
  const consumer = new Consumer({ bootstrapServers, isolationLevel: 'read_committed' });
  consumer.assign([{ topic: words.name, partition: 0 }]);
  consumer.seek({ topic: words.name, partition: 0 }, 0);
  const found = [];
  const signal = AbortSignal.timeout(20_000);
  for await (const { offset, keyBytes, valueBytes, headers } of consumer.records({ signal })) {
    const [key, value] = [keyBytes, valueBytes].map((each) => Buffer.from(each!).toString());
    found.push({ offset, key, value, headers: [...headers] });
    if (found.length === count) break;
  }
  await consumer.close();
  return found;
}

/** Numbers from 0 to below `count`. */
function numbers(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i);
}

describe.skipIf(!ProgramPage.isPossible)('the client in Chromium, where there is one', () => {
  let page: ProgramPage;
  let broker: EmbeddedBroker;
  let bootstrapServers: string;

  beforeAll(async () => {
    [page, broker] = await Promise.all([ProgramPage.start(), startBroker({ config: CONFIG })]);
    bootstrapServers = gatewayOf(broker);
  });

  afterAll(async () => {
    await page?.close();
    await broker?.close();
  });

  const load = () => page.load();
  const run: ProgramPage['run'] = (...all) => page.run(...all);

  it.each(CODECS)('sends keys and headers packed by %s, which Node reads', async (codec) => {
    const name = `packed-${codec}`;
    const given = { bootstrapServers, name, count: LARGE, compressionType: codec };
    expect(await run('produce', given)).toEqual(numbers(LARGE));
    const records = await recordsIn(broker, name, LARGE);
    for (const [i, { offset, key, value, headers }] of records.entries()) {
      expect([offset, key]).toEqual([i, `key ${i}`]);
      expect(value).toBe(`${'text with ümlauts and 😀 '.repeat(1 + (i % 90))}${i}`);
      const [first, second, third] = headers;
      expect([first![0], Buffer.from(first![1]!).toString()]).toEqual(['number', `${i}`]);
      expect([second![0], ...second![1]!]).toEqual(['number', i & 255, 0]);
      expect(third).toEqual(['none', null]);
    }
  });

  it.each(CODECS)('reads in a group what is packed by %s', async (codec) => {
    const given = { bootstrapServers, name: `packed-${codec}`, groupId: codec, count: LARGE };
    expect(await run('consume', given)).toEqual(numbers(LARGE));
  });

  it.each(['classic', 'consumer'])('goes on after a reload, protocol %s', async (groupProtocol) => {
    const name = `resumed-${groupProtocol}`;
    const groupId = name;
    await run('produce', { bootstrapServers, name, count: 100 });
    const given = { bootstrapServers, name, groupId, groupProtocol };
    expect(await run('consume', { ...given, count: 30 })).toEqual(numbers(30));
    await load();
    const next = await run('consume', { ...given, count: 30 });
    expect(next).toEqual(numbers(60).slice(30));
  });

  it('goes on where the page vanished without a word, once its session is over', async () => {
    const name = 'vanished';
    await run('produce', { bootstrapServers, name, count: 20 });
    const given = { bootstrapServers, name, groupId: name, sessionTimeoutMs: 6000 };
    const options = { ...given, heartbeatIntervalMs: 1000, groupProtocol: 'classic', count: 10 };
    expect(await run('consume', { ...options, vanishes: true })).toEqual(numbers(10));
    await load();
    expect(await run('consume', options)).toEqual(numbers(20).slice(10));
  });

  it('runs transactions', async () => {
    expect(await run('transact', { bootstrapServers, name: 'transacted' })).toBe(true);
    const records = await recordsIn(broker, 'transacted', 2);
    expect(records.map(({ value }) => value)).toEqual(['kept', 'kept too']);
  });

  it('administers', async () => {
    expect(await run('administer', { bootstrapServers, name: 'administered' })).toEqual({
      refused: 'INVALID_TOPIC_EXCEPTION',
      partitions: 3,
      partitionOfKey: partitionOfKey(Buffer.from('key'), 50),
    });
  });

  it('loses and doubles nothing where connections are cut again and again', async () => {
    const proxy = await CuttingProxy.start(Number(new URL(broker.httpUrl).port), () => 9_000);
    try {
      const given = { bootstrapServers: proxy.url, name: 'cut' };
      const produced = run('produceOn', given);
      while (proxy.connectionCount < 10) await new Promise((resolve) => setTimeout(resolve, 50));
      proxy.isGentle = true;
      await run('stop', {});
      const count = await produced;
      const values = (await recordsIn(broker, 'cut', count)).map(({ value }) => value);
      expect(values).toEqual(numbers(count).map((i) => `value ${i}`));
    } finally {
      proxy.close();
    }
  });

  it('does all of it in a web worker too', async () => {
    const name = 'in-worker';
    const given = { bootstrapServers, name, count: LARGE, compressionType: 'zstd' };
    expect(await run('produce', given, 'runInWorker')).toEqual(numbers(LARGE));
    const read = { bootstrapServers, name, groupId: name, count: LARGE };
    expect(await run('consume', read, 'runInWorker')).toEqual(numbers(LARGE));
  });

  it('runs the recipe', async () => {
    expect(await run('recipe', { bootstrapServers })).toEqual(['hello from a browser']);
  });

  it('says what is wrong with servers that it cannot reach', async () => {
    expect(await run('fail', { bootstrapServers: '127.0.0.1:9092' }).catch(String)).toContain(
      'a browser reaches brokers by bootstrapServers with ws:// or wss://',
    );
    expect(await run('fail', { bootstrapServers: 'ws://127.0.0.1:1/ws' })).toBe(
      'NETWORK_EXCEPTION',
    );
  });

  it('throws nothing that nobody catches', () => {
    // A socket that is cut, and a record whose transaction was given up, are told of.
    const told = /WebSocket connection to|TRANSACTION_ABORTABLE/;
    expect(page.complaints.filter((each) => !told.test(each))).toEqual([]);
  });
});
