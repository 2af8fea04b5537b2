/** Streams groups (KIP-1071) with Kafka's own command. */

import { join } from 'node:path';
import { KafkaConnection } from '../../crash/kafka-connection.mjs';
import { writeInputs } from '../../crash/transfer-inputs.mjs';
import { withScratch } from '../lib/clients.mjs';
import { createTopics, expectEqual, expectMatch, tool } from '../lib/kafka-tools.mjs';
import { endGroup, launch, signalGroup } from '../lib/process.mjs';
import { java } from '../lib/toolchains.mjs';
import { until } from '../lib/until.mjs';

const QUIET = ['-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-Xmx512m'];
const LOG = '-Dorg.slf4j.simpleLogger.defaultLogLevel=error';
const CONFIG = {
  'group.streams.min.session.timeout.ms': '6000',
  'group.streams.session.timeout.ms': '6000',
  'group.streams.min.heartbeat.interval.ms': '500',
  'group.streams.heartbeat.interval.ms': '500',
  'group.streams.initial.rebalance.delay.ms': '0',
};
const RECORDS = 100;
const WAIT_MS = 60_000;

async function writeLines(broker, topic) {
  const connection = await KafkaConnection.open(broker.port);
  try {
    for (const partition of [0, 1]) {
      await writeInputs(
        connection,
        topic,
        partition,
        RECORDS,
        (number) => `word${number % 7} other`,
      );
    }
    return true;
  } finally {
    connection.close();
  }
}

/** A word count that works, then a group that its one member has left. */
async function groupCommand(context) {
  const broker = await context.ownBroker({ config: CONFIG });
  const group = context.unique('words');
  const [input, output] = [`${group}-in`, `${group}-out`];
  await createTopics(broker, [{ name: input, partitions: 2 }, output]);
  // A new topic may have no leaders yet, and what was written is not written again.
  await until('the input is written', () => writeLines(broker, input).catch(() => false), WAIT_MS);
  const run = (...args) => {
    return tool('StreamsGroupCommand', ['--bootstrap-server', broker.bootstrap, ...args]);
  };
  const describe = (...how) => run('--describe', '--group', group, ...how);
  await withScratch(async (scratch) => {
    const { clientPath } = await java();
    const words = [broker.bootstrap, group, input, output, join(scratch, 'state'), 'streams'];
    const args = [...QUIET, LOG, '-cp', clientPath, 'WordCount', ...words];
    const application = launch('java', args, { stdio: 'ignore' });
    try {
      await whileItWorks(context, { run, describe, group, input, broker });
    } finally {
      signalGroup(application, 'SIGTERM');
      await endGroup(application);
    }
  });
  await onceItHasLeft(context, { run, describe, group, input });
}

async function whileItWorks(context, { run, describe, group, input, broker }) {
  const hasRead = new RegExp(`${input}\\s+0\\s+0\\n`);
  await context.step('--describe until it has read everything', () => {
    const hasNoLag = async () => hasRead.test(`${await describe('--offsets').catch(() => '')}\n`);
    return until('no lag', hasNoLag, WAIT_MS);
  });
  await context.step('--list, with states', async () => {
    expectMatch(await run('--list'), new RegExp(`^${group}$`, 'm'), 'list');
    expectMatch(await run('--list', '--state'), new RegExp(`${group}\\s+Stable`), 'states');
    const empty = await run('--list', '--state', 'Empty');
    expectEqual(empty.includes(group), false, 'among the empty');
  });
  await context.step('--describe --state --verbose', async () => {
    const out = await describe('--state', '--verbose');
    expectMatch(
      out,
      new RegExp(`${group}\\s+\\S+\\s+\\(\\d+\\)\\s+Stable\\s+\\d+\\s+\\d+\\s+1`),
      out,
    );
  });
  await context.step('--describe --members --verbose', async () => {
    const out = await describe('--members', '--verbose');
    expectMatch(out, /ACTIVE: 0:\[0,1\]; 1:\[0,1\]/, 'tasks');
  });
  await context.step('GroupsCommand --list --group-type streams', async () => {
    const server = ['--bootstrap-server', broker.bootstrap];
    const out = await tool('GroupsCommand', [...server, '--list', '--group-type', 'streams']);
    expectMatch(out, new RegExp(`${group}\\s+Streams\\s+streams`), 'list');
  });
  await context.step('--delete is refused while a member is there', async () => {
    expectMatch(await run('--delete', '--group', group), /could not be deleted/, 'answer');
  });
}

async function onceItHasLeft(context, { run, describe, group, input }) {
  await context.step('the group is empty when its member has closed', () => {
    return until('Empty', async () => /\sEmpty\s/.test(await describe('--state')), WAIT_MS);
  });
  const reset = async (...how) => {
    const out = await run('--reset-offsets', '--group', group, '--input-topic', input, ...how);
    const rows = [...out.matchAll(new RegExp(`${input}\\s+(\\d)\\s+(\\d+)`, 'g'))];
    rows.sort((a, b) => a[1] - b[1]);
    return rows.map((row) => Number(row[2]));
  };
  await context.step('--reset-offsets, dry run and executed', async () => {
    expectEqual(await reset('--to-earliest', '--dry-run'), [0, 0], 'dry run');
    expectEqual(await reset('--to-offset', '7', '--execute'), [7, 7], 'to an offset');
    expectEqual(await reset('--to-current', '--dry-run'), [7, 7], 'current');
  });
  await context.step('--delete-offsets', async () => {
    const args = ['--delete-offsets', '--group', group, '--input-topic', `${input}:0`];
    expectMatch(await run(...args), /Request succeeded|Successful/, 'answer');
  });
  await context.step('--delete', async () => {
    expectMatch(await run('--delete', '--group', group), /was successful/, 'answer');
    expectEqual((await run('--list')).split('\n').includes(group), false, 'still listed');
  });
}

export const streamsGroupChecks = [
  {
    name: 'StreamsGroupCommand',
    proves: 'list, describe, reset, delete of a streams group; GroupsCommand',
    needs: 'java, mvn',
    command: 'java … org.apache.kafka.tools.streams.StreamsGroupCommand …',
    sets: ['full', 'groups'],
    limitS: 240,
    run: groupCommand,
  },
];
