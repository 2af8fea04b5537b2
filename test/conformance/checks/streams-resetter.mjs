/**
 * Kafka's StreamsResetter and `millrace streams reset` after each other, on the same application of
 * millrace/streams: dead members, offsets, internal topics. Each time it begins anew.
 */

import { join } from 'node:path';
import { Admin } from '../../../dist/client/admin/admin.js';
import { KafkaConnection } from '../../crash/kafka-connection.mjs';
import { writeInputs } from '../../crash/transfer-inputs.mjs';
import { HERE } from '../lib/cache.mjs';
import { withScratch } from '../lib/clients.mjs';
import { createTopics, expectEqual, expectMatch, tryTool } from '../lib/kafka-tools.mjs';
import { millraceCommand } from '../lib/millrace-command.mjs';
import { execute } from '../lib/process.mjs';
import { StreamsApp } from '../lib/streams-apps.mjs';
import { until } from '../lib/until.mjs';

const APPLICATION = 'counting';
const PROGRAM = join(HERE, '..', 'streams', 'support', 'counting-app.mjs');
const CONFIG = {
  'group.streams.min.heartbeat.interval.ms': '200',
  'group.streams.heartbeat.interval.ms': '500',
  'group.streams.initial.rebalance.delay.ms': '0',
};
const PARTITIONS = 2;
const RECORDS = 100;
const WAIT_MS = 60_000;

async function writeAll(broker) {
  const connection = await KafkaConnection.open(broker.port);
  try {
    for (let partition = 0; partition < PARTITIONS; partition++) {
      await writeInputs(connection, 'input', partition, RECORDS);
    }
    return true;
  } finally {
    connection.close();
  }
}

/** What the application has committed of its input, by partition. */
async function committed(admin) {
  const listed = (await admin.groupOffsets.list([APPLICATION])).get(APPLICATION);
  if (listed instanceof Error) return [];
  const ofInput = listed.filter(({ topic }) => topic === 'input');
  return ofInput.toSorted((a, b) => a.partition - b.partition).map(({ offset }) => offset);
}

async function internalTopics(admin) {
  const names = (await admin.topics.list()).map(({ name }) => name);
  return names.filter((name) => name.startsWith(`${APPLICATION}-`));
}

/** One application on one broker, in groups of one protocol. */
class Resets {
  #broker;
  #admin;
  #scratch;
  #protocol;
  #logFile;
  #lives = 0;

  constructor(broker, admin, scratch, protocol, logFile) {
    this.#broker = broker;
    this.#admin = admin;
    this.#scratch = scratch;
    this.#protocol = protocol;
    this.#logFile = logFile;
  }

  /** It counts everything from the beginning, with nothing on its disk, and ends. */
  async run(how) {
    const state = join(this.#scratch, String(++this.#lives));
    const options = { groupProtocol: this.#protocol, replicationFactor: 1 };
    const args = [this.#broker.bootstrap, state, 'exactly_once_v2', JSON.stringify(options)];
    const app = new StreamsApp([process.execPath, PROGRAM, ...args], /^\{/, this.#logFile);
    await app.start();
    try {
      const all = JSON.stringify(Array(PARTITIONS).fill(RECORDS));
      const isCounted = async () => JSON.stringify(await committed(this.#admin)) === all;
      await until('everything is counted', isCounted, WAIT_MS);
      expectEqual(await internalTopics(this.#admin), ['counting-counts-changelog'], 'topics');
      await app[how]();
    } finally {
      await app.kill();
    }
  }

  /** Exit status and all that was said. */
  async kafka(...flags) {
    const args = ['--bootstrap-server', this.#broker.bootstrap, '--application-id', APPLICATION];
    const done = await tryTool('StreamsResetter', [...args, '--input-topics', 'input', ...flags]);
    return { code: done.code, said: `${done.stdout}\n${done.stderr}` };
  }

  async ours(...flags) {
    const at = ['-b', this.#broker.bootstrap, '--input-topics', 'input'];
    const [node, ...words] = millraceCommand('streams', 'reset', APPLICATION, ...at, ...flags);
    const done = await execute(node, words);
    return { code: done.code, said: `${done.stdout}\n${done.stderr}` };
  }

  /** The application is as it was before its first start. */
  async requireReset({ code, said }) {
    expectEqual(code, 0, `exit status; it said: ${said}`);
    expectEqual(await committed(this.#admin), Array(PARTITIONS).fill(0), 'committed');
    const isGone = async () => (await internalTopics(this.#admin)).length === 0;
    await until('the changelog is gone', isGone, WAIT_MS);
  }

  async requireRefused({ code, said }, why) {
    expectEqual(code, 1, `exit status; it said: ${said}`);
    expectMatch(said, why, 'what it said');
    expectEqual(await committed(this.#admin), Array(PARTITIONS).fill(RECORDS), 'committed');
    expectEqual((await internalTopics(this.#admin)).length, 1, 'internal topics');
  }
}

async function withResets(context, protocol, work) {
  const broker = await context.ownBroker({ config: CONFIG });
  await createTopics(broker, [
    { name: 'input', partitions: PARTITIONS },
    { name: 'output', partitions: PARTITIONS },
  ]);
  // A new topic may have no leaders yet, and what was written is not written again.
  await until('the input is written', () => writeAll(broker).catch(() => false), WAIT_MS);
  const admin = new Admin({ bootstrapServers: broker.bootstrap });
  try {
    await withScratch((scratch) => {
      return work(new Resets(broker, admin, scratch, protocol, context.logFile));
    });
  } finally {
    await admin.close();
  }
}

async function classic(context) {
  await withResets(context, 'classic', async (resets) => {
    await context.step('classic: both refuse while a dead member is there', async () => {
      await resets.run('kill');
      await resets.requireRefused(await resets.kafka(), /is still active/);
      await resets.requireRefused(await resets.ours(), /is still active/);
    });
    await context.step('classic: StreamsResetter --force', async () => {
      await resets.requireReset(await resets.kafka('--force'));
    });
    await context.step('classic: millrace streams reset --force', async () => {
      await resets.run('kill');
      await resets.requireReset(await resets.ours('--force'));
    });
    await context.step('classic: the application begins anew', () => resets.run('stop'));
  });
}

/** Kafka's tool knows members of classic groups only: a dead one of another group bars the commit. */
async function streams(context) {
  await withResets(context, 'streams', async (resets) => {
    await context.step('streams: both refuse while a dead member is there', async () => {
      await resets.run('kill');
      await resets.requireRefused(await resets.kafka('--force'), /CommitFailed|UnknownMember/);
      await resets.requireRefused(await resets.ours(), /is still active/);
    });
    await context.step('streams: millrace streams reset --force', async () => {
      await resets.requireReset(await resets.ours('--force'));
    });
    await context.step('streams: StreamsResetter once the members have left', async () => {
      await resets.run('stop');
      await resets.requireReset(await resets.kafka());
    });
    await context.step('streams: the application begins anew', () => resets.run('stop'));
  });
}

export const streamsResetterChecks = [
  {
    name: 'StreamsResetter',
    proves: 'StreamsResetter and millrace streams reset on an application of millrace/streams',
    needs: 'java, mvn',
    command: 'java … org.apache.kafka.tools.StreamsResetter …; millrace streams reset …',
    sets: ['full'],
    limitS: 400,
    run: async (context) => {
      await classic(context);
      await streams(context);
    },
  },
];
