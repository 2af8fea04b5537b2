/** Applications on Kafka Streams and on millrace/streams, with Kafka's drivers that judge them. */

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as pause } from 'node:timers/promises';
import { streamsStanding } from '../../crash/streams-standing.mjs';
import { judgeCommand } from '../../streams/judge/judge.mjs';
import { HERE } from './cache.mjs';
import { endGroup, execute, launch, signalGroup } from './process.mjs';

const START_MS = 90_000;
const STOP_MS = 40_000;
/** Who judges at the end is left alone. */
const DISTURBANCES = 4;
const JUDGE_MS = 480_000;
/** Who has not moved for so long has nothing to do. */
const QUIET_MS = 5_000;
const LOOK_MS = 500;
/** What Kafka's applications say of an error. */
const FAILED = /SMOKE-TEST-CLIENT-EXCEPTION|^FAILED/;

/** A process that says when it runs; it is stopped or killed, and started again. */
export class StreamsApp {
  #command;
  #running;
  #logFile;
  #child = null;

  constructor(command, running, logFile) {
    this.#command = command;
    this.#running = running;
    this.#logFile = logFile;
  }

  /** One of our programs with its arguments: the broker, the guarantee, the state directory. */
  static millrace(program, args, logFile) {
    const path = join(HERE, 'clients', 'millrace', `${program}.mjs`);
    return new StreamsApp([process.execPath, path, ...args], /^RUNNING/, logFile);
  }

  /** `StreamsSmokeTest process` of Kafka, with these properties. */
  static async javaSmoke(folder, properties, logFile) {
    const file = join(folder, `${Object.keys(properties).length}-${Date.now()}.properties`);
    const lines = Object.entries(properties).map(([name, value]) => `${name}=${value}`);
    await writeFile(file, `${lines.join('\n')}\n`);
    const main = 'org.apache.kafka.streams.tests.StreamsSmokeTest';
    const command = await judgeCommand(main, file, 'process');
    return new StreamsApp(command, /SMOKE-TEST-CLIENT-STARTED/, logFile);
  }

  /** Kafka's own instance of the smoke test, in a streams group. */
  static async javaInstance(args, logFile) {
    return new StreamsApp(await judgeCommand('SmokeInstance', ...args), /^RUNNING$/, logFile);
  }

  /** Resolves when it runs. */
  async start() {
    const [program, ...args] = this.#command;
    const child = launch(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    const log = createWriteStream(this.#logFile, { flags: 'a' });
    child.stderr.pipe(log, { end: false });
    await new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the application does not run')), START_MS);
      const settle = (error) => {
        clearTimeout(timer);
        if (error === null) resolve();
        else reject(error);
      };
      createInterface({ input: child.stdout }).on('line', (line) => {
        log.write(`${line}\n`);
        if (this.#running.test(line)) settle(null);
        if (FAILED.test(line)) settle(new Error(line));
      });
      child.once('close', (code) => {
        log.end();
        settle(new Error(`the application ended with ${code}`));
      });
    });
  }

  async stop() {
    if (this.#child !== null) await endGroup(this.#child, STOP_MS);
    this.#child = null;
  }

  async kill() {
    const child = this.#child;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    signalGroup(child, 'SIGKILL');
    await ended;
    this.#child = null;
  }
}

/** With a folder for what the applications keep; all of them end with it. */
export async function withApps(run) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-conformance-streams-'));
  const apps = [];
  try {
    await run(folder, apps);
  } finally {
    for (const app of apps) await app.kill();
    await rm(folder, { recursive: true, force: true });
  }
}

/**
 * Runs one of the drivers to its end; throws what it says where that is no success. One that
 * waits when it has written goes on after `before`.
 */
export async function judged(driver, args, logFile, before = undefined) {
  const [java, ...words] = await judgeCommand(driver, ...args.map(String));
  const waiting = before === undefined ? {} : { prompt: /GENERATED/, answer: before };
  const { stdout } = await execute(java, words, { timeoutMs: JUDGE_MS, logFile, ...waiting });
  if (!stdout.includes('JUDGED: SUCCESS')) throw new Error(stdout.slice(-1_500));
}

/** Resolves once an application has nothing to do: nothing is written, and nothing committed. */
export async function untilQuiet(broker, group) {
  let before = '';
  for (let sinceMs = performance.now(); performance.now() - sinceMs < QUIET_MS; ) {
    const now = await streamsStanding(broker.bootstrap, group);
    if (now !== before) sinceMs = performance.now();
    before = now;
    await pause(LOOK_MS);
  }
}

/** Stops or kills one after the other, each time so much later, a few times. */
export async function disturbed(apps, how, pauseMs, isOver = () => false) {
  for (let i = 0; i < DISTURBANCES; i++) {
    await pause(pauseMs);
    if (isOver()) return;
    const app = apps[i % apps.length];
    if (how === 'kills' || (how === 'both' && i % 2 === 1)) await app.kill();
    else await app.stop();
    await app.start();
  }
}
