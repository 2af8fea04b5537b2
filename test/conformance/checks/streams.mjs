/** millrace/streams held against Kafka Streams: its test driver, and its own smoke test. */

import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { differences } from '../../streams/judge/differential.mjs';
import { judgeClassPath } from '../../streams/judge/judge.mjs';
import { HERE } from '../lib/cache.mjs';
import { createTopics } from '../lib/kafka-tools.mjs';
import { endGroup, launch, mustExecute } from '../lib/process.mjs';
import { judged, untilQuiet } from '../lib/streams-apps.mjs';

const CASES = Number(process.env.MILLRACE_STREAMS_CASES ?? 1_000);
const SEED = Number(process.env.MILLRACE_STREAMS_SEED ?? 1);
const SHOWN = 3;
/** Keys, records of each, and how long they take to write. */
const SMOKE = [10, 500, 10];
const GROUP = 'SmokeTest';
const SMOKE_PARTITIONS = 5;
/** The driver writes for ten seconds: others must have the tasks of the dead one before it looks. */
const KILL_AFTER_MS = 2_000;
export const SMOKE_TOPICS = [
  ...['data', 'echo', 'min', 'min-suppressed', 'min-raw', 'max', 'sum', 'sws-raw'],
  ...['sws-suppressed', 'dif', 'cnt', 'avg', 'tagg', 'fk'],
];

async function differential(context) {
  await context.step(`${CASES} random topologies from seed ${SEED}`, async () => {
    const found = await differences(SEED, CASES);
    if (found.length === 0) return;
    const shown = found.slice(0, SHOWN).map(({ seed, what }) => `seed ${seed}: ${what}`);
    throw new Error(`${found.length} of ${CASES} differ; ${shown.join('; ')}`);
  });
}

async function startApplication(broker, guarantee, protocol) {
  const program = join(HERE, 'clients', 'millrace', 'streams-smoke.mjs');
  const args = [program, broker.bootstrap, guarantee, protocol];
  const child = launch(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(child.stdout, 'data');
  if (!String(line).startsWith('RUNNING')) throw new Error(`the application said ${line}`);
  child.stdout.resume();
  return child;
}

/** Kafka's driver writes, and judges once the application has nothing to do any more. */
function smokeJudged(broker, guarantee, logFile, quiet) {
  const [keys, records, seconds] = SMOKE;
  const args = [broker.bootstrap, keys, records, guarantee, seconds, 'waits'];
  return judged('SmokeDriver', args, logFile, quiet);
}

/** Kafka's driver writes and judges while our application runs; kills come in between. */
async function smoke(context, guarantee, withKills) {
  const broker = await context.ownBroker();
  const partitions = SMOKE_PARTITIONS;
  await createTopics(
    broker,
    SMOKE_TOPICS.map((name) => ({ name, partitions })),
  );
  const start = () => startApplication(broker, guarantee, 'auto');
  let application = await start();
  let isOver = false;
  const killing = withKills
    ? (async () => {
        for (let kill = 0; kill < 3 && !isOver; kill++) {
          await new Promise((done) => setTimeout(done, 4_000));
          process.kill(-application.pid, 'SIGKILL');
          await once(application, 'close');
          application = await start();
        }
      })()
    : Promise.resolve();
  try {
    const quiet = () => killing.then(() => untilQuiet(broker, GROUP));
    await Promise.all([smokeJudged(broker, guarantee, context.logFile, quiet), killing]);
  } finally {
    isOver = true;
    await endGroup(application);
  }
}

/** Kafka's own instance of the application, in the same streams group. */
async function startJava(broker, guarantee) {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-smoke-'));
  const judge = await judgeClassPath();
  const source = join(HERE, '..', 'streams', 'judge', 'SmokeInstance.java');
  await mustExecute('javac', ['-nowarn', '-cp', judge, '-d', folder, source]);
  const classPath = [folder, judge].join(delimiter);
  const quiet = '-Dorg.slf4j.simpleLogger.defaultLogLevel=off';
  const given = [broker.bootstrap, guarantee, join(folder, 'state')];
  const args = ['-Xmx512m', quiet, '-cp', classPath, 'SmokeInstance', ...given];
  const child = launch('java', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let said = '';
  await new Promise((resolve, reject) => {
    child.stdout.on('data', (text) => {
      said += text;
      if (/^RUNNING$/m.test(said)) resolve();
      if (said.includes('FAILED')) reject(new Error(said.slice(-1_500)));
    });
    child.once('close', () => reject(new Error(`it ended: ${said.slice(-1_500)}`)));
  });
  return { child, folder };
}

/** One instance of ours and one of Kafka's share a group; one of them is killed. */
async function mixed(context, guarantee, killed) {
  const ends = { 'transaction.abort.timed.out.transaction.cleanup.interval.ms': '500' };
  const limits = { 'group.streams.min.session.timeout.ms': '3000' };
  const timing = {
    'group.streams.session.timeout.ms': '3000',
    'group.streams.min.heartbeat.interval.ms': '1000',
    'group.streams.heartbeat.interval.ms': '1000',
  };
  const broker = await context.ownBroker({ config: { ...ends, ...limits, ...timing } });
  const partitions = SMOKE_PARTITIONS;
  await createTopics(
    broker,
    SMOKE_TOPICS.map((name) => ({ name, partitions })),
  );
  const ours = await startApplication(broker, guarantee, 'streams');
  const { child: java, folder } = await startJava(broker, guarantee);
  const killing = (async () => {
    await new Promise((done) => setTimeout(done, KILL_AFTER_MS));
    process.kill(-(killed === 'java' ? java : ours).pid, 'SIGKILL');
  })();
  try {
    const quiet = () => killing.then(() => untilQuiet(broker, GROUP));
    await smokeJudged(broker, guarantee, context.logFile, quiet);
  } finally {
    await endGroup(killed === 'java' ? ours : java);
    await rm(folder, { recursive: true, force: true });
  }
}

function mixedCheck(guarantee, killed) {
  const whose = killed === 'java' ? "Kafka's" : 'ours';
  return {
    name: `streams-smoke-mixed-${killed}-killed`,
    proves: `one instance of Kafka Streams and one of millrace/streams in one streams group, ${whose} killed: SmokeTestDriver says SUCCESS`,
    needs: 'java, mvn',
    command: `SmokeInstance, and SmokeDriver BOOTSTRAP ${SMOKE.slice(0, 2).join(' ')} ${guarantee}`,
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
    command: `SmokeDriver BOOTSTRAP ${SMOKE.slice(0, 2).join(' ')} ${guarantee}`,
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
    sets: ['full'],
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
