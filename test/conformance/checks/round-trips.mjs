/**
 * Each client writes the same records with each codec; it and the Java client read them back, and
 * it reads what the Java client wrote. Every byte, timestamp, header and offset must agree.
 */

import { join } from 'node:path';
import { CLIENTS, runJobs, withScratch } from '../lib/clients.mjs';
import { createTopics } from '../lib/kafka-tools.mjs';
import { compareRecords, makeRecords, readRecords, writeRecords } from '../lib/records.mjs';

const COUNT = 300;

export const roundTripChecks = Object.entries(CLIENTS).map(([name, client]) => ({
  name: `round-trip-${name}`,
  proves: `${client.title}: write and read ${client.codecs.join(', ')}; headers, nulls, times`,
  needs: client.needs,
  command: `clients: ${name} writes; ${name} and java read; java writes; ${name} reads`,
  sets: ['quick', 'full'],
  limitS: 300,
  run: (context) => withScratch((folder) => roundTrip(context, name, client, folder)),
}));

export async function roundTrip(context, name, client, folder) {
  const broker = await context.broker();
  const plans = plansOf(context.unique(`rt-${name}`), name, client);
  await createTopics(
    broker,
    plans.map((plan) => plan.topic),
  );
  const sent = new Map();
  for (const [seed, plan] of plans.entries()) {
    const records = makeRecords(COUNT, seed + 1, client.traits);
    plan.sentFile = join(folder, `${plan.topic}.sent`);
    await writeRecords(plan.sentFile, records);
    sent.set(plan.topic, records);
  }
  for (const writerName of new Set([name, 'java'])) {
    const writer = writerName === name ? client : CLIENTS[writerName];
    const own = plans.filter((plan) => plan.writer === writerName);
    const jobs = own.map(({ topic, codec, idempotent, sentFile }) => {
      return { do: 'produce', topic, codec, idempotent, file: sentFile };
    });
    if (jobs.length === 0) continue;
    const errors = await runJobs(writer, broker.bootstrap, jobs, folder);
    await context.steps(own, (plan) => `${writerName} writes ${plan.label}`, errors);
    for (const [i, plan] of own.entries()) plan.failed = errors[i] !== null;
  }
  const written = plans.filter((plan) => !plan.failed);
  await readBack(context, broker, name, client, written, sent, folder);
  if (name === 'java') return;
  const own = written.filter((plan) => plan.writer === name);
  await readBack(context, broker, 'java', CLIENTS.java, own, sent, folder);
}

/** What is written: by the client with each codec, and by the Java client for it to read. */
function plansOf(prefix, name, client) {
  const plans = client.codecs.map((codec) => {
    return { writer: name, codec, idempotent: false, label: codec, topic: `${prefix}-${codec}` };
  });
  const topic = `${prefix}-idempotent`;
  plans.push({ writer: name, codec: 'none', idempotent: true, label: 'idempotent', topic });
  if (name === 'java') return plans;
  for (const codec of client.codecs) {
    const label = `java's ${codec}`;
    plans.push({
      writer: 'java',
      codec,
      idempotent: true,
      label,
      topic: `${prefix}-java-${codec}`,
    });
  }
  return plans;
}

async function readBack(context, broker, readerName, reader, plans, sent, folder) {
  if (plans.length === 0) return;
  const jobs = plans.map(({ topic }) => {
    const file = join(folder, `${topic}.${readerName}`);
    return { do: 'consume', topic, count: COUNT, file };
  });
  const errors = await runJobs(reader, broker.bootstrap, jobs, folder);
  for (const [i, plan] of plans.entries()) {
    const label = `${readerName} reads ${plan.writer === readerName ? 'its ' : ''}${plan.label}`;
    await context.step(label, async () => {
      if (errors[i] !== null) throw new Error(errors[i]);
      compareRecords(sent.get(plan.topic), await readRecords(jobs[i].file));
    });
  }
}
