/**
 * Replicas whose logs have parted, since one led that was not in sync: they find where, and what
 * only one of them has goes (KIP-101, KIP-279).
 */

import { CASTS, castLabel } from '../lib/cluster-casts.mjs';
import { expectEqual, tool, tryTool } from '../lib/kafka-tools.mjs';
import { withReplicaCluster } from '../lib/replica-cluster.mjs';
import { readAll } from '../lib/replica-history.mjs';
import { compareReplicas, produceAt, untilInSync, untilPartitions } from '../lib/replicas.mjs';

const ELECTION_LIMIT_MS = 90_000;

/** A topic of one partition on two of the brokers, of which the first leads. */
class Pair {
  #cluster;
  #topic;

  static async create(cluster, topic, replicas) {
    const pair = new Pair();
    pair.#cluster = cluster;
    pair.#topic = topic;
    pair.witness = cluster.brokers.find((node) => !replicas.includes(node));
    const of = ['--topic', topic, '--replica-assignment', replicas.map(({ id }) => id).join(':')];
    const config = ['--config', 'min.insync.replicas=1'];
    await tool('TopicCommand', [
      '--bootstrap-server',
      cluster.bootstrap,
      '--create',
      ...of,
      ...config,
    ]);
    await untilInSync(cluster, topic);
    return pair;
  }

  async write(node, prefix, count, acks) {
    const values = Array.from({ length: count }, (_, i) => `${prefix}:${i}:`);
    for (const value of values) {
      expectEqual(await produceAt(node, this.#topic, 0, acks, [value]), 0, `produce ${value}`);
    }
  }

  /** As the third broker tells it. */
  until(what, isSo) {
    return untilPartitions([this.witness], this.#topic, what, ([partition]) => isSo(partition));
  }

  untilAlone(node) {
    return this.until(`only ${node.id} is in sync`, ({ isr }) => `${isr}` === `${node.id}`);
  }

  /** The old leader is dead; this one, which is not in sync, leads. */
  async electUncleanly(node) {
    await this.until('nobody leads', ({ leader }) => leader === -1);
    const flags = ['--election-type', 'unclean', '--topic', this.#topic, '--partition', '0'];
    const at = ['--bootstrap-server', this.witness.bootstrap];
    const untilMs = Date.now() + ELECTION_LIMIT_MS;
    for (;;) {
      const { code, stderr } = await tryTool('LeaderElectionCommand', [...at, ...flags]);
      if (code === 0) break;
      if (Date.now() > untilMs) throw new Error(`${node.id} is not elected: ${stderr}`);
    }
    await this.until(`${node.id} leads`, ({ leader }) => leader === node.id);
  }

  /** All values in their order, equal on both. */
  async expect(prefixes) {
    await untilInSync(this.#cluster, this.#topic);
    const wanted = prefixes.flatMap(([prefix, count]) => {
      return Array.from({ length: count }, (_, i) => `${prefix}:${i}`);
    });
    expectEqual(await readAll(this.#cluster, this.#topic, 0), wanted, 'records');
    await compareReplicas(this.#cluster, this.#topic);
  }
}

async function startAgain(node) {
  await node.start();
  await node.ready();
}

/** A follower that was behind is elected, while the leader with the later records is gone. */
async function electedBehind(cluster, topic, [one, two]) {
  const pair = await Pair.create(cluster, topic, [one, two]);
  await pair.write(one, 'both', 10, -1);
  two.pause();
  await pair.untilAlone(one);
  await pair.write(one, 'only-one', 10, 1);
  await one.kill();
  two.resume();
  await pair.electUncleanly(two);
  return pair;
}

/** The old leader gives up what only it has. */
async function behindLeads(cluster, topic, [one, two]) {
  const pair = await electedBehind(cluster, topic, [one, two]);
  await pair.write(two, 'only-two', 5, 1);
  await startAgain(one);
  await pair.expect([
    ['both', 10],
    ['only-two', 5],
  ]);
  await pair.write(two, 'both-again', 5, -1);
  await pair.expect([
    ['both', 10],
    ['only-two', 5],
    ['both-again', 5],
  ]);
}

/** Each leads once while the other is away, so that neither knows the last epoch of the other. */
async function unknownEpochs(cluster, topic, [one, two]) {
  const pair = await electedBehind(cluster, topic, [one, two]);
  await pair.write(two, 'only-two', 3, 1);
  await two.kill();
  await startAgain(one);
  await pair.electUncleanly(one);
  await pair.write(one, 'one-again', 3, 1);
  await startAgain(two);
  await pair.expect([
    ['both', 10],
    ['only-one', 10],
    ['one-again', 3],
  ]);
}

function divergence(context, cast) {
  return withReplicaCluster(context, cast, (cluster) => parted(context, castLabel(cast), cluster));
}

/** Each pair of kinds once. */
async function parted(context, label, cluster) {
  const [a, b, c] = cluster.brokers;
  const pairs = [
    [a, b],
    [b, c],
    [c, a],
  ];
  const seen = new Set();
  for (const [one, two] of pairs) {
    const kinds = `${one.kind} and ${two.kind}`;
    if (seen.has(kinds)) continue;
    seen.add(kinds);
    const name = `${label}: ${kinds}`;
    const topic = `${one.id}-${two.id}`;
    await context.step(`${name}: a follower that was behind leads (KIP-101)`, () => {
      return behindLeads(cluster, `behind-${topic}`, [one, two]);
    });
    await context.step(`${name}: neither knows the epoch of the other (KIP-279)`, () => {
      return unknownEpochs(cluster, `unknown-${topic}`, [one, two]);
    });
  }
}

export const clusterDivergenceChecks = [
  {
    name: 'cluster-divergence',
    proves: 'logs that have parted find where, after unclean elections (KIP-101, KIP-279)',
    needs: 'java, mvn',
    command: 'LeaderElectionCommand --election-type unclean …',
    sets: ['full', 'cluster'],
    limitS: 900,
    async run(context) {
      await divergence(context, CASTS[context.kind]);
      if (context.kind === 'millrace') await divergence(context, CASTS.mixed[0]);
    },
  },
];
