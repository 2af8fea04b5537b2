import { describe, expect, it } from 'vitest';
import { ClassicClient } from './classic-client.ts';
import { ConsumerClient } from './consumer-client.ts';
import { Harness, seeded } from './harness.ts';

const PARTITIONS = 8;

const eager = (harness: Harness) => new ClassicClient(harness, { partitions: PARTITIONS });

type Client = ClassicClient | ConsumerClient;

function act(client: Client): void {
  if (client instanceof ClassicClient) client.act();
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
        clients.push(isEager ? eager(harness) : new ConsumerClient(harness));
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
    clients.push(random() < 0.5 ? eager(harness) : new ConsumerClient(harness));
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
