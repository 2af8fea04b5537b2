/**
 * Each client writes the same records with each codec; it and the Java client read them back, and
 * it reads what the Java client wrote. Every byte, timestamp, header and offset must agree.
 */

import { join } from 'node:path';
import { CLIENTS, MILLRACE_CLIENT, runJobs, withScratch } from '../lib/clients.mjs';
import { createTopics } from '../lib/kafka-tools.mjs';
import { compareRecords, makeRecords, readRecords, writeRecords } from '../lib/records.mjs';

const COUNT = 300;
const JAVA = { java: CLIENTS.java };
const { java, librdkafka, 'franz-go': franzGo, kafkajs } = CLIENTS;

export const roundTripChecks = Object.entries(CLIENTS).map(([name, client]) => ({
  name: `round-trip-${name}`,
  proves: `${client.title}: write and read ${client.codecs.join(', ')}; headers, nulls, times`,
  needs: client.needs,
  command: `clients: ${name} writes; ${name} and java read; java writes; ${name} reads`,
  sets: ['quick', 'full'],
  limitS: 300,
  run: (context) => withScratch((folder) => roundTrip(context, name, client, folder)),
}));

roundTripChecks.push({
  name: 'round-trip-millrace',
  proves: `${MILLRACE_CLIENT.title}: all codecs both ways with Java, librdkafka, franz-go, KafkaJS`,
  needs: MILLRACE_CLIENT.needs,
  command: 'clients: millrace writes; it and the others read; each of them writes; millrace reads',
  sets: ['full'],
  limitS: 400,
  run: (context) => {
    const peers = { java, librdkafka, 'franz-go': franzGo, kafkajs };
    return withScratch((folder) => roundTrip(context, 'millrace', MILLRACE_CLIENT, folder, peers));
  },
});

/** `peers` read what the client writes, and write what it reads. */
export async function roundTrip(context, name, client, folder, peers = JAVA) {
  const broker = await context.broker();
  const others = Object.entries(peers).filter(([peer]) => peer !== name);
  const traitsOfAll = Object.assign({}, client.traits, ...others.map(([, peer]) => peer.traits));
  const plans = plansOf(context.unique(`rt-${name}`), name, client, others);
  await createTopics(
    broker,
    plans.map((plan) => plan.topic),
  );
  const sent = new Map();
  for (const [seed, plan] of plans.entries()) {
    const peer = plan.writer === name ? undefined : peers[plan.writer];
    const traits = peer === undefined ? traitsOfAll : { ...client.traits, ...peer.traits };
    const records = makeRecords(COUNT, seed + 1, traits);
    plan.sentFile = join(folder, `${plan.topic}.sent`);
    await writeRecords(plan.sentFile, records);
    sent.set(plan.topic, records);
  }
  for (const [writerName, writer] of [[name, client], ...others]) {
    const own = plans.filter((plan) => plan.writer === writerName);
    const jobs = own.map(({ topic, codec, idempotent, sentFile }) => {
      return { do: 'produce', topic, codec, idempotent, file: sentFile };
    });
    const errors = await runJobs(writer, broker.bootstrap, jobs, folder);
    await context.steps(own, (plan) => `${writerName} writes ${plan.label}`, errors);
    for (const [i, plan] of own.entries()) plan.failed = errors[i] !== null;
  }
  const written = plans.filter((plan) => !plan.failed);
  await readBack(context, broker, name, client, written, sent, folder);
  const own = written.filter((plan) => plan.writer === name);
  for (const [peer, reader] of others) {
    await readBack(context, broker, peer, reader, own, sent, folder);
  }
}

/** What is written: by the client with each codec, and by the others for it to read. */
function plansOf(prefix, name, client, others) {
  const plans = client.codecs.map((codec) => {
    return { writer: name, codec, idempotent: false, label: codec, topic: `${prefix}-${codec}` };
  });
  const topic = `${prefix}-idempotent`;
  plans.push({ writer: name, codec: 'none', idempotent: true, label: 'idempotent', topic });
  for (const [peer] of others) {
    for (const codec of client.codecs) {
      const label = `${peer}'s ${codec}`;
      const topic = `${prefix}-${peer}-${codec}`;
      plans.push({ writer: peer, codec, idempotent: true, label, topic });
    }
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
