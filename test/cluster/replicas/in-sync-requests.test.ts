import { beforeEach, describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import {
  type InSyncAnswer,
  InSyncRequests,
  type WantedInSync,
} from '../../../src/cluster/replicas/in-sync-requests.ts';
import type { Draft } from '../../../src/protocol/frames.ts';
import type {
  AlterPartitionRequest,
  AlterPartitionResponse,
} from '../../../src/protocol/schema/56-alter-partition.ts';

type Reply = (request: Draft<AlterPartitionRequest>) => AlterPartitionResponse;

let asked: Draft<AlterPartitionRequest>[];
let replies: Reply[];
let told: [index: number, answer: InSyncAnswer][];
let failures: string[];
let pauses: number[];
let again: boolean;
/** In the place of `again`, for the partition with number 0. */
let slow: Promise<boolean> | null;
let requests: InSyncRequests;

beforeEach(() => {
  asked = [];
  replies = [];
  told = [];
  failures = [];
  pauses = [];
  again = false;
  slow = null;
  requests = new InSyncRequests({
    nodeId: 1,
    brokerEpoch: () => 77,
    ask: async (body) => {
      asked.push(body);
      return (replies.shift() ?? agreed)(body);
    },
    pause: async (ms) => void pauses.push(ms),
    onAnswer: ({ index }, answer) => {
      told.push([index, answer]);
      return index === 0 && slow !== null ? slow : again;
    },
    onFailure: (reason) => void failures.push(reason),
  });
});

function wanted(index: number, partitionEpoch = 5): WantedInSync {
  const replicas = [{ id: 1, brokerEpoch: 77 }];
  return { topicId: 'topic-id', index, leaderEpoch: 2, partitionEpoch, replicas };
}

/** The controllers do as they are asked, and their epoch is the next. */
function agreed(request: Draft<AlterPartitionRequest>, errorCode = 0): AlterPartitionResponse {
  const topics = request.topics!.map(({ topicId, partitions }) => ({
    topicId: topicId!,
    partitions: partitions!.map((partition) => ({
      partitionIndex: partition.partitionIndex!,
      errorCode,
      leaderId: 1,
      leaderEpoch: partition.leaderEpoch!,
      isr: partition.newIsrWithEpochs!.map(({ brokerId }) => brokerId!),
      leaderRecoveryState: 0,
      partitionEpoch: partition.partitionEpoch! + 1,
    })),
  }));
  return { throttleTimeMs: 0, errorCode: 0, topics };
}

function indexesOf(request: Draft<AlterPartitionRequest>): number[] {
  return request.topics!.flatMap(({ partitions }) => partitions!.map((p) => p.partitionIndex!));
}

describe('changes of replicas in sync', () => {
  it('are asked for in one request at a time, with what came meanwhile in the next', async () => {
    const first = requests.want(wanted(0));
    await Promise.all([first, requests.want(wanted(1)), requests.want(wanted(2))]);
    expect(asked.map(indexesOf)).toEqual([[0], [1, 2]]);
    expect(asked[0]).toMatchObject({ brokerId: 1, brokerEpoch: 77 });
    expect(asked[0]!.topics![0]!.partitions![0]).toMatchObject({
      leaderEpoch: 2,
      partitionEpoch: 5,
      newIsrWithEpochs: [{ brokerId: 1, brokerEpoch: 77 }],
    });
    const answer = { errorCode: 0, leaderEpoch: 2, partitionEpoch: 6, inSyncReplicas: [1] };
    expect(told).toEqual([0, 1, 2].map((index) => [index, answer]));
  });

  it('are asked for again where the request failed as a whole', async () => {
    replies.push(
      () => {
        throw new Error('the connection is gone');
      },
      () => ({ throttleTimeMs: 0, errorCode: ERROR.STALE_BROKER_EPOCH, topics: [] }),
    );
    await requests.want(wanted(0));
    expect(asked).toHaveLength(3);
    expect(pauses).toEqual([50, 50]);
    expect(failures).toHaveLength(2);
    expect(told).toHaveLength(1);
  });

  it('are asked for again where the answer leaves them out', async () => {
    replies.push(() => ({ throttleTimeMs: 0, errorCode: 0, topics: [] }));
    await requests.want(wanted(0));
    expect(asked).toHaveLength(2);
    expect(told).toHaveLength(1);
  });

  it('are all told of their answers, however long one partition takes over its own', async () => {
    let taken = (_again: boolean) => {};
    slow = new Promise((resolve) => {
      taken = resolve;
    });
    const first = requests.want(wanted(9));
    await Promise.all([requests.want(wanted(0)), requests.want(wanted(1))]);
    await expect.poll(() => told.map(([index]) => index)).toEqual([9, 0, 1]);
    taken(false);
    await first;
    expect(asked).toHaveLength(2);
  });

  it('are asked for again as long as the partition says so', async () => {
    again = true;
    replies.push(
      (request) => agreed(request, ERROR.UNKNOWN_SERVER_ERROR),
      (request) => {
        again = false;
        return agreed(request, ERROR.INELIGIBLE_REPLICA);
      },
    );
    await requests.want(wanted(0));
    expect(told.map(([, { errorCode }]) => errorCode)).toEqual([
      ERROR.UNKNOWN_SERVER_ERROR,
      ERROR.INELIGIBLE_REPLICA,
    ]);
  });

  it('give way to newer ones of their partition, and end with the metadata that decides', async () => {
    const first = requests.want(wanted(0));
    await Promise.all([requests.want(wanted(0, 6)), requests.want(wanted(1))]);
    requests.withdraw(({ index }) => index === 1);
    await first;
    expect(asked.map((each) => each.topics![0]!.partitions![0]!.partitionEpoch)).toEqual([5, 6]);
    requests.close();
  });
});
