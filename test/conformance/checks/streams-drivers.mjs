/**
 * Kafka's drivers judge applications that are stopped, killed and moved: ours, Kafka's, and one that
 * goes on in the other.
 */

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Admin } from '../../../dist/client/admin/admin.js';
import { createTopics } from '../lib/kafka-tools.mjs';
import { SMOKE_GROUP, smokeBroker, smokeJudged } from '../lib/smoke-test.mjs';
import { disturbed, judged, StreamsApp, withApps } from '../lib/streams-apps.mjs';
import { until } from '../lib/until.mjs';

const GUARANTEES = ['at_least_once', 'exactly_once_v2'];
const RELATIONAL_TOPICS = [
  { name: 'in-article', partitions: 3 },
  { name: 'in-comment', partitions: 5 },
  { name: 'out-augmented-article', partitions: 3 },
  { name: 'out-augmented-comment', partitions: 5 },
];
const SMOKE = { keys: 10, perKey: 1_000, seconds: 40 };
/** Articles, comments, and how long they take to write. */
const RELATIONAL = [300, 3_000, 25];
const PAUSE_MS = 4_000;
const EMPTY_MS = 30_000;
const COMMITTED_MS = 60_000;

/** The driver writes and judges while the applications are stopped or killed in turn. */
async function relationalWhile(args, apps, logFile) {
  for (const app of apps) await app.start();
  let isOver = false;
  const work = judged('RelationalDriver', args, logFile).finally(() => {
    isOver = true;
  });
  // What goes wrong first is what is told.
  await Promise.all([work, disturbed(apps, 'both', PAUSE_MS, () => isOver)]);
}

async function relational(context, guarantee) {
  const broker = await context.ownBroker();
  await createTopics(broker, RELATIONAL_TOPICS);
  await withApps(async (folder, apps) => {
    for (const name of ['one', 'two', 'three']) {
      const args = [broker.bootstrap, guarantee, join(folder, name)];
      apps.push(StreamsApp.millrace('streams-relational', args, context.logFile));
    }
    await relationalWhile([broker.bootstrap, ...RELATIONAL], apps, context.logFile);
  });
}

function javaProperties(broker, guarantee, protocol) {
  const classic = { 'session.timeout.ms': 6_000, 'heartbeat.interval.ms': 1_000 };
  return {
    'bootstrap.servers': broker.bootstrap,
    'processing.guarantee': guarantee,
    'replication.factor': 1,
    'commit.interval.ms': 100,
    'auto.offset.reset': 'earliest',
    'group.protocol': protocol,
    ...(protocol === 'classic' ? classic : {}),
  };
}

/** As kafkatest's streams_smoke_test: three processes of Kafka's, each stopped and started again. */
async function javaSmoke(context, guarantee, protocol) {
  const broker = await smokeBroker(context);
  await withApps(async (folder, apps) => {
    const properties = javaProperties(broker, guarantee, protocol);
    for (const _name of ['one', 'two', 'three']) {
      apps.push(await StreamsApp.javaSmoke(folder, properties, context.logFile));
    }
    for (const app of apps) await app.start();
    const disturbing = disturbed(apps, 'stops', PAUSE_MS);
    await smokeJudged(broker, guarantee, SMOKE, context.logFile, disturbing);
  });
}

/** What the group has committed of its input, over all partitions. */
async function committedInput(admin) {
  const listed = (await admin.groupOffsets.list([SMOKE_GROUP])).get(SMOKE_GROUP);
  if (listed instanceof Error) throw listed;
  const offsets = listed.filter(({ topic }) => topic === 'data').map(({ offset }) => offset);
  return offsets.reduce((sum, offset) => sum + offset, 0);
}

/** Whoever runs it now works on it. */
function untilCommitted(admin, before) {
  const isBeyond = async () => (await committedInput(admin)) > before;
  return until(`something is committed beyond ${before}`, isBeyond, COMMITTED_MS);
}

function untilEmpty(admin) {
  const isEmpty = async () => {
    const group = (await admin.groups.describe([SMOKE_GROUP])).get(SMOKE_GROUP);
    if (group instanceof Error) throw group;
    return group.members.length === 0;
  };
  return until('the group has no members', isEmpty, EMPTY_MS);
}

/** From Java's application to ours and back, each once it has worked. */
async function moved(admin, java, ours) {
  let before = 0;
  for (const [from, to] of [
    [java, ours],
    [ours, java],
  ]) {
    await untilCommitted(admin, before);
    await pause(PAUSE_MS);
    await from.stop();
    await untilEmpty(admin);
    before = await committedInput(admin);
    await to.start();
  }
}

/** Java's application, ours and Java's again, with the same offsets, changelogs and topics. */
async function move(context, guarantee) {
  const broker = await smokeBroker(context);
  const admin = new Admin({ bootstrapServers: broker.bootstrap });
  await withApps(async (folder, apps) => {
    const properties = javaProperties(broker, guarantee, 'classic');
    const java = await StreamsApp.javaSmoke(folder, properties, context.logFile);
    const args = [broker.bootstrap, guarantee, 'classic'];
    const ours = StreamsApp.millrace('streams-smoke', args, context.logFile);
    apps.push(java, ours);
    await java.start();
    const moving = moved(admin, java, ours);
    await smokeJudged(broker, guarantee, SMOKE, context.logFile, moving);
  }).finally(() => admin.close());
}

/** One step, which says what the driver must say. */
function driven(name, proves, command, limitS, run) {
  const step = (context) => context.step('the driver says SUCCESS', () => run(context));
  return { name, proves, needs: 'java, mvn', command, sets: ['full'], limitS, run: step };
}

/** `streams-groups.mjs` has those with kills. */
function javaSmokeCheck(guarantee, protocol) {
  return driven(
    `streams-stops-java-${protocol}-${guarantee}`,
    `Kafka's SmokeTestClient, three processes, group.protocol=${protocol}, ${guarantee}, clean stops`,
    'java … StreamsSmokeTest PROPERTIES process, three times; SmokeDriver',
    600,
    (context) => javaSmoke(context, guarantee, protocol),
  );
}

export const streamsDriverChecks = [
  ...GUARANTEES.map((guarantee) =>
    driven(
      `streams-relational-${guarantee}`,
      `the driver of Kafka's RelationalSmokeTest judges its topology on millrace/streams, ${guarantee}, three instances, stops and kill -9`,
      `RelationalDriver BOOTSTRAP ${RELATIONAL.join(' ')}`,
      600,
      (context) => relational(context, guarantee),
    ),
  ),
  ...GUARANTEES.flatMap((guarantee) =>
    ['classic', 'streams'].map((protocol) => javaSmokeCheck(guarantee, protocol)),
  ),
  ...GUARANTEES.map((guarantee) =>
    driven(
      `streams-move-${guarantee}`,
      `Java's application goes on in millrace/streams and back, ${guarantee}: the same offsets, changelogs and topics`,
      'StreamsSmokeTest; streams-smoke.mjs; StreamsSmokeTest; SmokeDriver',
      600,
      (context) => move(context, guarantee),
    ),
  ),
];
