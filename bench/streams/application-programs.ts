/** Who runs the topologies: millrace/streams, and Kafka Streams for Java. */
import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { missingForKafka } from '../brokers/kafka.ts';
import { repositoryPath } from '../repository-path.ts';

/** A program and its first arguments; those of the setup follow. */
export type ApplicationCommand = readonly [program: string, ...args: string[]];

const JAVA = 'bench/clients/java-streams';

export const OWN_COMMAND: ApplicationCommand = [
  process.execPath,
  repositoryPath('bench/dist/streams/main.js'),
];

/** Its jars come through Maven; Java compiles its program when it starts it. */
export async function javaCommand(folder: string): Promise<ApplicationCommand> {
  const missing = await missingForKafka();
  if (missing !== undefined) throw new Error(`--against java: ${missing}`);
  const file = join(folder, 'streams-classpath.txt');
  const goal = ['dependency:build-classpath', `-Dmdep.outputFile=${file}`];
  const pom = repositoryPath(`${JAVA}/pom.xml`);
  await promisify(execFile)('mvn', ['-q', '-B', '-f', pom, ...goal]);
  const classPath = (await readFile(file, 'utf8')).trim();
  return ['java', '-Xmx1g', '-cp', classPath, repositoryPath(`${JAVA}/Application.java`)];
}
