import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import type { GroupShard } from '../../../src/coordination/group/shard.ts';
import { Harness, seeded } from './harness.ts';
import {
  describeStreams,
  makeTopics,
  StreamsClient,
  settleStreams,
  subtopology,
} from './streams-client.ts';

const TOPOLOGY = {
  epoch: 0,
  subtopologies: [
    subtopology('0', ['topic'], { repartitionSinkTopics: ['by-key'] }),
    subtopology('1', ['other'], { repartitions: ['by-key'], changelogs: ['store'] }),
  ],
};

/** An application under everything that can happen to it; every step is followed by the checks. */
class Simulation {
  readonly harness: Harness;
  readonly random: () => number;
  clients: StreamsClient[] = [];
  #replicas = 0;

  constructor(seed: number) {
    this.random = seeded(seed);
    this.harness = new Harness({
      streamsAssignmentIntervalMs: () => (seed % 2 === 0 ? 0 : 1_000),
      streamsInitialRebalanceDelayMs: () => (seed % 3 === 0 ? 0 : 3_000),
      streamsSessionTimeoutMs: () => 12_000,
      streamsStandbyReplicas: () => this.#replicas,
    });
    this.harness.topics.add('topic', 4);
    this.harness.topics.add('other', 6);
  }

  below(limit: number): number {
    return Math.floor(this.random() * limit);
  }

  add(): void {
    const endpoint = this.random() < 0.3 ? { host: 'host', port: 1 + this.below(100) } : null;
    const processId = `process-${this.below(4)}`;
    const options = { topology: TOPOLOGY, processId, endpoint };
    this.clients.push(new StreamsClient(this.harness, options));
  }

  step(): void {
    const dice = this.random();
    const client = this.clients[this.below(this.clients.length)];
    if (client === undefined || (dice < 0.08 && this.clients.length < 8)) this.add();
    else if (dice < 0.12) this.part(client);
    else if (dice < 0.17) this.loseAnswer(client);
    else if (dice < 0.18) this.#replicas = this.below(3);
    else if (dice < 0.2) this.harness.restart();
    else if (dice < 0.34) this.pass(this.below(2_000));
    else this.beat(client);
  }

  beat(client: StreamsClient): void {
    client.heartbeat();
    makeTopics(this.harness, client.last);
  }

  /** Leaves, or vanishes without a word. */
  part(client: StreamsClient): void {
    if (client.epoch > 0 && this.random() < 0.7) client.leave();
    this.clients = this.clients.filter((other) => other !== client);
  }

  /** The broker acts on a request whose answer never arrives; the client then says all anew. */
  loseAnswer(client: StreamsClient): void {
    if (client.epoch === 0) return;
    client.send();
    client.heartbeat(client.report());
  }

  /** Time goes by; whoever lives heartbeats often enough not to be missed. */
  pass(ms: number): void {
    this.harness.advance(ms);
    for (const client of this.clients) if (client.epoch > 0) this.beat(client);
  }
}

/** No task may be active in two clients, nor be twice in a process. */
function checkOwners({ clients }: Simulation): void {
  const owners = new Map<string, string>();
  const inProcess = new Set<string>();
  for (const { active, standby, memberId, processId } of clients) {
    for (const task of active) {
      if (owners.has(task)) expect.fail(`${task} is active in ${owners.get(task)} and ${memberId}`);
      owners.set(task, memberId);
    }
    for (const task of [...active, ...standby]) {
      const name = `${processId} ${task}`;
      if (inProcess.has(name)) expect.fail(`${task} is twice in ${processId}`);
      inProcess.add(name);
    }
  }
}

function describeWith(harness: Harness, shard: GroupShard): object {
  const live = harness.shard;
  harness.shard = shard;
  // The partitions that were decided are known again with the first heartbeat after a restart.
  const { topology: _, ...group } = describeStreams(harness);
  harness.shard = live;
  return group;
}

describe('a streams group under random use', () => {
  it.each([11, 12, 13, 14, 15, 16, 17, 18])(
    'never has a task active twice, and comes back from its log (seed %i)',
    (seed) => {
      const simulation = new Simulation(seed);
      const { harness } = simulation;
      for (let step = 0; step < 600; step++) {
        simulation.step();
        checkOwners(simulation);
        if (step % 20 !== 0) continue;
        const live = describeWith(harness, harness.shard);
        expect(describeWith(harness, harness.reload())).toEqual(live);
        expect(describeWith(harness, harness.reload(harness.compacted()))).toEqual(live);
      }
    },
  );

  it.each([21, 22, 23, 24])('comes to rest with every task given out (seed %i)', (seed) => {
    const simulation = new Simulation(seed);
    const { harness } = simulation;
    for (let step = 0; step < 300; step++) simulation.step();
    simulation.add();
    // Long enough for those that vanished to be missed.
    settleStreams(simulation.clients, 60);
    checkOwners(simulation);
    expect(harness.stateOf()).toBe('Stable');
    expect(simulation.clients.every(({ errorCode }) => errorCode === ERROR.NONE)).toBe(true);
    const given = simulation.clients.flatMap(({ active }) => [...active]);
    const tasks = [4, 6].flatMap((count, id) => {
      return Array.from({ length: count }, (_, partition) => `${id}:${partition}`);
    });
    expect(given.sort()).toEqual(tasks);
    const records = harness.log.length;
    settleStreams(simulation.clients, 5);
    expect(harness.log).toHaveLength(records);
  });
});
