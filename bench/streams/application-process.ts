/** Runs an application, or what fills its input, in a process of its own. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { repositoryPath } from '../repository-path.ts';
import { type ApplicationCommand, OWN_COMMAND } from './application-programs.ts';
import { type ApplicationSetup, applicationArgs } from './application-setup.ts';

const LIMIT_MS = 180_000;

export class ApplicationProcess {
  /** The first line that it prints, read as JSON; it rejects when it ends without one. */
  readonly line: Promise<Readonly<Record<string, number>>>;
  readonly #child: ChildProcess;
  readonly #ended: Promise<void>;
  #err = '';

  constructor(setup: ApplicationSetup, command: ApplicationCommand = OWN_COMMAND) {
    const [program, ...args] = command;
    const child = spawn(program, [...args, ...applicationArgs(setup)], {
      cwd: repositoryPath(''),
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const kill = (): void => void child.kill('SIGKILL');
    const late = setTimeout(kill, LIMIT_MS);
    process.once('exit', kill);
    child.stderr.on('data', (chunk) => {
      this.#err += chunk;
    });
    this.#child = child;
    this.#ended = once(child, 'close').then(() => {
      clearTimeout(late);
      process.off('exit', kill);
    });
    const text = new Promise<string>((resolve, reject) => {
      let out = '';
      child.stdout.on('data', (chunk) => {
        out += chunk;
        const end = out.indexOf('\n');
        if (end >= 0) resolve(out.slice(0, end));
      });
      this.#ended.then(() => {
        const reason = this.#err.trim() || 'it said nothing';
        reject(new Error(`${setup.load} ${setup.topology}: ${reason}`));
      }, reject);
    });
    this.line = text.then((line) => JSON.parse(line));
    // Who does not wait for the line hears of a bad end by `ended`.
    this.line.catch(() => {});
  }

  /** Resolves when it has ended well by itself, or by SIGTERM. */
  async ended(): Promise<void> {
    await this.#ended;
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== 0) throw new Error(`${this.#err.trim()} (${signalCode ?? exitCode})`);
  }

  /** Closes it in an orderly way. */
  async close(): Promise<void> {
    this.#child.kill('SIGTERM');
    await this.ended();
  }

  /** Ends it at once. */
  async kill(): Promise<void> {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
