/** millrace/streams held against Kafka Streams: its test driver, and its own smoke test. */

import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { differences } from '../../streams/judge/differential.mjs';
import { smokeBroker, smokeJudged } from '../lib/smoke-test.mjs';
import { disturbed, StreamsApp, withApps } from '../lib/streams-apps.mjs';

const CASES = Number(process.env.MILLRACE_STREAMS_CASES ?? 1_000);
const SEED = Number(process.env.MILLRACE_STREAMS_SEED ?? 1);
const SHOWN = 3;
const SMOKE = { keys: 10, perKey: 500, seconds: 10 };
const KILL_EVERY_MS = 4_000;
/** The driver writes for ten seconds: others must have the tasks of the dead one before it looks. */
const KILL_AFTER_MS = 2_000;
/** So that others have the tasks of a dead member soon, and its open transaction has an end. */
const SHORT_SESSIONS = {
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '500',
  'group.streams.min.session.timeout.ms': '3000',
  'group.streams.session.timeout.ms': '3000',
  'group.streams.min.heartbeat.interval.ms': '1000',
  'group.streams.heartbeat.interval.ms': '1000',
};

async function differential(context) {
  await context.step(`${CASES} random topologies from seed ${SEED}`, async () => {
    const found = await differences(SEED, CASES);
    if (found.length === 0) return;
    const shown = found.slice(0, SHOWN).map(({ seed, what }) => `seed ${seed}: ${what}`);
    throw new Error(`${found.length} of ${CASES} differ; ${shown.join('; ')}`);
  });
}

/** Kafka's driver writes and judges while our application runs; kills come in between. */
async function smoke(context, guarantee, withKills) {
  const broker = await smokeBroker(context);
  await withApps(async (_folder, apps) => {
    const args = [broker.bootstrap, guarantee, 'auto'];
    const app = StreamsApp.millrace('streams-smoke', args, context.logFile);
    apps.push(app);
    await app.start();
    const disturbing = withKills ? disturbed(apps, 'kills', KILL_EVERY_MS) : Promise.resolve();
    await smokeJudged(broker, guarantee, SMOKE, context.logFile, disturbing);
  });
}

/** One instance of ours and one of Kafka's share a group; one of them is killed. */
async function mixed(context, guarantee, killed) {
  const broker = await smokeBroker(context, { config: SHORT_SESSIONS });
  await withApps(async (folder, apps) => {
    const args = [broker.bootstrap, guarantee];
    const ours = [...args, 'streams'];
    const both = {
      millrace: StreamsApp.millrace('streams-smoke', ours, context.logFile),
      java: await StreamsApp.javaInstance([...args, join(folder, 'java')], context.logFile),
    };
    apps.push(...Object.values(both));
    for (const app of apps) await app.start();
    const killing = pause(KILL_AFTER_MS).then(() => both[killed].kill());
    await smokeJudged(broker, guarantee, SMOKE, context.logFile, killing);
  });
}

function driverCommand(guarantee) {
  return `SmokeDriver BOOTSTRAP ${SMOKE.keys} ${SMOKE.perKey} ${guarantee}`;
}

function mixedCheck(guarantee, killed) {
  const whose = killed === 'java' ? "Kafka's" : 'ours';
  return {
    name: `streams-smoke-mixed-${killed}-killed`,
    proves: `one instance of Kafka Streams and one of millrace/streams in one streams group, ${whose} killed: SmokeTestDriver says SUCCESS`,
    needs: 'java, mvn',
    command: `SmokeInstance, and ${driverCommand(guarantee)}`,
    sets: ['full'],
    limitS: 400,
    run: (context) => {
      return context.step('the driver says SUCCESS', () => mixed(context, guarantee, killed));
    },
  };
}

function smokeCheck(guarantee, withKills) {
  const kills = withKills ? '-kills' : '';
  return {
    name: `streams-smoke-${guarantee}${kills}`,
    proves: `Kafka's SmokeTestDriver judges its topology on millrace/streams, ${guarantee}${withKills ? ', kill -9' : ''}`,
    needs: 'java, mvn',
    command: driverCommand(guarantee),
    sets: ['full'],
    limitS: 400,
    run: (context) => {
      return context.step('the driver says SUCCESS', () => smoke(context, guarantee, withKills));
    },
  };
}

export const streamsChecks = [
  {
    name: 'streams-differential',
    proves:
      "millrace/streams and Kafka Streams' TopologyTestDriver: the same records, byte for byte",
    needs: 'java, mvn',
    command: 'Judge, and TestDriver of millrace/streams/testing, the same random cases',
    sets: ['quick', 'full'],
    brokers: ['millrace'],
    limitS: 600,
    run: differential,
  },
  smokeCheck('at_least_once', false),
  smokeCheck('exactly_once_v2', false),
  smokeCheck('exactly_once_v2', true),
  mixedCheck('exactly_once_v2', 'java'),
  mixedCheck('exactly_once_v2', 'millrace'),
];
