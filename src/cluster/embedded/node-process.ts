import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { MillraceError } from '../../base/errors.ts';
import type { Logger } from '../../base/logger.ts';

const START_LIMIT_MS = 60_000;
const STOP_LIMIT_MS = 30_000;
const LINES_KEPT = 20;

export interface NodeProgram {
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** A line of its output that tells that it is ready; null where nothing does. */
  readonly readyLine: RegExp | null;
}

/** A node of a cluster in a process of its own, which can be killed as a crash would. */
export class NodeProcess {
  readonly #program: NodeProgram;
  readonly #logger: Logger;
  #child: ChildProcess | null = null;
  #ended: Promise<string> = Promise.resolve('');
  #lines: string[] = [];
  readonly #killWithParent = () => {
    this.#child?.kill('SIGKILL');
  };

  constructor(program: NodeProgram, logger: Logger) {
    this.#program = program;
    this.#logger = logger;
  }

  get isRunning(): boolean {
    return this.#child !== null;
  }

  /** Resolves once the node says that it is ready. */
  async start(): Promise<void> {
    const { name, command, args, readyLine } = this.#program;
    if (this.#child !== null) throw new MillraceError('MILLRACE_BAD_ARGUMENT', `${name} runs`);
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    this.#lines = [];
    process.once('exit', this.#killWithParent);
    this.#ended = new Promise((resolve) => {
      const onEnd = (how: string) => {
        this.#child = null;
        process.off('exit', this.#killWithParent);
        resolve(how);
      };
      child.once('error', (error) => onEnd(error.message));
      child.once('close', (code, signal) => onEnd(String(signal ?? code)));
    });
    let onReady = () => {};
    const ready = new Promise<void>((resolve) => {
      onReady = resolve;
      if (readyLine === null) resolve();
    });
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        this.#take(line);
        if (readyLine?.test(line)) onReady();
      });
    }
    await this.#untilReady(ready);
  }

  #take(line: string): void {
    this.#lines.push(line);
    if (this.#lines.length > LINES_KEPT) this.#lines.shift();
    this.#logger.info(`${this.#program.name}: ${line}`);
  }

  async #untilReady(ready: Promise<void>): Promise<void> {
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), START_LIMIT_MS);
    const failed = this.#ended.then((how) => {
      const said = this.#lines.join('\n');
      const message = `${this.#program.name} ended with ${how} before it was ready: ${said}`;
      throw new MillraceError('MILLRACE_REQUEST_FAILED', message);
    });
    try {
      await Promise.race([ready, failed]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** As a crash would end it. Resolves once it is gone. */
  async kill(): Promise<void> {
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  /** As its operator would stop it. */
  async stop(): Promise<void> {
    this.#child?.kill('SIGTERM');
    const timer = setTimeout(() => this.#child?.kill('SIGKILL'), STOP_LIMIT_MS);
    await this.#ended;
    clearTimeout(timer);
  }
}
