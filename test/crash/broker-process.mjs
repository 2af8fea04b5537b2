/** A broker in a process of its own, to be killed. */
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/bundle/cli/main.js', import.meta.url));
const START_MS_MAX = 60_000;

export class BrokerProcess {
  static hasFailPoints = true;
  static leastThreads = 0;
  /** How much longer a round takes than with millrace. */
  static slowness = 1;
  port = 0;
  readyMs = 0;
  /** Lines that tell of what a recovery cut off. */
  lines = [];
  #child;
  #ended;

  static async start(dataDirectory, { failPoint = '', overrides = [] } = {}) {
    const broker = new BrokerProcess();
    const settings = [
      'listeners=PLAINTEXT://127.0.0.1:0',
      'millrace.http.listener=',
      `log.dirs=${dataDirectory}`,
      ...overrides,
    ];
    const words = settings.flatMap((setting) => ['--override', setting]);
    broker.#child = spawn(process.execPath, [MAIN, 'serve', ...words], {
      env: { ...process.env, MILLRACE_FAIL_POINT: failPoint },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    await broker.#ready();
    return broker;
  }

  #ready() {
    const child = this.#child;
    this.#ended = new Promise((resolve) => {
      child.on('exit', (code, signal) => resolve(signal ?? code));
    });
    createInterface({ input: child.stderr }).on('line', (line) => this.lines.push(line));
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the broker does not start')), START_MS_MAX);
      createInterface({ input: child.stdout }).on('line', (line) => {
        const match = /kafka=\S+:(\d+) .* in (\d+) ms/.exec(line);
        if (match === null) return;
        clearTimeout(timer);
        this.port = Number(match[1]);
        this.readyMs = Number(match[2]);
        resolve();
      });
      this.#ended.then((how) => {
        clearTimeout(timer);
        const message = `the broker ended (${how}) before it was ready: ${this.lines.join('\n')}`;
        reject(Object.assign(new Error(message), { how }));
      });
    });
  }

  get pid() {
    return this.#child.pid;
  }

  signal(name) {
    this.#child.kill(name);
  }

  /** Resolves with the signal or the code it ended with. */
  ended() {
    return this.#ended;
  }

  /** It is not started again. */
  async discard() {
    this.signal('SIGKILL');
    await this.ended();
  }
}
