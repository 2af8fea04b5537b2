/** Starts the broker under test: Apache Kafka (one KRaft node) or millrace, on loopback. */

import { createWriteStream } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { REPOSITORY } from './cache.mjs';
import { millraceCommand, overridesOf } from './millrace-command.mjs';
import { endGroup, launch, mustExecute, signalGroup } from './process.mjs';
import { java } from './toolchains.mjs';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 30_000;
const LAST_WORDS = 900;
const NAMES = ['PLAINTEXT', 'SSL', 'SASL_PLAINTEXT', 'SASL_SSL'];
const PROTOCOLS = ['CONTROLLER:PLAINTEXT', ...NAMES.map((name) => `${name}:${name}`)].join();

/** What both get: one node, so internal topics cannot have the usual three replicas. */
const COMMON = {
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'group.initial.rebalance.delay.ms': '0',
};

const overridden = {};

/** What each millrace gets that is started from now on: lines of `name=value`. */
export function overrideAll(lines) {
  for (const line of lines) {
    const at = line.indexOf('=');
    if (at < 1) throw new Error(`--override ${line}: name=value`);
    overridden[line.slice(0, at)] = line.slice(at + 1);
  }
}

/** One broker process with its data folder; it can be started again on the same port and data. */
export class Broker {
  #child;
  #config;
  #logFile;
  #folder;
  #stopped = false;

  /** `listeners`: protocols that it listens with beside PLAINTEXT; their ports are `ports`. */
  static async start(kind, { config = {}, listeners = [], logFile, port = 0 } = {}) {
    const broker = new Broker();
    broker.kind = kind;
    broker.ports = {};
    for (const name of listeners) broker.ports[name] = await freePort();
    broker.#config = { ...COMMON, ...config };
    broker.#logFile = logFile;
    broker.#folder = await mkdtemp(join(tmpdir(), `millrace-conformance-${kind}-`));
    await broker.#launch(port);
    return broker;
  }

  async #launch(wantedPort) {
    const launchOne = this.kind === 'kafka' ? startKafka : startMillrace;
    const port = wantedPort || (await freePort());
    const addresses = Object.entries({ PLAINTEXT: port, ...this.ports });
    const listeners = addresses.map(([name, at]) => `${name}://127.0.0.1:${at}`).join(',');
    const config = { listeners, 'advertised.listeners': listeners, ...this.#config };
    const started = await launchOne(this.#folder, config, this.#logFile, port);
    this.#child = started.child;
    this.host = started.host;
    this.port = started.port;
    this.http = started.http;
    this.dataDir = started.dataDir;
    this.bootstrap = `${started.host}:${started.port}`;
  }

  get pid() {
    return this.#child.pid;
  }

  /** False where it ended without being asked to. */
  get sound() {
    return this.#stopped || (this.#child.exitCode === null && this.#child.signalCode === null);
  }

  /** After it died: the end of what it said; it is started again on its port and data. */
  async revive() {
    const said = await readFile(this.#logFile, 'utf8');
    await this.#launch(this.port);
    return said.slice(-LAST_WORDS);
  }

  /** Resolves with the signal or the code that it ended with. */
  get ended() {
    const child = this.#child;
    return new Promise((resolve) => {
      const { exitCode, signalCode } = child;
      if (exitCode !== null || signalCode !== null) resolve(signalCode ?? exitCode);
      else child.once('exit', (code, signal) => resolve(signal ?? code));
    });
  }

  signal(name) {
    this.#stopped = true;
    signalGroup(this.#child, name);
  }

  /** For the next start. */
  configure(config) {
    this.#config = { ...this.#config, ...config };
  }

  /** After it was stopped or killed: the same port and data. */
  async restart() {
    await this.ended;
    this.#stopped = false;
    await this.#launch(this.port);
  }

  /** Stops it as its operator would; the data stays. */
  async stop() {
    this.#stopped = true;
    await endGroup(this.#child, STOP_LIMIT_MS);
  }

  async discard() {
    await this.stop();
    await rm(this.#folder, { recursive: true, force: true });
  }
}

export function launchLogged(program, args, logFile) {
  const child = launch(program, args, { cwd: REPOSITORY, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(logFile ?? '/dev/null', { flags: 'a' });
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  child.once('close', () => log.end());
  return child;
}

async function startKafka(folder, config, logFile, port) {
  const { classPath } = await java();
  const controllerPort = await freePort();
  const nodeId = config['node.id'] ?? '1';
  const dataDir = join(folder, 'data');
  const properties = {
    'process.roles': 'broker,controller',
    'node.id': nodeId,
    'controller.quorum.voters': `${nodeId}@127.0.0.1:${controllerPort}`,
    'controller.listener.names': 'CONTROLLER',
    'listener.security.protocol.map': PROTOCOLS,
    'log.dirs': dataDir,
    'share.coordinator.state.topic.replication.factor': '1',
    'share.coordinator.state.topic.min.isr': '1',
    ...config,
    listeners: `${config.listeners},CONTROLLER://127.0.0.1:${controllerPort}`,
  };
  const file = join(folder, 'server.properties');
  const lines = Object.entries(properties).map(([name, value]) => `${name}=${escaped(value)}`);
  await writeFile(file, `${lines.join('\n')}\n`);
  const format = ['-cp', classPath, 'kafka.tools.StorageTool', 'format'];
  const id = Buffer.from('millrace-conform').toString('base64url');
  await mustExecute('java', [...format, '-t', id, '-c', file, '--ignore-formatted']);
  const heap = ['-Xms1g', '-Xmx1g', '-XX:+UseG1GC'];
  const log = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';
  const args = [...heap, log, '-cp', classPath, 'kafka.Kafka', file];
  const child = launchLogged('java', args, logFile);
  await untilServing(child, '127.0.0.1', port);
  return { child, host: '127.0.0.1', port, dataDir };
}

/** As Java reads files of properties: a backslash escapes, and the file is in Latin-1. */
function escaped(value) {
  const code = (letter) => letter.charCodeAt(0).toString(16).padStart(4, '0');
  return value.replace(/\\/g, '\\\\').replace(/[^ -~]/g, (letter) => `\\u${code(letter)}`);
}

async function startMillrace(folder, config, logFile) {
  const { child, dataDir } = launchMillrace(folder, config, logFile);
  return { child, dataDir, ...(await readyMillrace(child)) };
}

/** `under`: the program that starts it, with its arguments, where it is not this one. */
export function launchMillrace(folder, config, logFile, under = []) {
  const overrides = {
    'millrace.http.listener': '127.0.0.1:0',
    'log.dirs': join(folder, 'data'),
    ...overridden,
    ...config,
  };
  const [first, ...args] = [...under, ...millraceCommand('serve', ...overridesOf(overrides))];
  return { child: launchLogged(first, args, logFile), dataDir: overrides['log.dirs'] };
}

/** Resolves once it says that it is ready, with the addresses that it tells. */
export async function readyMillrace(child) {
  const ready = await readyLine(child);
  const match =
    /^millrace ready kafka=(.+):(\d+)(?: http=(\S+) http-engine=\w+)? data=(.+) in \d+ ms$/m.exec(
      ready,
    );
  if (match === null)
    throw new Error(`millrace printed another line than "millrace ready": ${ready}`);
  return { host: match[1], port: Number(match[2]), http: match[3] };
}

function readyLine(child) {
  return new Promise((resolve, reject) => {
    let text = '';
    let complaints = '';
    const timer = setTimeout(() => {
      signalGroup(child, 'SIGKILL');
      reject(new Error('millrace did not say that it is ready'));
    }, START_LIMIT_MS);
    child.stderr.on('data', (chunk) => {
      complaints += chunk;
    });
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const line = text.split('\n').find((one) => one.startsWith('millrace ready'));
      if (line === undefined || !text.endsWith('\n')) return;
      clearTimeout(timer);
      resolve(line);
    });
    child.once('close', (code) => {
      clearTimeout(timer);
      reject(
        new Error(`millrace ended with ${code} before it was ready: ${complaints.slice(-2000)}`),
      );
    });
  });
}

export async function untilServing(child, host, port) {
  const deadline = Date.now() + START_LIMIT_MS;
  while (Date.now() < deadline) {
    const how = child.exitCode ?? child.signalCode;
    if (how !== null) throw new Error(`the broker ended with ${how}`);
    if (await answersMetadata(host, port)) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  signalGroup(child, 'SIGKILL');
  throw new Error('the broker did not answer in time');
}

/** Asks Metadata version 0 for all topics; true once the answer lists one broker. */
function answersMetadata(host, port) {
  const request = Buffer.from('0000000e0003000000000001ffff00000000', 'hex');
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const done = (answer) => {
      socket.destroy();
      resolve(answer);
    };
    socket.setTimeout(2_000, () => done(false));
    socket.once('error', () => done(false));
    socket.once('close', () => done(false));
    socket.once('connect', () => socket.write(request));
    socket.once('data', (data) => done(data.length >= 12 && data.readInt32BE(8) > 0));
  });
}

export async function freePort() {
  const server = createServer();
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}
