/** The C program of bench/floor, which does the least that a broker can, as a contestant. */
import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repositoryPath } from '../repository-path.ts';
import { BrokerProcess, freePort } from './broker-process.ts';
import { firstAcknowledged } from './first-acknowledged.ts';

const execute = promisify(execFile);

/** Why there is no floor here; undefined where there is one. */
export async function missingForFloor(): Promise<string | undefined> {
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return 'its source is for Linux on x64';
  }
  try {
    await execute('gcc', ['--version']);
    return undefined;
  } catch {
    return 'gcc is not installed';
  }
}

/** Compiles it; resolves to its program. */
export async function floorProgram(folder: string): Promise<string> {
  const program = join(folder, 'floor');
  const source = repositoryPath('bench/floor/floor.c');
  await execute('gcc', ['-O3', '-march=native', '-o', program, source]);
  return program;
}

export async function startFloor(program: string, folder: string): Promise<BrokerProcess> {
  const port = await freePort();
  await mkdir(folder, { recursive: true });
  return BrokerProcess.start({
    name: 'floor',
    program,
    args: ['-port', String(port), join(folder, 'data')],
    host: '127.0.0.1',
    port,
    logFile: join(folder, 'floor.log'),
    ready: firstAcknowledged,
  });
}
