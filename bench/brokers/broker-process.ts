/** A broker in a process of its own: started, timed until it does its work, stopped. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { SecuredPorts } from './broker-security.ts';

const STOP_LIMIT_MS = 60_000;
const LOG_LINES = 10;
/** A connection is cut a moment before the end of its process is known. */
const END_IS_KNOWN_MS = 200;

export interface BrokerCommand {
  readonly name: string;
  readonly program: string;
  readonly args: readonly string[];
  readonly host: string;
  readonly port: number;
  readonly logFile: string;
  /** Resolves when it does its work. */
  readonly ready: (host: string, port: number) => Promise<void>;
}

export class BrokerProcess {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  /** From before the process was started until it was ready. */
  readonly startMs: number;
  /** Where its metrics and its WebSocket gateway are; empty for a broker without. */
  httpUrl = '';
  /** Its listeners with TLS, where it has some. */
  secured: SecuredPorts | undefined;
  /** The package whose client goes with it; empty: this one's. */
  clientPackage = '';
  /** Rejects when it ends. */
  readonly failed: Promise<never>;
  readonly #child: ChildProcess;
  readonly #logFile: string;

  private constructor(
    command: BrokerCommand,
    child: ChildProcess,
    startMs: number,
    failed: Promise<never>,
  ) {
    this.name = command.name;
    this.host = command.host;
    this.port = command.port;
    this.startMs = startMs;
    this.#child = child;
    this.#logFile = command.logFile;
    this.failed = failed;
  }

  static async start(command: BrokerCommand): Promise<BrokerProcess> {
    const log = createWriteStream(command.logFile, { flags: 'a' });
    const startedMs = performance.now();
    const child = spawn(command.program, command.args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const killChild = (): void => void child.kill('SIGKILL');
    process.once('exit', killChild);
    child.once('exit', () => process.off('exit', killChild));
    child.stdout.pipe(log);
    child.stderr.pipe(log);
    const ended = new Promise<never>((_, reject) => {
      child.once('error', reject);
      child.once('exit', (code, signal) => {
        const how = signal ?? `exit code ${code}`;
        reject(new Error(`${command.name} ended (${how}); its log: ${command.logFile}`));
      });
    });
    ended.catch(() => {});
    await Promise.race([ended, command.ready(command.host, command.port)]);
    return new BrokerProcess(command, child, performance.now() - startedMs, ended);
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What happened, where a load failed because its broker has ended: with the end of its log. */
  async explain(error: unknown): Promise<unknown> {
    if (this.isRunning) await sleep(END_IS_KNOWN_MS);
    if (this.isRunning) return error;
    const { exitCode, signalCode } = this.#child;
    // An interrupted run has deleted its folder already.
    const text = await readFile(this.#logFile, 'utf8').catch(() => 'its log is gone');
    const lines = text.trimEnd().split('\n');
    const log = lines.slice(-LOG_LINES).join('\n');
    return new Error(`${this.name} ended (${signalCode ?? `exit code ${exitCode}`}):\n${log}`);
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  get address(): string {
    return `${this.host}:${this.port}`;
  }

  /** A clean stop: SIGTERM, and SIGKILL for one that does not obey. Resolves to its duration. */
  stop(): Promise<number> {
    return this.#end('SIGTERM');
  }

  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  async #end(signal: NodeJS.Signals): Promise<number> {
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return 0;
    const fromMs = performance.now();
    const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await exited;
    clearTimeout(late);
    return performance.now() - fromMs;
  }
}

export function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}

/** Repeats a try until it works or the time is over. */
export async function until<T>(limitMs: number, everyMs: number, attempt: () => Promise<T>) {
  const deadline = performance.now() + limitMs;
  for (;;) {
    try {
      return await attempt();
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await sleep(everyMs);
    }
  }
}
