import { spawn, spawnSync } from 'node:child_process';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

const IS_HERE = spawnSync('kcat', ['-V']).status === 0;
/** Each byte of what matters in a record. */
const ALL_PARTS = '%p|%o|%K|%k|%S|%s|%h\\n';
/** With a null value, which prints as nothing in kcat and as `null` in Kafka's console consumer. */
const TEXT = 'k1:v1\n:v2\nk3:\nplain\nä:ö\nk1:v1:v2\n';
/** The command line prints as the console consumer does where no flag is of kcat alone. */
const WITHOUT_NULL = TEXT.replace('k3:\n', 'k3:v3\n');
const OF_KCAT = ['-K', '-Z', '-J', ALL_PARTS];

let broker: EmbeddedBroker;

beforeAll(async () => {
  broker = await startBroker();
});

afterAll(() => broker.close());

async function kcat(words: readonly string[], input: string | Buffer = ''): Promise<string> {
  const all = [...words, '-b', broker.bootstrapServers];
  const child = spawn('kcat', all, { stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.end(input);
  const chunks: Buffer[] = [];
  for await (const chunk of child.stdout) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('latin1');
}

async function millrace(words: readonly string[], input: string | Buffer = ''): Promise<string> {
  const all = [words[0]!, '-b', broker.bootstrapServers, ...words.slice(1)];
  const { code, out, errors } = await runCli(all, { input });
  expect([code, errors]).toEqual([0, '']);
  return Buffer.from(out).toString('latin1');
}

describe('the same flags give the same bytes as kcat', () => {
  beforeEach((context) => {
    context.skip(!IS_HERE, 'kcat is not installed');
  });

  it.each([
    ['of values', []],
    ['of keys and values', ['-K', '=']],
    ['with nulls', ['-Z', '-K', '=']],
    ['with delimiters', ['-D', '\\x1e', '-K', '\\t']],
    ['of all parts', ['-f', ALL_PARTS]],
    ['of all parts with nulls', ['-Z', '-f', ALL_PARTS]],
    ['with topics, times and sizes in binary', ['-f', '%t %T %R%s%%\\n']],
    ['as envelopes', ['-J']],
    ['from an offset', ['-o', '2']],
    ['of the last', ['-o', '-2']],
    ['of a count', ['-c', '3', '-f', '%o,']],
    ['of times', ['-o', 's@1']],
  ])('in what is read: %s', async (name, flags) => {
    const topic = `read-${name.replaceAll(/\W/g, '-')}`;
    await broker.createTopic(topic);
    const input = flags.some((flag) => OF_KCAT.includes(flag)) ? TEXT : WITHOUT_NULL;
    await kcat(['-P', '-t', topic, '-p', '0', '-Z', '-K', ':', '-H', 'a=1', '-H', 'b='], input);
    const from = flags.includes('-o') ? [] : ['-o', 'beginning'];
    const all = ['-t', topic, '-p', '0', '-e', '-q', ...from, ...flags];
    const expected = await kcat(['-C', ...all]);
    expect(expected.length).toBeGreaterThan(0);
    expect(await millrace(['consume', ...all])).toBe(expected);
  });

  it.each([
    ['lines', [], TEXT],
    ['keys', ['-K', ':'], TEXT],
    ['nulls', ['-K', ':', '-Z'], TEXT],
    ['a key for all', ['-k', 'all'], TEXT],
    ['headers', ['-H', 'a=1', '-H', 'a=2', '-H', 'b='], TEXT],
    ['other delimiters', ['-D', ';', '-K', '\\t'], 'a\tb;c;\td;'],
    ['no last delimiter', ['-D', ';'], 'a;b'],
    ['a count', ['-c', '2'], TEXT],
    ['headers without a value', ['-H', 'a', '-H', 'b=', '-H', 'a=x=y'], TEXT],
    ['empty lines', ['-K', ':'], '\n\na:1\n\n:\n\r\n:2\r\n\n'],
    ['empty lines and nulls', ['-K', ':', '-Z'], '\n\n:\n\nx\n'],
    ['empty pieces', ['-D', '||'], '||a||||b||'],
    ['a codec and acks', ['-z', 'lz4', '-X', 'acks=1'], TEXT.repeat(200)],
    ['a key for those without one', ['-k', 'all', '-K', ':', '-Z'], TEXT],
  ])('in what is sent: %s', async (name, flags, input) => {
    const topic = `sent-${name.replaceAll(/\W/g, '-')}`;
    const [theirs, ours] = [`${topic}-kcat`, `${topic}-millrace`];
    for (const each of [theirs, ours]) await broker.createTopic(each);
    await kcat(['-P', '-t', theirs, '-p', '0', ...flags], input);
    await millrace(['produce', '-q', '-t', ours, '-p', '0', ...flags], input);
    const read = (each: string) =>
      kcat(['-C', '-t', each, '-p', '0', '-o', 'beginning', '-e', '-q', '-Z', '-f', ALL_PARTS]);
    expect(await read(ours)).toBe(await read(theirs));
  });
});
