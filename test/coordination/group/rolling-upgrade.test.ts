import { describe, expect, it } from 'vitest';
import { ClassicClient } from './classic-client.ts';
import { ConsumerClient } from './consumer-client.ts';
import { Harness, seeded } from './harness.ts';

const PARTITIONS = 8;
const SLOTS_MAX = 5;
const MOODS = [0, 0.5, 1];
/** Each of them found something once. */
const SEEDS = [105, 113, 117, 129, 139, 140, 147, 149, 165, 173, 181, 190, 221, 240, 263, 265, 267];

type Client = ClassicClient | ConsumerClient;

/** One application of the group, which speaks one protocol in one life and another in the next. */
interface Slot {
  readonly instanceId: string | null;
  client: Client;
}

/** Applications come, go, change their protocol and keep their instance ids; brokers restart. */
class Upgrade {
  readonly harness = new Harness({
    consumerAssignmentIntervalMs: () => 0,
    consumerSessionTimeoutMs: () => 6_000,
  });
  readonly slots: Slot[] = [];
  readonly kinds = new Set<string>();
  readonly #random: () => number;
  readonly #isCooperative: boolean;
  #made = 0;
  /** How likely a new life speaks the classic protocol. */
  #mood = 0.5;

  constructor(seed: number) {
    this.#random = seeded(seed);
    this.#isCooperative = this.#random() < 0.6;
    this.harness.topics.add('topic', PARTITIONS);
  }

  /** One slot acts after each step of the time, so that nobody is silent for its session. */
  step(): void {
    if (this.#random() < 0.02) this.#mood = MOODS[Math.floor(this.#random() * MOODS.length)]!;
    const dice = this.#random();
    const place = Math.floor(this.#random() * this.slots.length);
    const slot = this.slots[place];
    if (slot === undefined || (dice < 0.03 && this.slots.length < SLOTS_MAX)) this.#add();
    else if (dice < (this.#isUnwanted(slot) ? 0.35 : 0.05)) this.#changeLife(slot);
    else if (dice > 0.99) this.slots.splice(place, 1);
    else if (dice > 0.987) this.#restart();
    else if (dice < 0.45) this.harness.advance(Math.floor(this.#random() * 300));
    else this.act(slot);
    this.check();
    for (const group of this.harness.shard.groups()) this.kinds.add(group.type);
  }

  act({ client }: Slot): void {
    if (client instanceof ClassicClient) client.act();
    else client.heartbeat();
  }

  check(): void {
    const owned = this.slots.flatMap(({ client }) => [...client.owned]);
    expect(new Set(owned).size).toBe(owned.length);
  }

  #add(): void {
    const instanceId = this.#random() < 0.5 ? `instance-${this.#made++}` : null;
    this.slots.push({ instanceId, client: this.#newClient(instanceId) });
  }

  #isUnwanted({ client }: Slot): boolean {
    return client instanceof ClassicClient ? this.#mood === 0 : this.#mood === 1;
  }

  #newClient(instanceId: string | null): Client {
    if (this.#random() >= this.#mood) return new ConsumerClient(this.harness, { instanceId });
    const isCooperative = this.#isCooperative;
    return new ClassicClient(this.harness, { partitions: PARTITIONS, instanceId, isCooperative });
  }

  /** Static classic clients mostly just stop, and are expected back. */
  #changeLife(slot: Slot): void {
    const { client, instanceId } = slot;
    const isSilent = client instanceof ClassicClient && instanceId !== null;
    if (client.memberId !== '' && !(isSilent && this.#random() < 0.7)) client.leave();
    slot.client = this.#newClient(instanceId);
  }

  #restart(): void {
    this.harness.restart();
    for (const { client } of this.slots) if (client instanceof ClassicClient) client.disconnect();
  }
}

describe('applications that change their protocol one after the other', () => {
  it.each(SEEDS)('never share a partition, and come to rest (seed %i)', (seed) => {
    const upgrade = new Upgrade(seed);
    const { harness, slots } = upgrade;
    for (let step = 0; step < 1_500; step++) upgrade.step();
    expect([...upgrade.kinds].sort()).toEqual(['classic', 'consumer']);
    while (slots.length === 0) upgrade.step();
    for (let round = 0; round < 300; round++) {
      harness.advance(500);
      for (const slot of slots) upgrade.act(slot);
      upgrade.check();
    }
    expect(slots.reduce((sum, { client }) => sum + client.owned.size, 0)).toBe(PARTITIONS);
  });
});
