/** One instance of the application of streams, in a process and with a directory of its own. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./streams-app.mjs', import.meta.url));
const ANSWER_MS = 2_000;
const LOOK_MS = 20;
const SAID_CHARS = 4_000;
/** Its own end, a kill, and a stop that comes before the program listens for it. */
const SOUND = [0, 'SIGKILL', 'SIGTERM'];

/** The most memory that a process has had; 0 where a fail point has just ended it. */
function peakMbOf(pid) {
  const file = `/proc/${pid}/status`;
  const status = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? 0) / 1024);
}

export class StreamsInstance {
  #directory;
  /** The arguments of the program before and behind the directory. */
  #bootstrap;
  #how;
  #child = null;
  #said = '';
  #ending = 'SIGKILL';
  #isRunning = false;
  peakMb = 0;

  constructor(directory, bootstrap, how) {
    this.#directory = directory;
    this.#bootstrap = bootstrap;
    this.#how = how.map(String);
  }

  get isUp() {
    return this.#child !== null;
  }

  /** Resolves when it runs, or has ended. */
  async start(failPoint = '') {
    const args = [PROGRAM, this.#bootstrap, this.#directory, ...this.#how];
    const child = spawn(process.execPath, args, {
      env: { ...process.env, MILLRACE_FAIL_POINT: failPoint },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.#child = child;
    this.#isRunning = false;
    this.#said = '';
    child.stderr.on('data', (chunk) => {
      this.#said = (this.#said + chunk).slice(-SAID_CHARS);
    });
    this.ended = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.#child = null;
        this.#ending = signal ?? code;
        resolve(this.#ending);
      });
    });
    const running = new Promise((resolve) => child.stdout.once('data', resolve)).then(() => {
      this.#isRunning = true;
    });
    await Promise.race([running, this.ended]);
  }

  async kill() {
    this.#look();
    this.#child?.kill('SIGKILL');
    await this.ended;
  }

  /** A clean stop, which must be one. */
  async stop() {
    this.#look();
    this.#child?.kill('SIGTERM');
    await this.ended;
    this.requireSound();
  }

  signal(name) {
    this.#child?.kill(name);
  }

  /** It may be killed or stopped; what it throws itself is a finding. */
  requireSound() {
    if (this.isUp || SOUND.includes(this.#ending)) return;
    throw new Error(`an instance ended by itself (${this.#ending}): ${this.#said}`);
  }

  /** What it says of its tasks, while it runs. */
  async standing() {
    if (!this.isUp || !this.#isRunning) return this.isUp ? 'starts' : 'not up';
    const before = this.#answer();
    this.#child.kill('SIGUSR2');
    for (const endMs = performance.now() + ANSWER_MS; performance.now() < endMs; ) {
      const answer = this.#answer();
      if (answer !== before) return answer.replace(/^STANDING \d+ /, '').trim();
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    return 'does not answer';
  }

  /** The last errors that it told of. */
  get errors() {
    return this.#said.replace(/^STANDING .*\n/gm, '').trim();
  }

  async loseState() {
    await rm(this.#directory, { recursive: true, force: true });
  }

  #answer() {
    return this.#said.match(/^STANDING .*\n/gm)?.at(-1) ?? '';
  }

  #look() {
    if (this.#child === null) return;
    this.peakMb = Math.max(this.peakMb, peakMbOf(this.#child.pid));
  }
}
