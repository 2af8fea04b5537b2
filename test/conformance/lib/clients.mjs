/** The client programs, one way to run their jobs, and what each can and cannot say. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HERE } from './cache.mjs';
import { CommandFailed, execute } from './process.mjs';
import { go, java, node, python } from './toolchains.mjs';

const ALL_CODECS = ['none', 'gzip', 'snappy', 'lz4', 'zstd'];

/** `protocols`: the group protocols it knows; `traits`: see makeRecords; `spec`: more for its jobs. */
export const CLIENTS = {
  java: {
    title: 'kafka-clients 4.3.1 (Java)',
    needs: 'java, mvn',
    codecs: ALL_CODECS,
    protocols: ['classic', 'consumer'],
    async command() {
      const { clientPath } = await java();
      const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn';
      return ['java', '-XX:TieredStopAtLevel=1', '-Xmx512m', quiet, '-cp', clientPath, 'Client'];
    },
  },
  librdkafka: {
    title: 'librdkafka 2.16.0 (confluent-kafka, Python)',
    needs: 'python3',
    codecs: ALL_CODECS,
    protocols: ['classic', 'consumer'],
    async command() {
      return [(await python()).python, join(HERE, 'clients', 'python', 'confluent.py')];
    },
  },
  'franz-go': {
    title: 'franz-go 1.22.2',
    needs: 'go',
    codecs: ALL_CODECS,
    protocols: ['classic', 'consumer'],
    async command() {
      return [(await go()).program];
    },
  },
  kafkajs: {
    title: 'KafkaJS 2.2.4',
    needs: 'npm',
    codecs: ALL_CODECS,
    protocols: ['classic'],
    traits: { nullHeaders: false },
    async command() {
      return [process.execPath, join((await node()).folder, 'kafkajs.mjs')];
    },
  },
  platformatic: {
    title: '@platformatic/kafka 1.35.0',
    needs: 'npm',
    // Its zstd is Node's own, which Node 20 has not.
    codecs: ['none', 'gzip', 'snappy', 'lz4'],
    protocols: ['classic', 'consumer'],
    async command() {
      return [process.execPath, join((await node()).folder, 'platformatic.mjs')];
    },
  },
  'kafka-python': {
    title: 'kafka-python 3.0.12',
    needs: 'python3',
    codecs: ALL_CODECS,
    protocols: ['classic'],
    traits: { nullHeaders: false, nullPairs: false },
    async command() {
      return [(await python()).python, join(HERE, 'clients', 'python', 'kafka_python.py')];
    },
  },
};

/** This repository's own client, held against those of others. */
export const MILLRACE_CLIENT = {
  title: 'millrace/client',
  needs: 'java, mvn, python3, go, npm',
  codecs: ALL_CODECS,
  protocols: ['classic', 'consumer'],
  async command() {
    return [process.execPath, join(HERE, 'clients', 'millrace', 'client.mjs')];
  },
};

/** The same in headless Chromium, through the gateway; `spec` says where that is. */
export const MILLRACE_IN_BROWSER = {
  ...MILLRACE_CLIENT,
  title: 'millrace/client in a browser',
  needs: 'chromium, java, mvn, npm',
  async command() {
    return [process.execPath, join(HERE, 'clients', 'millrace', 'browser.mjs')];
  },
};

export async function withScratch(work) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-conformance-jobs-'));
  try {
    return await work(folder);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the jobs in one process; answers what went wrong with each, null where it went well. */
export async function runJobs(client, bootstrap, jobs, folder, timeoutMs = 180_000) {
  const [program, ...args] = await client.command();
  const file = join(folder, `jobs-${jobs[0].do}-${Date.now()}.json`);
  await writeFile(file, JSON.stringify({ bootstrap, ...client.spec, jobs }));
  const env = { KAFKAJS_NO_PARTITIONER_WARNING: '1' };
  const result = await execute(program, [...args, file], { env, timeoutMs });
  const answers = new Map();
  for (const line of result.stdout.split('\n')) {
    if (!line.startsWith('{')) continue;
    const answer = JSON.parse(line);
    answers.set(answer.job, answer.ok ? null : answer.error);
  }
  return jobs.map((_, number) => {
    if (answers.has(number)) return answers.get(number);
    return new CommandFailed(`${client.title} gave no answer to this job`, result).message;
  });
}
