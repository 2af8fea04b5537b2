/** A broker in a process of its own, with the probe of its event loop inside. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { cpuSecondsOf, memoryMbOf } from './process-figures.mjs';

const MAIN = fileURLToPath(new URL('../../dist/bundle/cli/main.js', import.meta.url));
const PROBE = new URL('./loop-probe.mjs', import.meta.url).href;

export class ProbedBroker {
  port = 0;
  /** 0 where it has no such listener. */
  httpPort = 0;
  lines = [];
  #child;
  #dataDirectory;

  static async start(overrides) {
    const broker = new ProbedBroker();
    const dataDirectory = await mkdtemp(join(tmpdir(), 'millrace-hostile-'));
    broker.#dataDirectory = dataDirectory;
    const settings = {
      listeners: 'PLAINTEXT://127.0.0.1:0',
      'millrace.http.listener': '',
      'log.dirs': dataDirectory,
      'log.dir.min.free.bytes': 0,
      ...overrides,
    };
    const words = Object.entries(settings).flatMap((each) => ['--override', each.join('=')]);
    broker.#child = spawn(process.execPath, ['--import', PROBE, MAIN, 'serve', ...words], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    createInterface({ input: broker.#child.stderr }).on('line', (line) => broker.lines.push(line));
    await broker.#ready();
    return broker;
  }

  async #ready() {
    for await (const line of createInterface({ input: this.#child.stdout })) {
      const match = /kafka=\S+:(\d+)/.exec(line);
      if (match === null) continue;
      this.port = Number(match[1]);
      this.httpPort = Number(/http=\S+:(\d+)/.exec(line)?.[1] ?? 0);
      return;
    }
    throw new Error(`the broker did not start: ${this.lines.join('\n')}`);
  }

  get pid() {
    return this.#child.pid;
  }

  get isAlive() {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** The event loop's delays since the last call. */
  takeDelays() {
    return this.#ask({ kind: 'take' });
  }

  startProfile() {
    return this.#ask({ kind: 'profile' });
  }

  writeProfile(file) {
    return this.#ask({ kind: 'profiled', file });
  }

  async #ask(message) {
    this.#child.send(message);
    const [answer] = await once(this.#child, 'message');
    return answer;
  }

  get memoryMb() {
    return memoryMbOf(this.#child.pid);
  }

  get descriptors() {
    return readdirSync(`/proc/${this.#child.pid}/fd`).length;
  }

  get cpuSeconds() {
    return cpuSecondsOf(this.#child.pid);
  }

  async stop() {
    const ended = once(this.#child, 'exit');
    this.#child.kill('SIGKILL');
    await ended;
    await rm(this.#dataDirectory, { recursive: true, force: true });
  }
}
