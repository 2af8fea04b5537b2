/** kafkatest's way to judge a cluster: what Java's producer was told is what Java's consumer reads. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withScratch } from './clients.mjs';
import { JavaWriter } from './replica-history.mjs';
import { until } from './until.mjs';
import { Verifiable } from './verifiable.mjs';

const LIMIT_MS = 90_000;
const FEW = 5;
let runs = 0;

/** A member of a group that says each record that it reads. */
export async function javaConsumer(bootstrap, topic, folder, options = {}) {
  const { group = `${topic}-readers`, protocol = 'classic' } = options;
  const { reset = 'earliest', settings = {}, jvm } = options;
  const file = join(folder, `consumer-${group}.properties`);
  const lines = Object.entries(settings).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(file, lines.join(''));
  const of = ['--topic', topic, '--group-id', group, '--group-protocol', protocol];
  const how = ['--verbose', '--reset-policy', reset, '--command-config', file];
  const from = { bootstrap };
  return Verifiable.start('java', 'VerifiableConsumer', from, [...of, ...how], { jvm });
}

/**
 * An idempotent producer and a consumer run while `work(writer, consumer)` does something. Throws
 * where the consumer does not read what was acknowledged, at its offset, or reads a record at two.
 * `bootstrap` is theirs; `writing` goes to the writer, `reading` to the consumer.
 */
export function produceConsume({ bootstrap, topic, writing = {}, reading = {} }, work) {
  return withScratch(async (folder) => {
    runs += 1;
    const consumer = await javaConsumer(bootstrap, topic, folder, reading);
    let writer;
    try {
      await consumer.until('partitions', ({ owned }) => owned.size > 0);
      writer = await JavaWriter.start({ bootstrap, topic, number: runs, ...writing });
      await writer.untilMore(100);
      await work(writer, consumer);
      await writer.untilMore(100);
      await writer.end();
      await validate(writer, consumer);
      await consumer.stop();
    } finally {
      await writer?.discard();
      await consumer.discard();
    }
  });
}

const placeOf = ({ partition, offset, identity }) => `${partition}/${offset}/${identity}`;

/** What a consumer has read, each offset once. */
export function recordsOf(consumer) {
  const read = new Map();
  for (const { partition, offset, value } of consumer.named('record_data')) {
    const identity = value.replace('.', ':');
    read.set(`${partition}/${offset}`, { partition, offset, value, identity });
  }
  return [...read.values()];
}

async function validate(writer, consumer) {
  const { acked, failures } = writer;
  if (failures.length > 0) throw new Error(`failed: ${failures.slice(0, FEW)}`);
  const missing = () => {
    const found = new Set(recordsOf(consumer).map(placeOf));
    return acked.filter((record) => !found.has(placeOf(record)));
  };
  try {
    await until('the consumer has it all', () => missing().length === 0, LIMIT_MS);
  } catch (error) {
    const lost = missing();
    const some = lost.slice(0, FEW).map(placeOf);
    throw new Error(`${error.message}: ${lost.length} of ${acked.length} are not read: ${some}`);
  }
  const seen = new Set();
  const isSeen = ({ value }) => seen.has(value) || !seen.add(value);
  const doubled = recordsOf(consumer).filter(isSeen).map(placeOf);
  if (doubled.length > 0) throw new Error(`at two offsets: ${doubled.slice(0, FEW)}`);
}
