import { beforeEach, describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import {
  DirectoryRequests,
  type WantedDirectory,
} from '../../../src/cluster/replicas/directory-requests.ts';
import type { Draft } from '../../../src/protocol/frames.ts';
import type {
  AssignReplicasToDirsRequest,
  AssignReplicasToDirsResponse,
} from '../../../src/protocol/schema/73-assign-replicas-to-dirs.ts';

type Reply = (request: Draft<AssignReplicasToDirsRequest>) => AssignReplicasToDirsResponse;

let asked: Draft<AssignReplicasToDirsRequest>[];
let replies: Reply[];
let failures: string[];
let pauses: number[];
let dropped: ReadonlySet<number>;
let requests: DirectoryRequests;

beforeEach(() => {
  asked = [];
  replies = [];
  failures = [];
  pauses = [];
  dropped = new Set();
  requests = new DirectoryRequests({
    nodeId: 1,
    brokerEpoch: () => 77,
    ask: async (body) => {
      asked.push(body);
      return (replies.shift() ?? ((request) => taken(request)))(body);
    },
    isHeld: ({ index }) => !dropped.has(index),
    pause: async (ms) => void pauses.push(ms),
    onFailure: (reason) => void failures.push(reason),
  });
});

function wanted(index: number, directoryId = 'dir-a', topicId = 'topic-id'): WantedDirectory {
  return { topicId, index, directoryId };
}

/** All are taken but those that `errors` names. */
function taken(
  { directories }: Draft<AssignReplicasToDirsRequest>,
  errors: Readonly<Record<number, number>> = {},
): AssignReplicasToDirsResponse {
  const answered = directories!.map(({ id, topics }) => ({
    id: id!,
    topics: topics!.map(({ topicId, partitions }) => ({
      topicId: topicId!,
      partitions: partitions!.map(({ partitionIndex }) => {
        return { partitionIndex: partitionIndex!, errorCode: errors[partitionIndex!] ?? 0 };
      }),
    })),
  }));
  return { throttleTimeMs: 0, errorCode: 0, directories: answered };
}

describe('what is told at once', () => {
  it('goes in one request, by directory and topic', async () => {
    const told = [
      requests.tell(wanted(0)),
      requests.tell(wanted(1, 'dir-b')),
      requests.tell(wanted(2)),
      requests.tell(wanted(0, 'dir-a', 'other')),
    ];
    await requests.run();
    expect(await Promise.all(told)).toEqual([true, true, true, true]);
    const topic = (topicId: string, ...indexes: number[]) => {
      return { topicId, partitions: indexes.map((partitionIndex) => ({ partitionIndex })) };
    };
    const directories = [
      { id: 'dir-a', topics: [topic('topic-id', 0, 2), topic('other', 0)] },
      { id: 'dir-b', topics: [topic('topic-id', 1)] },
    ];
    expect(asked).toEqual([{ brokerId: 1, brokerEpoch: 77, directories }]);
  });

  it('goes in several where it is much', async () => {
    for (let index = 0; index < 2251; index++) expect(requests.tell(wanted(index))).toBeDefined();
    await requests.run();
    const counts = asked.map(({ directories }) => directories![0]!.topics![0]!.partitions!.length);
    expect(counts).toEqual([2250, 1]);
  });
});

describe('what the controllers do not take', () => {
  it('is told again, later each time', async () => {
    const fails: Reply = (request) => ({ ...taken(request), errorCode: ERROR.STALE_BROKER_EPOCH });
    replies = [fails, fails];
    const told = requests.tell(wanted(0));
    await requests.run();
    expect(await told).toBe(true);
    expect(pauses).toEqual([100, 200]);
    expect(failures[0]).toContain('STALE_BROKER_EPOCH');
    expect(asked).toHaveLength(3);
  });

  it('is told again by itself', async () => {
    replies = [(request) => taken(request, { 1: ERROR.UNKNOWN_TOPIC_ID })];
    const [first, second] = [requests.tell(wanted(0)), requests.tell(wanted(1))];
    await requests.run();
    expect([await first, await second]).toEqual([true, true]);
    expect(asked[1]!.directories![0]!.topics![0]!.partitions).toEqual([{ partitionIndex: 1 }]);
  });
});

describe('a wish', () => {
  it('is replaced by a later one about the same partition', async () => {
    const first = requests.tell(wanted(0, 'dir-a'));
    const second = requests.tell(wanted(0, 'dir-b'));
    await requests.run();
    expect([await first, await second]).toEqual([false, true]);
    expect(asked[0]!.directories!.map(({ id }) => id)).toEqual(['dir-b']);
  });

  it('ends where the node holds the partition no more', async () => {
    dropped = new Set([0]);
    const told = requests.tell(wanted(0));
    await requests.run();
    expect(await told).toBe(false);
    expect(asked).toEqual([]);
  });

  it('ends with the close', async () => {
    const told = requests.tell(wanted(0));
    requests.close();
    await requests.run();
    expect(await told).toBe(false);
    expect(await requests.tell(wanted(1))).toBe(false);
    expect(asked).toEqual([]);
  });
});
