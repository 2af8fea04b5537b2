import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const MAIN = fileURLToPath(new URL('../../dist/bundle/cli/main.js', import.meta.url));
const START_MS_MAX = 60_000;

export interface ProcessOptions {
  readonly config?: Readonly<Record<string, string | number>>;
  /** A directory to keep; without it one is made and removed. */
  readonly dataDir?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** A shell command line that runs the broker in the place of `"$@"`. */
  readonly under?: string;
}

/** A broker in a process of its own, whose memory and descriptors can be looked at from outside. */
export class BrokerProcess {
  readonly dataDir: string;
  port = 0;
  httpPort = 0;
  /** What it wrote to standard error. */
  readonly lines: string[] = [];
  readonly #child: ChildProcess;
  readonly #temporary: boolean;
  /** The signal or the code it ended with. */
  readonly ended: Promise<string | number | null>;

  static async start(options: ProcessOptions = {}): Promise<BrokerProcess> {
    const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'millrace-hostile-')));
    const broker = new BrokerProcess(dataDir, options);
    try {
      await broker.#ready();
    } catch (thrown) {
      await broker.kill();
      throw thrown;
    }
    return broker;
  }

  private constructor(dataDir: string, options: ProcessOptions) {
    this.dataDir = dataDir;
    this.#temporary = options.dataDir === undefined;
    const settings: Record<string, string | number> = {
      listeners: 'PLAINTEXT://127.0.0.1:0',
      'millrace.http.listener': '127.0.0.1:0',
      'log.dirs': dataDir,
      'num.io.threads': 1,
      'group.initial.rebalance.delay.ms': 0,
      'log.dir.min.free.bytes': 0,
      ...options.config,
    };
    const words = [MAIN, 'serve'];
    for (const [name, value] of Object.entries(settings)) {
      words.push('--override', `${name}=${value}`);
    }
    const env = { ...process.env, ...options.env };
    const command =
      options.under === undefined
        ? [process.execPath, ...words]
        : ['/bin/sh', '-c', options.under, 'sh', process.execPath, ...words];
    this.#child = spawn(command[0]!, command.slice(1), { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.ended = new Promise((resolve) => {
      this.#child.on('exit', (code, signal) => resolve(signal ?? code));
    });
    createInterface({ input: this.#child.stderr! }).on('line', (line) => this.lines.push(line));
  }

  #ready(): Promise<void> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the broker does not start')), START_MS_MAX);
      createInterface({ input: this.#child.stdout! }).on('line', (line) => {
        const match = /ready kafka=\S+:(\d+)(?: http=\S+:(\d+))?/.exec(line);
        if (match === null) return;
        clearTimeout(timer);
        this.port = Number(match[1]);
        this.httpPort = Number(match[2] ?? 0);
        resolve();
      });
      this.ended.then((how) => {
        clearTimeout(timer);
        reject(new Error(`the broker ended (${how}) before it was ready:\n${this.log}`));
      });
    });
  }

  /** Of the broker itself: a tracer runs it as its child. */
  get pid(): number {
    const own = this.#child.pid!;
    if (!this.isAlive) return own;
    const children = readFileSync(`/proc/${own}/task/${own}/children`, 'utf8').trim();
    return children === '' ? own : Number(children.split(' ')[0]);
  }

  get log(): string {
    return this.lines.join('\n');
  }

  get isAlive(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  signal(name: NodeJS.Signals): void {
    if (this.isAlive) process.kill(this.pid, name);
  }

  /** Anonymous memory: what it holds itself, without the pages of the mapped logs. */
  get anonymousMb(): number {
    const status = readFileSync(`/proc/${this.pid}/status`, 'utf8');
    return Number(/RssAnon:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024;
  }

  get descriptorCount(): number {
    return readdirSync(`/proc/${this.pid}/fd`).length;
  }

  /** Processor time used so far, in clock ticks of 10 ms. */
  get cpuTicks(): number {
    const fields = readFileSync(`/proc/${this.pid}/stat`, 'utf8').split(') ')[1]!.split(' ');
    return Number(fields[11]) + Number(fields[12]);
  }

  async http(path: string): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.httpPort}${path}`);
  }

  /** One sample of /metrics; NaN where there is none. */
  async metric(sample: string): Promise<number> {
    const text = await (await this.http('/metrics')).text();
    const line = text.split('\n').find((each) => each.startsWith(`${sample} `));
    return line === undefined ? Number.NaN : Number(line.slice(sample.length + 1));
  }

  /** The longest that the front's event loop was held up since the start. */
  async worstLoopDelayMs(): Promise<number> {
    return (await this.metric('millrace_event_loop_delay_seconds{quantile="1"}')) * 1000;
  }

  /** SIGTERM, and what it ended with. */
  async stop(): Promise<string | number | null> {
    this.signal('SIGTERM');
    const how = await this.ended;
    await this.#removeData();
    return how;
  }

  async kill(): Promise<void> {
    this.signal('SIGKILL');
    await this.ended;
    await this.#removeData();
  }

  async #removeData(): Promise<void> {
    if (!this.#temporary || !existsSync(this.dataDir)) return;
    await rm(this.dataDir, { recursive: true, force: true });
  }
}
