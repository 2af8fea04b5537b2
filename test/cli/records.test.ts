import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

let broker: EmbeddedBroker;

beforeAll(async () => {
  broker = await startBroker();
});

afterAll(() => broker.close());

function produce(words: readonly string[], input: string | Uint8Array) {
  return runCli(['produce', ...words], { servers: broker.bootstrapServers, input });
}

async function consume(...words: string[]): Promise<string[]> {
  const servers = broker.bootstrapServers;
  const { code, out, errors } = await runCli(['consume', ...words, '--until-end'], { servers });
  expect([code, errors]).toEqual([0, '']);
  return out === '' ? [] : out.trimEnd().split('\n');
}

describe('millrace produce and consume', () => {
  it('brings lines back as they were', async () => {
    await broker.createTopic('lines', { partitions: 1 });
    const sent = await produce(['lines'], 'one\ntwo\n\nfour');
    expect(sent).toEqual({ code: 0, out: '', errors: '4 records sent to lines\n' });
    expect(await consume('lines', '--from', 'earliest')).toEqual(['one', 'two', '', 'four']);
    expect(await consume('lines', '--from', '2')).toEqual(['', 'four']);
    expect(await consume('lines')).toEqual([]);
  });

  it.each(['gzip', 'zstd'])('sends keys, values and headers in %s', async (codec) => {
    const topic = `codec-${codec}`;
    await broker.createTopic(topic, { partitions: 3 });
    const lines = Array.from({ length: 50 }, (_, i) => `key ${i}=value ${i}`);
    const words = [topic, '--key-separator', '=', '--compression', codec, '--header', 'from=here'];
    await produce(words, lines.join('\n'));
    const back = await consume(topic, '--from', 'earliest', '--key-separator', '=');
    expect(back.sort()).toEqual([...lines].sort());
    const [first] = await consume(topic, '--from', 'earliest', '--max-messages', '1', '-f', 'json');
    expect(JSON.parse(first!)).toMatchObject({
      topic,
      offset: 0,
      headers: [{ key: 'from', value: 'here' }],
    });
  });

  it('sends the same key to the same partition, and to another one when told to', async () => {
    await broker.createTopic('keyed', { partitions: 4 });
    await produce(['keyed', '--key-separator', ':'], 'k:1\nk:2\n');
    await produce(['keyed', '--key-separator', ':'], 'k:3\n');
    const lines = await consume('keyed', '--from', 'earliest', '-f', 'json');
    const records = lines.map((line) => JSON.parse(line) as { partition: number; offset: number });
    expect(records.map(({ offset }) => offset)).toEqual([0, 1, 2]);
    expect(new Set(records.map(({ partition }) => partition)).size).toBe(1);
    await produce(['keyed', '--partition', '3'], 'x\n');
    const there = await consume('keyed', '--from', 'earliest', '--partition', '3');
    expect(there.at(-1)).toBe('x');
  });

  it('keeps bytes that are no text', async () => {
    await broker.createTopic('bytes', { partitions: 1 });
    await produce(['bytes'], Buffer.of(0xff, 0xfe, 0x0a));
    const [line] = await consume('bytes', '--from', 'earliest', '-f', 'json');
    expect(JSON.parse(line!)).toMatchObject({ key: null, value: { base64: '//4=' } });
  });

  it('says what is wrong', async () => {
    const missing = await produce(['nowhere'], 'x\n');
    expect(missing).toMatchObject({ code: 1, out: '' });
    expect(missing.errors).toContain('topic nowhere: there is no such topic');
    await broker.createTopic('strict', { partitions: 1 });
    const unkeyed = await produce(['strict', '--key-separator', ':'], 'a:1\nb\n');
    expect(unkeyed.errors).toBe("millrace: line 2 has no ':' between key and value\n");
    const servers = broker.bootstrapServers;
    const beyond = await runCli(['consume', 'strict', '--from', '7'], { servers });
    expect(beyond.code).toBe(1);
    expect(beyond.errors).toContain('partition strict-0, offset 7');
    expect((await runCli(['consume', 'strict', '--partition', '5'], { servers })).errors).toBe(
      'millrace: topic strict has 1 partitions, there is no 5\n',
    );
  });
});
