/**
 * An observer beside three controllers and two brokers of Apache Kafka: whatever Kafka's tools
 * change, it tells the same as a broker does.
 */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { withScratch } from '../lib/clients.mjs';
import { Cluster } from '../lib/cluster.mjs';
import { imageAt, untilEqual } from '../lib/cluster-image.mjs';
import { expectEqual, tool } from '../lib/kafka-tools.mjs';
import { compareWithDump } from '../lib/metadata-log.mjs';

const OBSERVER_ID = '99';
const MANY_TOPICS = 40;
const STOPPED_MS = 8_000;
const SHARED = {
  'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
  'super.users': 'User:ANONYMOUS',
};
/** Controllers write a snapshot each few dozen records, and drop what it holds. */
const CONTROLLERS = {
  ...SHARED,
  'metadata.log.max.record.bytes.between.snapshots': '5000',
  'metadata.log.segment.bytes': '8388608',
  'metadata.max.retention.bytes': '10000',
};

/** The steps in which Kafka's tools change something, each with the name of the tool. */
function changes(cluster) {
  const at = ['--bootstrap-server', cluster.bootstrap];
  const topics = (...args) => tool('TopicCommand', [...at, ...args]);
  const configs = (...args) => tool('ConfigCommand', [...at, '--alter', ...args]);
  const user = ['--entity-type', 'users', '--entity-name', 'alice'];
  return {
    'topics are created': () => {
      const of = ['--partitions', '5', '--replication-factor', '2'];
      return topics('--create', '--topic', 'orders', ...of, '--config', 'retention.ms=60000');
    },
    'a topic is altered': () => {
      const entity = ['--entity-type', 'topics', '--entity-name', 'orders'];
      const added = 'cleanup.policy=[compact,delete],segment.ms=600000';
      return configs(...entity, '--add-config', added, '--delete-config', 'retention.ms');
    },
    'a topic gets partitions': () => topics('--alter', '--topic', 'orders', '--partitions', '12'),
    'a topic is deleted and made again': async () => {
      await topics('--create', '--topic', 'short', '--partitions', '2');
      await topics('--delete', '--topic', 'short');
      await topics('--create', '--topic', 'short', '--partitions', '1');
    },
    'partitions are reassigned': () => reassign(at),
    'quotas are set': () => configs(...user, '--add-config', 'producer_byte_rate=1024'),
    'users get passwords': () => {
      return configs(...user, '--add-config', 'SCRAM-SHA-256=[iterations=4096,password=secret]');
    },
    'rules of access are made': () => {
      const rule = ['--add', '--allow-principal', 'User:alice', '--producer', '--topic', 'orders'];
      return tool('AclCommand', [...at, ...rule]);
    },
    'brokers are configured': () => {
      const entity = ['--entity-type', 'brokers', '--entity-default'];
      return configs(...entity, '--add-config', 'log.cleaner.threads=2');
    },
  };
}

function reassign(at) {
  return withScratch(async (folder) => {
    const file = join(folder, 'reassignment.json');
    const partitions = [0, 1, 2].map((partition) => {
      return { topic: 'orders', partition, replicas: [[12, 11], [11], [12]][partition] };
    });
    await writeFile(file, JSON.stringify({ version: 1, partitions }));
    const plan = ['--reassignment-json-file', file];
    await tool('ReassignPartitionsCommand', [...at, ...plan, '--execute']);
  });
}

function createMany(cluster, prefix) {
  const names = Array.from({ length: MANY_TOPICS }, (_, i) => `${prefix}-${i}`);
  return cluster.createTopics(names);
}

/** Each controller in turn while it leads, and back again. */
async function killControllers(context, cluster, equal) {
  for (const round of [1, 2, 3]) {
    await context.step(`the leading controller is killed (${round})`, async () => {
      const leader = await cluster.leadingController();
      await leader.kill();
      await createMany(cluster, `killed-${round}`);
      await equal();
      await leader.start();
    });
  }
}

async function observe(context, cluster) {
  const config = {
    ...SHARED,
    'process.roles': 'observer',
    'node.id': OBSERVER_ID,
    'controller.quorum.bootstrap.servers': cluster.bootstrapControllers,
  };
  let observer = await context.ownBroker({ config });
  const [broker, other] = cluster.brokers;
  const equal = () => untilEqual(observer.port, broker.port);
  await context.step('it starts and says what a broker says', equal);
  for (const [name, change] of Object.entries(changes(cluster))) {
    await context.step(name, async () => {
      await change();
      await equal();
    });
  }
  await context.step('a broker dies and comes back', async () => {
    await other.kill();
    await cluster.untilFenced(other);
    await equal();
    await other.start();
    await equal();
  });
  await killControllers(context, cluster, equal);
  await context.step("every record is read as by Kafka's DumpLogSegments", async () => {
    const [controller] = cluster.controllers;
    const count = await compareWithDump(controller.properties['log.dirs']);
    expectEqual(count > MANY_TOPICS, true, `${count} records are many`);
  });
  await context.step('it was stopped while much changed', async () => {
    observer.signal('SIGSTOP');
    await createMany(cluster, 'paused');
    await new Promise((resolve) => setTimeout(resolve, STOPPED_MS));
    observer.signal('SIGCONT');
    await equal();
  });
  await context.step('it starts anew, from a snapshot', async () => {
    await observer.stop();
    observer = await context.ownBroker({ config });
    await equal();
    expectEqual(await context.logged('starts from the snapshot'), true, 'a snapshot was taken');
  });
  await context.step('clients are sent to the brokers and not to it', async () => {
    const { brokers } = await imageAt(observer.port);
    expectEqual(
      brokers.map(({ nodeId }) => nodeId),
      [11, 12],
      'brokers',
    );
    const at = ['--bootstrap-server', observer.bootstrap];
    const listed = await tool('TopicCommand', [...at, '--describe', '--topic', 'orders']);
    expectEqual(/PartitionCount: 12/.test(listed), true, 'TopicCommand through the observer');
  });
}

async function clusterObserver(context) {
  const cluster = await Cluster.start({ brokers: 2, config: CONTROLLERS, ...context });
  try {
    await observe(context, cluster);
  } finally {
    await cluster.discard();
  }
}

export const clusterChecks = [
  {
    name: 'cluster-observer',
    proves: "an observer under Apache Kafka's controllers tells what Kafka's brokers tell",
    needs: 'java, mvn',
    command: 'millrace serve --override process.roles=observer …; TopicCommand, ConfigCommand …',
    sets: ['full', 'cluster'],
    brokers: ['millrace'],
    limitS: 400,
    run: clusterObserver,
  },
];
