/** Runs child programs with a time limit; the whole process group ends with them. */

import { spawn, spawnSync } from 'node:child_process';
import { appendFileSync } from 'node:fs';

const CAPTURE_LIMIT_BYTES = 64 << 20;
const KILL_GRACE_MS = 5_000;

export class CommandFailed extends Error {
  constructor(what, result) {
    const said = `${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-12).join('\n');
    const why = result.timedOut ? 'ran past its time limit' : `exit ${result.code}`;
    super(`${what}: ${why}: ${said}`);
    this.name = 'CommandFailed';
    this.result = result;
  }
}

/** True where a program of that name is on PATH. */
export function hasProgram(name) {
  return spawnSync('sh', ['-c', `command -v ${name}`], { stdio: 'ignore' }).status === 0;
}

/** Ends a child's process group: TERM first, KILL after a grace time. */
export async function endGroup(child, graceMs = KILL_GRACE_MS) {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = new Promise((resolve) => child.once('exit', resolve));
  signalGroup(child, 'SIGTERM');
  const timer = setTimeout(() => signalGroup(child, 'SIGKILL'), graceMs);
  await exited;
  clearTimeout(timer);
}

export function signalGroup(child, signal) {
  try {
    process.kill(-child.pid, signal);
  } catch (error) {
    // The group is gone already, which is what was wanted.
    if (error.code !== 'ESRCH') throw error;
  }
}

const running = new Set();

/** Every child is in a group of its own, which must not outlive this process. */
export function launch(program, args, options) {
  const child = spawn(program, args, { ...options, detached: true });
  running.add(child);
  child.once('close', () => running.delete(child));
  return child;
}

for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    for (const child of running) signalGroup(child, 'SIGKILL');
    process.exit(1);
  });
}

/**
 * Runs a program to its end; resolves with what it printed, whatever its exit status. Where it says
 * `prompt`, it gets a line once `answer` has resolved, however.
 */
export function execute(program, args, options = {}) {
  const { cwd, env, timeoutMs = 60_000, input, logFile, lastWords } = options;
  const { prompt, answer } = options;
  return new Promise((resolve, reject) => {
    const all = { ...process.env, ...env };
    const child = launch(program, args, { cwd, env: all, stdio: ['pipe', 'pipe', 'pipe'] });
    const result = { code: null, signal: null, stdout: '', stderr: '', timedOut: false };
    const timer = setTimeout(() => {
      result.timedOut = true;
      signalGroup(child, 'SIGKILL');
    }, timeoutMs);
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8');
      child[name].on('data', (text) => {
        if (result[name].length < CAPTURE_LIMIT_BYTES) result[name] += text;
        if (logFile !== undefined) appendFileSync(logFile, text);
        if (name === 'stdout' && prompt?.test(text)) {
          const goOn = () => child.stdin.end('\n');
          answer().then(goOn, goOn);
        }
        // Some programs hang on their way out, when all has been said.
        if (name === 'stdout' && lastWords?.test(text)) {
          setTimeout(() => signalGroup(child, 'SIGKILL'), KILL_GRACE_MS).unref();
        }
      });
    }
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      resolve({ ...result, code, signal });
    });
    // A program that does not read its input closes the pipe early.
    child.stdin.on('error', () => child.stdin.destroy());
    if (prompt === undefined) child.stdin.end(input ?? '');
  });
}

/** As `execute`, but an exit status other than 0 is an error that quotes the output's end. */
export async function mustExecute(program, args, options = {}) {
  const { label, ...rest } = options;
  const result = await execute(program, args, rest);
  if (result.code !== 0) {
    const command = [program.split('/').pop(), ...args.slice(0, 8)].join(' ');
    throw new CommandFailed(label ?? command, result);
  }
  return result;
}
