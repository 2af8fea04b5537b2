import { describe, expect, it } from 'vitest';
import {
  readAssignment,
  writeAssignment,
} from '../../../src/coordination/group/consumer-protocol.ts';
import { API } from '../../../src/protocol/api-keys.ts';
import { ERROR } from '../../../src/protocol/error-codes.ts';
import type { JoinGroupResponse } from '../../../src/protocol/schema/11-join-group.ts';
import type { SyncGroupResponse } from '../../../src/protocol/schema/14-sync-group.ts';
import { ConsumerClient } from './consumer-client.ts';
import { Harness, seeded, subscription } from './harness.ts';

const PARTITIONS = 8;

/** An eager client of the classic protocol: it gives everything up before it joins again. */
class EagerClient {
  readonly harness: Harness;
  memberId = '';
  generationId = -1;
  owned = new Set<string>();
  #join = -1;
  #sync = -1;

  constructor(harness: Harness) {
    this.harness = harness;
  }

  /** Does what is next: reads an answer, or joins, or heartbeats. */
  act(): void {
    if (this.#join !== -1) this.#readJoin();
    else if (this.#sync !== -1) this.#readSync();
    else if (this.generationId === -1) this.join();
    else this.#heartbeat();
  }

  join(): void {
    this.owned.clear();
    this.generationId = -1;
    const metadata = subscription(['topic']);
    const protocols = [{ name: 'range', metadata }];
    this.#join = this.harness.join({ memberId: this.memberId, protocols });
    this.#readJoin();
  }

  leave(): void {
    this.harness.call(API.LEAVE_GROUP, 5, {
      groupId: 'group',
      memberId: '',
      members: [{ memberId: this.memberId, groupInstanceId: null, reason: null }],
    });
    this.owned.clear();
  }

  #readJoin(): void {
    const body = this.harness.answers.get(this.#join) as JoinGroupResponse | undefined;
    if (body === undefined) return;
    this.#join = -1;
    if (body.errorCode === ERROR.UNKNOWN_MEMBER_ID) this.memberId = '';
    if (body.errorCode === ERROR.MEMBER_ID_REQUIRED) this.memberId = body.memberId;
    if (body.errorCode !== ERROR.NONE) return;
    this.memberId = body.memberId;
    this.generationId = body.generationId;
    const members = body.members.map(({ memberId }) => memberId);
    const assignments = members.map((memberId, rank) => ({
      memberId,
      assignment: writeAssignment(
        [{ topic: 'topic', partitions: partitionsOf(rank, members.length) }],
        0,
      ),
    }));
    const { memberId, generationId } = this;
    this.#sync = this.harness.sync({ memberId, generationId, assignments });
    this.#readSync();
  }

  #readSync(): void {
    const body = this.harness.answers.get(this.#sync) as SyncGroupResponse | undefined;
    if (body === undefined) return;
    this.#sync = -1;
    if (body.errorCode !== ERROR.NONE) {
      this.#fail(body.errorCode);
      return;
    }
    const topicId = this.harness.topics.topicId('topic');
    const assigned = readAssignment(body.assignment)?.assignedPartitions ?? [];
    this.owned = new Set(
      assigned.flatMap(({ partitions }) => partitions.map((p) => `${topicId}:${p}`)),
    );
  }

  #heartbeat(): void {
    const errorCode = this.harness.heartbeat(this.memberId, this.generationId);
    if (errorCode !== ERROR.NONE) this.#fail(errorCode);
  }

  #fail(errorCode: number): void {
    if (errorCode === ERROR.UNKNOWN_MEMBER_ID) this.memberId = '';
    this.join();
  }
}

function partitionsOf(rank: number, members: number): number[] {
  return Array.from({ length: PARTITIONS }, (_, p) => p).filter((p) => p % members === rank);
}

type Client = EagerClient | ConsumerClient;

function act(client: Client): void {
  if (client instanceof EagerClient) client.act();
  else client.heartbeat();
}

function checkOwners(clients: readonly Client[]): void {
  const owned = clients.flatMap((client) => [...client.owned]);
  expect(new Set(owned).size).toBe(owned.length);
}

function kindOf(harness: Harness): string {
  for (const group of harness.shard.groups()) return group.type;
  return 'none';
}

describe('a group whose members change their protocol at random', () => {
  it.each([31, 32, 33, 34, 35, 36])('never has two owners and comes to rest (seed %i)', (seed) => {
    const random = seeded(seed);
    const harness = new Harness({ consumerAssignmentIntervalMs: () => 0 });
    harness.topics.add('topic', PARTITIONS);
    let clients: Client[] = [];
    const kinds = new Set<string>();
    for (let step = 0; step < 1_200; step++) {
      const dice = random();
      const client = clients[Math.floor(random() * clients.length)];
      if (client === undefined || (dice < 0.04 && clients.length < 6)) {
        const isEager = random() < 0.6;
        clients.push(isEager ? new EagerClient(harness) : new ConsumerClient(harness));
      } else if (dice < 0.08) {
        if (client.memberId !== '') client.leave();
        clients = clients.filter((other) => other !== client);
      } else if (dice < 0.1) {
        clients = clients.filter((other) => other !== client);
      } else if (dice < 0.4) {
        harness.advance(Math.floor(random() * 500));
      } else {
        act(client);
      }
      checkOwners(clients);
      kinds.add(kindOf(harness));
    }
    expect([...kinds]).toEqual(expect.arrayContaining(['classic', 'consumer']));
    clients.push(random() < 0.5 ? new EagerClient(harness) : new ConsumerClient(harness));
    for (let round = 0; round < 300; round++) {
      harness.advance(500);
      for (const each of clients) act(each);
      checkOwners(clients);
    }
    expect(clients.reduce((sum, { owned }) => sum + owned.size, 0)).toBe(PARTITIONS);
    expect(harness.stateOf()).toBe('Stable');
    const isConsumer = clients.some((each) => each instanceof ConsumerClient);
    expect(kindOf(harness)).toBe(isConsumer ? 'consumer' : 'classic');
  });
});
