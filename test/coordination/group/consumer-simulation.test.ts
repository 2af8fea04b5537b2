import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import type { GroupShard } from '../../../src/coordination/group/shard.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import type * as describeApi from '../../../src/protocol/schema/69-consumer-group-describe.ts';
import { ConsumerClient, settle } from './consumer-client.ts';
import { Harness, seeded } from './harness.ts';

/** A group under everything that can happen to it; every step is followed by the checks. */
class Simulation {
  readonly harness: Harness;
  readonly random: () => number;
  clients: ConsumerClient[] = [];
  #instances = 0;

  constructor(seed: number) {
    this.random = seeded(seed);
    this.harness = new Harness({
      consumerAssignmentIntervalMs: () => (seed % 2 === 0 ? 0 : 1_000),
      consumerSessionTimeoutMs: () => 12_000,
    });
    for (const name of ['topic', 'other', 'topic-2']) this.harness.topics.add(name, 5);
  }

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  pick(): ConsumerClient | undefined {
    return this.clients[this.below(this.clients.length)];
  }

  add(): void {
    const isRegex = this.random() < 0.2;
    this.clients.push(
      new ConsumerClient(this.harness, {
        instanceId: this.random() < 0.4 ? `instance-${this.#instances++}` : null,
        topics: this.random() < 0.7 ? ['topic', 'other'] : ['topic'],
        regex: isRegex ? 'topic.*' : null,
        assignor: this.random() < 0.2 ? 'range' : null,
      }),
    );
  }

  step(): void {
    const dice = this.random();
    const client = this.pick();
    if (client === undefined || (dice < 0.08 && this.clients.length < 8)) this.add();
    else if (dice < 0.12) this.part(client);
    else if (dice < 0.15) this.comeBack(client);
    else if (dice < 0.2) this.loseAnswer(client);
    else if (dice < 0.23) client.heartbeat({ subscribedTopicNames: this.changeTopics(client) });
    else if (dice < 0.24) this.harness.topics.grow('topic', 5 + this.below(6));
    else if (dice < 0.26) this.harness.restart();
    else if (dice < 0.4) this.pass(this.below(2_000));
    else client.heartbeat();
  }

  /** Leaves, or vanishes without a word. */
  part(client: ConsumerClient): void {
    if (client.epoch > 0 && this.random() < 0.7) client.leave();
    this.clients = this.clients.filter((other) => other !== client);
  }

  /** A static member is started anew, with or without having left. */
  comeBack(client: ConsumerClient): void {
    if (client.instanceId === null || client.epoch === 0) return;
    client.leave();
    client.memberId = `${client.memberId}+`;
    client.heartbeat();
  }

  /** The broker acts on a request whose answer never arrives; the client then says all anew. */
  loseAnswer(client: ConsumerClient): void {
    if (client.epoch === 0) return;
    client.send();
    client.heartbeat({
      rebalanceTimeoutMs: 60_000,
      subscribedTopicNames: client.regex === null ? client.topics : [],
      subscribedTopicRegex: client.regex,
      topicPartitions: client.report(),
    });
  }

  changeTopics(client: ConsumerClient): string[] | null {
    if (client.epoch === 0 || client.regex !== null) return null;
    client.topics = this.random() < 0.5 ? ['topic', 'other'] : ['other'];
    return client.topics;
  }

  /** Time goes by; whoever lives heartbeats often enough not to be missed. */
  pass(ms: number): void {
    this.harness.advance(ms);
    for (const client of this.clients) if (client.epoch > 0) client.heartbeat();
  }
}

/** No partition may be held by two clients, nor by two members in the broker's own view. */
function checkOwners(simulation: Simulation): void {
  const owners = new Map<string, string>();
  for (const client of simulation.clients) {
    for (const partition of client.owned) {
      if (owners.has(partition)) {
        expect.fail(`${partition} is held by ${owners.get(partition)} and ${client.memberId}`);
      }
      owners.set(partition, client.memberId);
    }
  }
}

function describeGroup(harness: Harness, shard: GroupShard): object {
  const live = harness.shard;
  harness.shard = shard;
  const request = { groupIds: ['group'], includeAuthorizedOperations: false };
  const body = harness.call<describeApi.ConsumerGroupDescribeResponse>(
    API.CONSUMER_GROUP_DESCRIBE,
    1,
    request,
  );
  harness.shard = live;
  const group = body.groups[0]!;
  const held = new Set<string>();
  for (const { assignment } of group.members) {
    for (const { topicId, partitions } of assignment.topicPartitions) {
      for (const partition of partitions) {
        if (held.has(`${topicId}:${partition}`)) expect.fail(`${topicId}:${partition} twice`);
        held.add(`${topicId}:${partition}`);
      }
    }
  }
  group.members.sort((one, other) => (one.memberId < other.memberId ? -1 : 1));
  for (const member of group.members) {
    const byId = (one: { topicId: string }, other: { topicId: string }) =>
      one.topicId < other.topicId ? -1 : 1;
    member.assignment.topicPartitions.sort(byId);
    member.targetAssignment.topicPartitions.sort(byId);
  }
  return group;
}

describe('a consumer group under random use', () => {
  it.each([11, 12, 13, 14, 15, 16, 17, 18])(
    'never gives a partition to two members, and comes back from its log (seed %i)',
    (seed) => {
      const simulation = new Simulation(seed);
      const { harness } = simulation;
      for (let step = 0; step < 600; step++) {
        simulation.step();
        checkOwners(simulation);
        if (step % 20 !== 0) continue;
        const live = describeGroup(harness, harness.shard);
        expect(describeGroup(harness, harness.reload())).toEqual(live);
        expect(describeGroup(harness, harness.reload(harness.compacted()))).toEqual(live);
      }
    },
  );

  it.each([21, 22, 23, 24])('comes to rest with everything given out (seed %i)', (seed) => {
    const simulation = new Simulation(seed);
    const { harness } = simulation;
    for (let step = 0; step < 300; step++) simulation.step();
    simulation.add();
    // Long enough for those that vanished to be missed.
    settle(simulation.clients, 60);
    checkOwners(simulation);
    expect(harness.stateOf()).toBe('Stable');
    expect(simulation.clients.every(({ errorCode }) => errorCode === ERROR.NONE)).toBe(true);
    const wanted = new Set<string>();
    for (const client of simulation.clients) {
      const topics = client.regex === null ? client.topics : ['topic', 'topic-2'];
      for (const topic of topics) {
        for (let p = 0; p < harness.topics.partitionCount(topic); p++) {
          wanted.add(`${harness.topics.topicId(topic)}:${p}`);
        }
      }
    }
    const given = simulation.clients.flatMap(({ owned }) => [...owned]);
    expect(new Set(given)).toEqual(wanted);
    const records = harness.log.length;
    settle(simulation.clients, 5);
    expect(harness.log).toHaveLength(records);
  });
});
