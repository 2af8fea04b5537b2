/** Who runs the topologies: millrace/streams, Kafka Streams for Java, libraries from npm. */
import { execFile } from 'node:child_process';
import { cp, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { missingForKafka } from '../brokers/kafka.ts';
import { repositoryPath } from '../repository-path.ts';
import type { StreamsRivalName } from './streams-scenarios.ts';

/** A program and its first arguments; those of the setup follow. */
export type ApplicationCommand = readonly [program: string, ...args: string[]];

const JAVA = 'bench/clients/java-streams';
const RIVALS = 'bench/clients/streams-rivals';
const CACHE = repositoryPath('node_modules/.cache/millrace-bench');

export const OWN_COMMAND: ApplicationCommand = [
  process.execPath,
  repositoryPath('bench/dist/streams/main.js'),
];

/** The program of another library. Throws why it cannot be had here. */
export function rivalCommand(name: StreamsRivalName, folder: string): Promise<ApplicationCommand> {
  return name === 'java' ? javaCommand(folder) : npmCommand(name);
}

/** Pinned, outside version control; nothing of it is built. */
async function npmCommand(name: string): Promise<ApplicationCommand> {
  const folder = join(CACHE, 'streams-rivals');
  await mkdir(folder, { recursive: true });
  for (const file of ['package.json', 'measure.mjs', `${name}.mjs`]) {
    await cp(repositoryPath(`${RIVALS}/${file}`), join(folder, file));
  }
  const quietly = ['--no-audit', '--no-fund', '--no-package-lock', '--ignore-scripts'];
  await promisify(execFile)('npm', ['install', ...quietly, '--loglevel=error'], { cwd: folder });
  return [process.execPath, join(folder, `${name}.mjs`)];
}

/** Its jars come through Maven; Java compiles its program when it starts it. */
async function javaCommand(folder: string): Promise<ApplicationCommand> {
  const missing = await missingForKafka();
  if (missing !== undefined) throw new Error(`--against java: ${missing}`);
  const file = join(folder, 'streams-classpath.txt');
  const goal = ['dependency:build-classpath', `-Dmdep.outputFile=${file}`];
  const pom = repositoryPath(`${JAVA}/pom.xml`);
  await promisify(execFile)('mvn', ['-q', '-B', '-f', pom, ...goal]);
  const classPath = (await readFile(file, 'utf8')).trim();
  return ['java', '-Xmx1g', '-cp', classPath, repositoryPath(`${JAVA}/Application.java`)];
}
