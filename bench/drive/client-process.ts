/** A client's process of a turn, as the suite sees it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { repositoryPath } from '../repository-path.ts';
import type { ClientResult, ClientSetup, FromClient, ToClient } from './drive-messages.ts';

const MOST_OF_ITS_ERRORS = 2_000;

export class ClientProcess {
  readonly role: ClientSetup['role'];
  /** Rejects when the process ends by itself. */
  readonly failed: Promise<never>;
  readonly ready: Promise<readonly number[]>;
  readonly done: Promise<ClientResult>;
  /** Of consumers. */
  assignedMembers = 0;
  assignedPartitions = 0;
  received = 0;
  readonly #child: ChildProcess;
  #isWanted = true;

  /**
   * `profileFolder`: where its CPU profile goes at its end; empty: no profiling. `clientPackage`:
   * an earlier build whose client it runs; empty: this one's.
   */
  constructor(setup: ClientSetup, profileFolder: string, clientPackage: string) {
    this.role = setup.role;
    const into = join(profileFolder, setup.role);
    const profiling = profileFolder === '' ? [] : ['--cpu-prof', `--cpu-prof-dir=${into}`];
    const program = repositoryPath('bench/dist/drive/main.js');
    const clientOf = repositoryPath('bench/dist/drive/client-of.js');
    const loading = clientPackage === '' ? [] : ['--import', pathToFileURL(clientOf).href];
    const args = [...profiling, ...loading, program, JSON.stringify(setup)];
    this.#child = spawn(process.execPath, args, {
      cwd: repositoryPath(''),
      env: { ...process.env, MILLRACE_BENCH_PACKAGE: clientPackage },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.failed = this.#untilFailed();
    this.failed.catch(() => {});
    let isReady = (_ends: readonly number[]): void => {};
    let isDone = (_result: ClientResult): void => {};
    this.ready = new Promise((resolve) => {
      isReady = resolve;
    });
    this.done = new Promise((resolve) => {
      isDone = resolve;
    });
    this.#child.on('message', (message: FromClient) => {
      if (message.kind === 'ready') isReady(message.ends);
      else if (message.kind === 'done') isDone(message);
      else if (message.kind === 'received') this.received = message.records;
      else {
        this.assignedMembers = message.members;
        this.assignedPartitions = message.partitions;
      }
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  tell(message: ToClient): void {
    if (this.#child.connected) this.#child.send(message);
  }

  /** Ends it; a profile is written before. */
  async stop(): Promise<void> {
    this.#isWanted = false;
    const child = this.#child;
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
    if (child.connected) child.disconnect();
    const late = setTimeout(() => child.kill('SIGKILL'), 10_000);
    await ended;
    clearTimeout(late);
  }

  #untilFailed(): Promise<never> {
    const child = this.#child;
    const killChild = (): void => void child.kill('SIGKILL');
    process.once('exit', killChild);
    let errors = '';
    child.stderr!.on('data', (chunk) => {
      errors = `${errors}${chunk}`.slice(-MOST_OF_ITS_ERRORS);
    });
    return new Promise((_, reject) => {
      child.once('error', reject);
      child.once('exit', () => process.off('exit', killChild));
      child.once('close', (code, signal) => {
        const how = signal ?? `exit code ${code}`;
        if (this.#isWanted) reject(new Error(`the ${this.role} ended (${how}): ${errors.trim()}`));
      });
    });
  }
}
