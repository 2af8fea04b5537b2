import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { runCli } from './run-cli.ts';

const MAIN = fileURLToPath(new URL('../../dist/bundle/cli/main.js', import.meta.url));

describe('millrace', () => {
  it('explains itself', async () => {
    const [help, command, group, version] = await Promise.all([
      runCli(['help']),
      runCli(['topics', 'create', '--help']),
      runCli(['help', 'groups']),
      runCli(['version']),
    ]);
    expect(help).toMatchObject({ code: 0, errors: '' });
    expect(help.out).toContain('topics create NAME…');
    expect(command.out).toContain('usage: millrace topics create NAME… [options]');
    expect(group.out).toContain('groups reset-offsets NAME');
    expect(version.out).toMatch(/^millrace \d+\.\d+\.\d+ \(node v\d+\..*\)\n$/);
  });

  it.each([
    [['topcs'], "no command 'topcs'; did you mean 'topics'?"],
    [['topics', 'list', '--outputt=json'], 'no option --outputt; did you mean --output?'],
    [['topics', 'list', '-o', 'jsn'], 'expected table or json; did you mean json?'],
    [['topics', 'create'], 'topics create: which topic?'],
    [['serve', '--overide', 'a=b'], 'serve: no option --overide; did you mean --override?'],
  ])('answers %j with one line and exit code 2', async (words, message) => {
    const outcome = await runCli(words);
    expect(outcome).toMatchObject({ code: 2, out: '' });
    expect(outcome.errors).toContain(message);
    expect(outcome.errors).toMatch(/^millrace: [^\n]+\n$/);
  });

  it('says in one line that no broker is there', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    server.close();
    await once(server, 'close');
    const outcome = await runCli(['topics', 'list'], { servers: `127.0.0.1:${port}` });
    expect(outcome).toEqual({
      code: 1,
      out: '',
      errors: `millrace: cannot reach the broker at 127.0.0.1:${port}: connection refused\n`,
    });
  });

  it('ends quietly when the reader of its output has gone', async () => {
    const child = spawn(process.execPath, [MAIN, 'help'], { stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout.destroy();
    let errors = '';
    child.stderr.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    const [code] = (await once(child, 'close')) as [number];
    expect([code, errors]).toEqual([0, '']);
  });
});
