/** Kafka's own command line tools, each run as its own program. */

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CLIENTS, runJobs, withScratch } from './clients.mjs';
import { execute, mustExecute } from './process.mjs';
import { makeRecords, writeRecords } from './records.mjs';
import { java } from './toolchains.mjs';

const TOOL_MS = 60_000;

/** Short names of the tools' classes. */
const CLASSES = {
  ConfigCommand: 'kafka.admin.ConfigCommand',
  ConsoleConsumer: 'org.apache.kafka.tools.consumer.ConsoleConsumer',
  ReassignPartitionsCommand: 'org.apache.kafka.tools.reassign.ReassignPartitionsCommand',
  ConsumerGroupCommand: 'org.apache.kafka.tools.consumer.group.ConsumerGroupCommand',
  StreamsGroupCommand: 'org.apache.kafka.tools.streams.StreamsGroupCommand',
};

async function toolArguments(tool, args, logLevel = 'warn') {
  const { classPath } = await java();
  const quiet = `-Dorg.slf4j.simpleLogger.defaultLogLevel=${logLevel}`;
  const main = CLASSES[tool] ?? `org.apache.kafka.tools.${tool}`;
  const flags = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx512m', quiet];
  return [...flags, '-cp', classPath, main, ...args];
}

/** Runs a tool that must exit with 0; answers its standard output. */
export async function tool(name, args, { logLevel, ...options } = {}) {
  const full = await toolArguments(name, args, logLevel);
  const result = await mustExecute('java', full, { timeoutMs: TOOL_MS, label: name, ...options });
  return result.stdout;
}

/** Runs a tool whose exit status the caller judges. */
export async function tryTool(name, args, { logLevel, ...options } = {}) {
  return execute('java', await toolArguments(name, args, logLevel), {
    timeoutMs: TOOL_MS,
    ...options,
  });
}

/**
 * Creates topics through Kafka's admin client: names, or `{ name, partitions, configs }`. `broker`
 * may say how many `replicas` they get, where it stands for a cluster.
 */
export async function createTopics({ bootstrap, replicas }, topics) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-conformance-topics-'));
  try {
    const wanted = topics.map((topic) => {
      return { replicas, ...(typeof topic === 'string' ? { name: topic } : topic) };
    });
    const jobs = [{ do: 'topics', topics: wanted }];
    const [error] = await runJobs(CLIENTS.java, bootstrap, jobs, folder);
    if (error !== null) throw new Error(`topics could not be created: ${error}`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Writes so many records to each partition. */
export async function produceTo(broker, topic, counts) {
  await withScratch(async (folder) => {
    const jobs = [];
    for (const [partition, count] of counts.entries()) {
      const file = join(folder, `partition-${partition}`);
      await writeRecords(file, makeRecords(count, partition));
      jobs.push({ do: 'produce', topic, partition, codec: 'none', file });
    }
    const errors = await runJobs(CLIENTS.java, broker.bootstrap, jobs, folder);
    expectEqual(
      errors,
      counts.map(() => null),
      'produce',
    );
  });
}

export function expectMatch(text, pattern, what) {
  const match = pattern.exec(text);
  if (match === null) {
    throw new Error(`${what}: ${pattern} is not in\n${text.trim().slice(0, 2000)}`);
  }
  return match;
}

export function expectEqual(actual, expected, what) {
  const [have, want] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (have !== want) throw new Error(`${what}: got ${have}, wanted ${want}`);
}
