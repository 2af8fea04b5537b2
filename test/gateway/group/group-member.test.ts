import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { GroupCoordinator } from '../../../src/gateway/group/group-coordinator.ts';
import { GroupMember, type TopicPartitions } from '../../../src/gateway/group/group-member.ts';
import { GroupRegister } from '../../../src/gateway/group/group-register.ts';

interface Heartbeat {
  readonly memberEpoch: number;
  readonly subscribedTopicNames: string[] | null;
  readonly topicPartitions: TopicPartitions[] | null;
}

const TOPIC_ID = 'tttttttttttttttttttttt';
const RETRY_MS = 200;

/** A coordinator that answers heartbeats from a script; `null` rejects the ask. */
class ScriptedCoordinator {
  readonly groupId = 'g';
  readonly heartbeats: Heartbeat[] = [];
  readonly script: (object | null)[];

  constructor(script: (object | null)[]) {
    this.script = script;
  }

  async ask(_apiKey: number, _version: number, heartbeat: Heartbeat): Promise<object> {
    this.heartbeats.push(heartbeat);
    const fields = this.script.shift();
    if (fields === null) throw new Error('the offsets topic is offline');
    const accepted = { errorCode: 0, errorMessage: null, memberEpoch: 1, assignment: null };
    return { ...accepted, heartbeatIntervalMs: 1000, ...fields };
  }
}

function assigning(...partitions: number[]): object {
  return { assignment: { topicPartitions: [{ topicId: TOPIC_ID, partitions }] } };
}

let topics: string[];
let mayStart: boolean;

function memberOf(coordinator: ScriptedCoordinator): GroupMember {
  const owner = {
    topics: () => [...topics],
    keepOnly: () => undefined,
    assign: async () => mayStart,
    onRefused: (reason: string) => {
      throw new Error(reason);
    },
  };
  const asked = coordinator as unknown as GroupCoordinator;
  return new GroupMember(asked, null, null, new GroupRegister(), owner);
}

beforeEach(() => {
  topics = ['a'];
  mayStart = true;
  vi.useFakeTimers();
});
afterEach(() => vi.useRealTimers());

describe('a member of a group', () => {
  it('waits for as long as it takes until its partitions can start', async () => {
    const coordinator = new ScriptedCoordinator([assigning(0)]);
    mayStart = false;
    const member = memberOf(coordinator);
    member.start();
    await vi.advanceTimersByTimeAsync(100 * RETRY_MS);
    expect(coordinator.heartbeats.at(-1)!.topicPartitions).toBeNull();
    mayStart = true;
    await vi.advanceTimersByTimeAsync(2 * RETRY_MS);
    const told = coordinator.heartbeats.map(({ topicPartitions }) => topicPartitions);
    expect(told.at(-1)).toEqual([{ topicId: TOPIC_ID, partitions: [0] }]);
    member.close();
  });

  it('reports revoked partitions again when the coordinator could not be asked', async () => {
    const coordinator = new ScriptedCoordinator([assigning(0, 1), {}, assigning(0), null, {}, {}]);
    const member = memberOf(coordinator);
    member.start();
    const { heartbeats } = coordinator;
    await vi.advanceTimersByTimeAsync(1000 + 2 * RETRY_MS);
    expect(heartbeats.map(({ topicPartitions }) => topicPartitions?.[0]?.partitions)).toEqual([
      undefined, // it joins and owns nothing
      [0, 1],
      undefined, // nothing is new
      [0], // the ask that is rejected
      [0],
    ]);
    member.close();
  });

  it('names its topics again when the coordinator could not be asked', async () => {
    const coordinator = new ScriptedCoordinator([{}, null, {}, {}]);
    const member = memberOf(coordinator);
    member.start();
    await vi.advanceTimersByTimeAsync(0);
    topics = ['a', 'b'];
    await vi.advanceTimersByTimeAsync(1000 + 2 * RETRY_MS);
    const named = coordinator.heartbeats.map(({ subscribedTopicNames }) => subscribedTopicNames);
    expect(named).toEqual([['a'], ['a', 'b'], ['a', 'b']]);
    member.close();
  });
});
