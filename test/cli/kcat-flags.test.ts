import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

let broker: EmbeddedBroker;
let folder: string;

beforeAll(async () => {
  broker = await startBroker();
  folder = mkdtempSync(join(tmpdir(), 'millrace-kcat-flags-'));
});

afterAll(async () => {
  await broker.close();
  rmSync(folder, { recursive: true, force: true });
});

async function run(words: readonly string[], input: string | Uint8Array = ''): Promise<string> {
  const all = [words[0]!, '-b', broker.bootstrapServers, ...words.slice(1)];
  const { code, out, errors } = await runCli(all, { input });
  expect([code, errors]).toEqual([0, '']);
  return out;
}

async function newTopic(name: string, partitions = 1): Promise<void> {
  await broker.createTopic(name, { partitions });
}

describe('the flags of kcat', () => {
  it('sends keys, headers and nulls, and prints them by a format', async () => {
    await newTopic('parts');
    const words = ['produce', '-q', '-t', 'parts', '-p', '0', '-K', ':', '-Z', '-a', '1'];
    await run([...words, '-H', 'a=1', '-H', 'a=2'], 'k:v\n:w\nk:\nplain\n');
    const format = '%t|%p|%o|%k|%K|%s|%S|%h\\n';
    const out = await run(['consume', '-t', 'parts', '-o', 'beginning', '-e', '-Z', '-f', format]);
    expect(out).toBe(
      [
        'parts|0|0|k|1|v|1|a=1,a=2\n',
        'parts|0|1|NULL|-1|w|1|a=1,a=2\n',
        'parts|0|2|k|1|NULL|-1|a=1,a=2\n',
        'parts|0|3|NULL|-1|plain|5|a=1,a=2\n',
      ].join(''),
    );
  });

  it('splits and joins at any delimiter, and keeps each byte', async () => {
    await newTopic('split');
    const input = Buffer.from([0x00, 0xff, 0x0a, 0x1e, 0x0d, 0x1e, 0x31]);
    await run(['produce', '-q', '-t', 'split', '-D', '\\x1e', '-k', 'all'], input);
    const out = await run(['consume', '-q', '-t', 'split', '-o', '0', '-e', '-f', '%k=%R;']);
    expect(Buffer.from(out, 'latin1').length).toBe(3 * 'all=....;'.length);
    expect(out).toBe('all=\0\0\0\x03;all=\0\0\0\x01;all=\0\0\0\x01;');
    const lines = await run(['consume', '-t', 'split', '-o', '1', '-e', '-K', '<', '-D', '>\\n']);
    expect(lines).toBe('all<\r>\nall<1>\n');
  });

  it('begins at offsets, before the end, and at times, and stops at a count', async () => {
    await newTopic('places');
    await run(['produce', '-q', '-t', 'places'], 'a\nb\nc\nd\n');
    const read = (...words: string[]) => run(['consume', '-t', 'places', '-e', ...words]);
    expect(await read('-o', '1')).toBe('b\nc\nd\n');
    expect(await read('-o', '-2')).toBe('c\nd\n');
    expect(await read('-o', '-9')).toBe('a\nb\nc\nd\n');
    expect(await read('-o', 'end')).toBe('');
    expect(await read('-o', 's@0')).toBe('a\nb\nc\nd\n');
    expect(await read('-o', `s@${Date.now() + 60_000}`)).toBe('');
    expect(await read('-o', 'beginning', '-o', 'e@1')).toBe('');
    expect(await read('-o', 'beginning', '-c', '3')).toBe('a\nb\nc\n');
  });

  it('prints the envelope of kcat', async () => {
    await newTopic('envelope');
    await run(['produce', '-q', '-t', 'envelope', '-K', ':', '-H', 'h=x'], 'k:v\n');
    const line = JSON.parse(await run(['consume', '-t', 'envelope', '-o', '0', '-e', '-J']));
    const { ts, broker: leader, ...rest } = line as Record<string, unknown>;
    expect([typeof ts, typeof leader]).toEqual(['number', 'number']);
    expect(rest).toEqual({
      topic: 'envelope',
      partition: 0,
      offset: 0,
      tstype: 'create',
      headers: ['h', 'x'],
      key: 'k',
      payload: 'v',
    });
  });

  it('goes on in a group where it stopped', async () => {
    await newTopic('shared', 2);
    for (const partition of ['0', '1']) {
      await run(['produce', '-q', '-t', 'shared', '-p', partition], 'a\nb\nc\n');
    }
    const read = (...words: string[]) => {
      return run(['consume', '-G', 'workers', 'shared', '-o', 'beginning', ...words]);
    };
    const first = await read('-c', '2');
    const rest = await read('-e');
    const all = (first + rest).trimEnd().split('\n').sort();
    expect(all).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
    expect(await read('-e')).toBe('');
    await run(['produce', '-q', '-t', 'shared', '-p', '1'], 'late\n');
    const stored = ['consume', '-G', 'workers', '-p', '1', 'shared', '-o', 'stored', '-e'];
    expect(await run(stored)).toBe('late\n');
  });

  it('sends files whole, or line by line with -l', async () => {
    await newTopic('files');
    const [one, two] = [join(folder, 'one'), join(folder, 'two')];
    writeFileSync(one, 'a\nb\n');
    writeFileSync(two, 'c');
    await run(['produce', '-q', '-t', 'files', one, two]);
    expect(await run(['produce', '-q', '-T', '-t', 'files', '-l', one])).toBe('a\nb\n');
    const out = await run(['consume', '-t', 'files', '-o', '0', '-e', '-f', '<%s>']);
    expect(out).toBe('<a\nb\n><c><a><b>');
  });

  it('commits a transaction at the end of the input', async () => {
    await newTopic('atomic');
    await run(['produce', '-q', '-t', 'atomic', '-X', 'transactional.id=one'], 'a\nb\n');
    const read = ['consume', '-t', 'atomic', '-o', '0', '-e'];
    expect(await run([...read, '-X', 'isolation.level=read_committed'])).toBe('a\nb\n');
  });
});

describe('the flags of the console tools', () => {
  it('reads keys and headers of lines, and prints what is asked for', async () => {
    await newTopic('console');
    const reader = ['--property', 'parse.key=true', '--reader-property', 'parse.headers=true'];
    await run(['produce', '-q', '--topic', 'console', ...reader], 'h:1,i:2\tk\tv\n');
    const config = join(folder, 'client.properties');
    writeFileSync(config, 'client.id=tests\nkey.deserializer=StringDeserializer\n');
    const printer = ['print.key=true', 'print.headers=true', 'print.offset=true'];
    const properties = printer.flatMap((each) => ['--property', each]);
    const words = ['--from-beginning', '--max-messages', '1', '--command-config', config];
    const out = await run(['consume', '--topic', 'console', ...words, ...properties]);
    expect(out).toBe('Offset:0\th:1,i:2\tk\tv\n');
    const group = ['--group', 'console-group', '--from-beginning', '--max-messages', '1'];
    expect(await run(['consume', '--topic', 'console', ...group])).toBe('v\n');
  });

  it('says how a wrong command line is mended', async () => {
    const wrong = async (...words: string[]) => {
      const { code, errors } = await runCli(words, { servers: broker.bootstrapServers });
      expect(code).toBe(2);
      return errors;
    };
    expect(await wrong('consume', 'x', '-f', '%x')).toContain("there is no '%x'");
    expect(await wrong('consume', 'x', '-o', 'stored')).toContain('name one with -G');
    expect(await wrong('consume', 'x', '--property', 'print.kay=true')).toContain('print.key');
    expect(await wrong('produce', 'x', '-X', 'linger.sm=1')).toContain("did you mean 'lingerMs'");
    expect(await wrong('produce', 'x', '-X', 'linger.ms=soon')).toContain('a whole number');
    expect(await wrong('produce', 'x', '-a', '2')).toContain('expected 0, 1 or all');
  });
});
