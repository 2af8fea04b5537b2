/** Kafka Streams' TopologyTestDriver as a process: cases go in, answers come out, one JSON a line. */

import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { installed } from '../../conformance/lib/cache.mjs';
import { mustExecute } from '../../conformance/lib/process.mjs';
import { needs } from '../../conformance/lib/toolchains.mjs';

const HERE = dirname(fileURLToPath(import.meta.url));
const INSTALL_MS = 600_000;
const PROGRAMS = [
  ...['Judge', 'JudgedTopology', 'JudgedFunctions', 'Descriptions'],
  ...['SmokeDriver', 'SmokeInstance', 'RelationalDriver'],
];

/** The class path of the judge's programs: jars through Maven, the programs compiled. */
export async function judgeClassPath() {
  needs('java', 'javac', 'mvn');
  const pom = join(HERE, 'pom.xml');
  const sources = PROGRAMS.map((name) => join(HERE, `${name}.java`));
  const texts = await Promise.all([pom, ...sources].map((file) => readFile(file, 'utf8')));
  const jars = await installed('streams-jars', texts.slice(0, 1), async (folder) => {
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
    const args = ['-B', '-q', '-f', pom, goal, `-DoutputDirectory=${folder}`];
    await mustExecute('mvn', [...args, '-DincludeScope=runtime'], { timeoutMs: INSTALL_MS });
  });
  const classPath = join(jars, '*');
  const classes = await installed('streams-judge', texts, async (folder) => {
    const args = ['-Xlint:-deprecation', '-nowarn', '-cp', classPath, '-d', folder, ...sources];
    await mustExecute('javac', args, { timeoutMs: INSTALL_MS });
  });
  return [classes, classPath].join(delimiter);
}

/** Java with the judge's class path. */
export async function judgeCommand(program, ...args) {
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=off';
  return ['java', '-Xmx512m', quiet, '-cp', await judgeClassPath(), program, ...args];
}

export class Judge {
  #process;
  #folder;
  #lines;

  static async start() {
    const judge = new Judge();
    judge.#folder = await mkdtemp(join(tmpdir(), 'millrace-judge-'));
    const [program, ...args] = await judgeCommand('Judge', judge.#folder);
    judge.#process = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    const input = createInterface({ input: judge.#process.stdout });
    judge.#lines = input[Symbol.asyncIterator]();
    return judge;
  }

  /** What Kafka Streams makes of a case. */
  async ask(judged) {
    this.#process.stdin.write(`${JSON.stringify(judged)}\n`);
    const { value, done } = await this.#lines.next();
    if (done) throw new Error('the judge has ended');
    return JSON.parse(value);
  }

  async close() {
    const ended = new Promise((resolve) => this.#process.once('exit', resolve));
    this.#process.stdin.end();
    await ended;
    await rm(this.#folder, { recursive: true, force: true });
  }
}
