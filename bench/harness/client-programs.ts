/** Other people's clients as load: built or installed once, pinned, outside version control. */
import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryPath } from '../repository-path.ts';

const execute = promisify(execFile);

/** A program and the arguments that come first. */
export type ClientCommand = readonly string[];

function sourceOf(name: string): string {
  return repositoryPath(`bench/clients/${name}`);
}

async function cacheOf(name: string): Promise<string> {
  const folder = repositoryPath(`node_modules/.cache/millrace-bench/${name}`);
  await mkdir(folder, { recursive: true });
  return folder;
}

/** franz-go, from the Go module proxy; Go's own cache makes a second build an instant. */
export async function franzGo(): Promise<ClientCommand> {
  const program = join(await cacheOf('franz-go'), 'client');
  const env = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' };
  await execute('go', ['build', '-o', program, '.'], { cwd: sourceOf('franz-go'), env });
  return [program];
}

export async function kafkaJs(): Promise<ClientCommand> {
  const folder = await cacheOf('kafkajs');
  for (const name of ['package.json', 'package-lock.json', 'join.mjs']) {
    await cp(join(sourceOf('kafkajs'), name), join(folder, name));
  }
  await execute('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: folder });
  return [process.execPath, join(folder, 'join.mjs')];
}

/** Runs it to its end; resolves to the JSON that it prints. */
export async function runClient<Result>(
  [program, ...first]: ClientCommand,
  args: readonly string[],
): Promise<Result> {
  const { stdout } = await execute(program!, [...first, ...args]);
  return JSON.parse(stdout) as Result;
}
