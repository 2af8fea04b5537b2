import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type EmbeddedBroker, startBroker } from 'millrace';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type CliOutcome, runCli } from '../run-cli.ts';

let broker: EmbeddedBroker;
let directory: string;
let passwordFile: string;

beforeAll(async () => {
  broker = await startBroker({
    config: {
      listeners: 'OPEN://127.0.0.1:0,GUARDED://127.0.0.1:0',
      'listener.security.protocol.map': 'OPEN:PLAINTEXT,GUARDED:SASL_PLAINTEXT',
      'sasl.enabled.mechanisms': 'SCRAM-SHA-512',
    },
  });
  directory = await mkdtemp(join(tmpdir(), 'millrace-users-'));
  passwordFile = join(directory, 'password');
  await writeFile(passwordFile, 'correct horse\n');
});

afterAll(async () => {
  await broker.close();
  await rm(directory, { recursive: true });
});

function cli(...words: string[]): Promise<CliOutcome> {
  return runCli(words, { servers: broker.bootstrapServers });
}

describe('millrace users', () => {
  it('adds, lists and deletes users', async () => {
    const words = ['users', 'add', 'carol', '--password-file', passwordFile];
    const added = await cli(...words, '--iterations', '5000');
    expect(added).toEqual({ code: 0, out: 'SCRAM-SHA-512 password set: carol\n', errors: '' });
    await cli(...words, '--mechanism', 'scram-sha-256');
    const listed = await cli('users', 'list', '-o', 'json');
    expect(JSON.parse(listed.out)).toEqual([
      { user: 'carol', mechanism: 'SCRAM-SHA-256', iterations: 4096 },
      { user: 'carol', mechanism: 'SCRAM-SHA-512', iterations: 5000 },
    ]);
    const deleted = await cli('users', 'delete', 'carol');
    expect(deleted).toEqual({ code: 0, out: 'deleted carol\n', errors: '' });
    expect((await cli('users', 'list')).out).toBe('USER  MECHANISM  ITERATIONS\n');
  });

  it('says what is wrong', async () => {
    const few = ['users', 'add', 'dave', '--password-file', passwordFile, '--iterations', '7'];
    expect((await cli(...few)).errors).toContain('Too few iterations');
    expect((await cli('users', 'delete', 'nobody')).errors).toContain('does not exist');
    const wrong = await cli('users', 'add', 'dave', '--mechanism', 'PLAIN');
    expect(wrong).toMatchObject({ code: 2, errors: expect.stringContaining('--mechanism') });
    const missing = await cli('users', 'add', 'dave', '--password-file', `${passwordFile}-not`);
    expect(missing).toMatchObject({ code: 2, errors: expect.stringContaining('no such file') });
  });
});
