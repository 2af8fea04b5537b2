/** Runs the load generator in a process of its own against one broker. */
import { spawn } from 'node:child_process';
import type { BrokerProcess } from '../brokers/broker-process.ts';
import type { LoadResult } from '../load/meter.ts';
import { repositoryPath } from '../repository-path.ts';

export interface RunningLoad {
  readonly result: Promise<LoadResult>;
  /** The load is set up and under way (its topics made, its connections open). */
  readonly started: Promise<void>;
  /** The first topic that was made for it. */
  readonly topic: Promise<string>;
  /** Its process stands still, connections open, until `resume`. */
  pause(): void;
  resume(): void;
  stop(): void;
}

const UNDER_WAY = /^load: under way (\S*)/m;
/** For topics, connections, groups and what must be produced before the warm-up. */
const SETUP_LIMIT_SECONDS = 120;

export function startLoad(
  broker: BrokerProcess,
  args: readonly string[],
  warmupSeconds: number,
  seconds: number,
): RunningLoad {
  const target = ['--broker', broker.address, '--broker-pid', String(broker.pid)];
  if (broker.httpUrl !== '') target.push('--ws', new URL(broker.httpUrl).host);
  const times = ['--warmup', String(warmupSeconds), '--seconds', String(seconds)];
  const program = repositoryPath('bench/dist/load/main.js');
  const child = spawn(process.execPath, [program, ...target, ...args, ...times, '-o', 'json'], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const limitMs = (SETUP_LIMIT_SECONDS + warmupSeconds + seconds) * 1000;
  const late = setTimeout(() => child.kill('SIGKILL'), limitMs);
  let out = '';
  let err = '';
  let begun = (_topic: string): void => {};
  const topic = new Promise<string>((resolve) => {
    begun = resolve;
  });
  child.stdout.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr.on('data', (chunk) => {
    err += chunk;
    const topicName = UNDER_WAY.exec(err)?.[1];
    if (topicName !== undefined) begun(topicName);
  });
  const result = new Promise<LoadResult>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(late);
      begun('');
      if (code === 0) resolve(JSON.parse(out) as LoadResult);
      else reject(new Error(`${args.join(' ')}: ${err.trim()} (exit ${code})`));
    });
  });
  result.catch(() => {});
  return {
    result,
    topic,
    started: topic.then(() => {}),
    pause: () => child.kill('SIGSTOP'),
    resume: () => child.kill('SIGCONT'),
    stop: () => child.kill('SIGTERM'),
  };
}

export function runLoadProcess(
  broker: BrokerProcess,
  args: readonly string[],
  warmupSeconds: number,
  seconds: number,
): Promise<LoadResult> {
  return startLoad(broker, args, warmupSeconds, seconds).result;
}
