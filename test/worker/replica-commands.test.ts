/** What a worker does for replicas on other brokers, and as one of them. */
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import type { ControlAnswer, ElectedRole, PartitionEvent } from '../../src/exchange/control.ts';
import { ACKS_OF_COPY } from '../../src/exchange/messages.ts';
import { setPartitionLeaderEpoch } from '../../src/records/batch-layout.ts';
import { makeBatch } from '../log/fixtures.ts';
import { SLOT, WorkerStage } from './worker-stage.ts';

const ACKS_ALL = -1;
const LAG_MS = 30_000;

let stage: WorkerStage;

beforeEach(() => {
  stage = new WorkerStage({ minInSyncReplicas: 2 });
  know();
});

afterEach(() => stage.remove());

/** Each broker is registered under ten times its id. */
function know(leaving: readonly number[] = []): void {
  const brokers = [1, 2, 3].map((id) => {
    return { id, epoch: 10 * id, isFenced: false, isLeaving: leaving.includes(id) };
  });
  stage.ask({ kind: 'replication', nodeId: 1, lagTimeMaxMs: LAG_MS, brokers });
}

function elect(
  role: ElectedRole,
  leaderEpoch: number,
  inSyncReplicas = [1, 2],
  partitionEpoch = 4,
) {
  const assignment = { partitionEpoch, replicas: [1, 2, 3], inSyncReplicas };
  stage.ask({ kind: 'elect', elections: [{ slot: SLOT, leaderEpoch, role, assignment }] });
  stage.worker.afterBatch();
}

function fetched(replicaId: number, offset: number, brokerEpoch = 10 * replicaId): ControlAnswer {
  stage.worker.beforeBatch();
  const fetches = [{ slot: SLOT, replicaId, brokerEpoch, offset, startOffset: 0 }];
  const answer = stage.ask({ kind: 'replicas-fetched', fetches });
  stage.worker.afterBatch();
  return answer;
}

function proposals(): number[][] {
  const isProposal = (event: PartitionEvent) => event.kind === 'in-sync-proposed';
  return stage.events.filter(isProposal).map(({ proposal }) => {
    return proposal.replicas.map(({ id }) => id);
  });
}

function answerOf(partitionEpoch: number, errorCode: number, inSyncReplicas: number[] | null) {
  const decision =
    inSyncReplicas === null
      ? null
      : { leaderEpoch: 1, partitionEpoch: partitionEpoch + 1, inSyncReplicas };
  const sent = { slot: SLOT, leaderEpoch: 1, partitionEpoch };
  const answer = stage.ask({ kind: 'in-sync-answered', ...sent, errorCode, decision });
  stage.worker.afterBatch();
  return answer;
}

describe('a start after a kill', () => {
  it('makes no log that was never used, and knows that it is empty', () => {
    elect('leader', 1);
    const directory = join(stage.root, 'topic-0');
    mkdirSync(directory);
    stage.worker.recoverAll();
    expect(stage.toldEnds).toEqual([0]);
    expect(readdirSync(directory)).toEqual([]);
    expect(stage.append(1)).toBe(0);
    expect(readdirSync(directory)).not.toEqual([]);
  });
});

describe('a leader', () => {
  it('acknowledges what its followers in sync have', () => {
    elect('leader', 1);
    expect(stage.append(ACKS_ALL)).toBeUndefined();
    expect(stage.append(1)).toBe(0);
    expect(fetched(2, 0)).toEqual({ error: 0, errors: [0] });
    expect(stage.appendErrors).toEqual([0]);
    fetched(2, 2);
    expect(stage.appendErrors).toEqual([0, 0]);
  });

  it('tells which high watermarks moved since it was asked last', () => {
    elect('leader', 1);
    stage.append(1);
    fetched(2, 1);
    const moved = () => stage.ask({ kind: 'moved-watermarks' });
    expect(moved()).toEqual({ error: 0, moved: [{ slot: SLOT, highWatermark: 1 }] });
    expect(moved()).toEqual({ error: 0, moved: [] });
  });

  it('tells where its log ends, which followers wait for, before an append is acknowledged', () => {
    elect('leader', 1);
    stage.append(ACKS_ALL);
    stage.append(ACKS_ALL);
    expect(stage.appendErrors).toEqual([]);
    expect(stage.toldEnds.slice(-2)).toEqual([1, 2]);
  });

  it('takes no acks=all while too few are in sync, and says so where they become too few', () => {
    elect('leader', 1);
    expect(stage.append(ACKS_ALL)).toBeUndefined();
    elect('leader', 1, [1], 5);
    expect(stage.append(ACKS_ALL)).toBe(ERROR.NOT_ENOUGH_REPLICAS);
    expect(stage.append(1)).toBe(0);
    elect('leader', 1, [1, 2], 6);
    fetched(2, 2);
    expect(stage.appendErrors).toEqual([ERROR.NOT_ENOUGH_REPLICAS, 0, 0]);
  });

  it('proposes who has caught up, and asks once until it is answered', () => {
    elect('leader', 1);
    stage.append(1);
    fetched(3, 1);
    fetched(3, 1);
    expect(proposals()).toEqual([[1, 2, 3]]);
    expect(answerOf(4, ERROR.NETWORK_EXCEPTION, null)).toMatchObject({ sendAgain: true });
    expect(answerOf(3, 0, [1, 2, 3])).toMatchObject({ sendAgain: false });
    expect(answerOf(4, ERROR.INELIGIBLE_REPLICA, null)).toMatchObject({ sendAgain: false });
    know([3]);
    fetched(3, 1);
    expect(proposals()).toHaveLength(1);
    know();
    fetched(3, 1);
    expect(proposals()).toHaveLength(2);
    answerOf(4, 0, [1, 2, 3]);
    fetched(3, 1);
    expect(proposals()).toHaveLength(2);
  });

  it('proposes to leave out who lags for too long', () => {
    elect('leader', 1, [1, 2, 3]);
    expect(stage.append(ACKS_ALL)).toBeUndefined();
    fetched(2, 1);
    stage.clock.advance(LAG_MS + 1);
    fetched(2, 1);
    expect(stage.worker.runTimers()).toBeLessThanOrEqual(LAG_MS / 2);
    expect(proposals()).toEqual([[1, 2]]);
    expect(stage.appendErrors).toEqual([]);
    answerOf(4, 0, [1, 2]);
    expect(stage.appendErrors).toEqual([0]);
  });

  it('says where its epoch starts, and what all replicas have deleted', () => {
    elect('leader', 1);
    stage.append(1);
    elect('leader', 2, [1], 5);
    elect('leader', 2, [1, 2], 6);
    const starts = stage.events.filter((event) => event.kind === 'epoch-start');
    expect(starts.map(({ offset }) => offset)).toEqual([0, 1]);
    fetched(2, 1);
    const lowWatermark = () => stage.ask({ kind: 'low-watermark', slot: SLOT });
    expect(lowWatermark()).toEqual({ error: 0, offset: -1 });
    fetched(3, 1);
    expect(lowWatermark()).toEqual({ error: 0, offset: 0 });
    elect('follower', 3);
    expect(lowWatermark().error).toBe(ERROR.NOT_LEADER_OR_FOLLOWER);
    const remove = { kind: 'delete-records', slot: SLOT, offset: 0 } as const;
    expect(stage.ask(remove).error).toBe(ERROR.NOT_LEADER_OR_FOLLOWER);
  });

  it('refuses followers that it does not know, or that are of another run of their broker', () => {
    elect('leader', 1);
    expect(fetched(7, 0)).toMatchObject({ errors: [ERROR.UNKNOWN_LEADER_EPOCH] });
    expect(fetched(2, 0, 19)).toMatchObject({ errors: [ERROR.NOT_LEADER_OR_FOLLOWER] });
    elect('follower', 2);
    expect(fetched(2, 0)).toMatchObject({ errors: [ERROR.NOT_LEADER_OR_FOLLOWER] });
  });
});

function copy(leaderEpoch: number, ...offsets: readonly number[]): number | undefined {
  const batches = offsets.map((offset) => {
    const batch = makeBatch(offset);
    setPartitionLeaderEpoch(batch, 0, 2);
    return batch;
  });
  const bytes = Buffer.concat(batches);
  stage.worker.beforeBatch();
  stage.worker.onAppend(SLOT, 0, 0, ACKS_OF_COPY, leaderEpoch, bytes, 0, bytes.length);
  stage.worker.afterBatch();
  return stage.appendErrors.at(-1);
}

describe('a follower', () => {
  it('keeps what its leader answered in the epoch that holds', () => {
    elect('follower', 2);
    stage.ask({ kind: 'load', slot: SLOT });
    expect(copy(2, 0, 1, 2)).toBe(0);
    expect(copy(1, 3)).toBe(ERROR.FENCED_LEADER_EPOCH);
    expect(copy(2, 2)).toBe(ERROR.OFFSET_OUT_OF_RANGE);
    const mark = { slot: SLOT, leaderEpoch: 2, highWatermark: 2, logStartOffset: 1 };
    stage.ask({
      kind: 'leader-said',
      marks: [mark, { ...mark, leaderEpoch: 1, highWatermark: 3 }],
    });
    const { state } = stage.ask({ kind: 'load', slot: SLOT }) as ControlAnswer<'load'> & {
      error: 0;
    };
    expect(state.limits.highWatermark.offset).toBe(2);
    expect([state.logStartOffset, state.logEnd.offset]).toEqual([1, 3]);
  });

  it('says where it goes on, in its epoch', () => {
    elect('follower', 2);
    const follow = (slot: number, leaderEpoch: number) => {
      return stage.ask({ kind: 'follow', followed: [{ slot, leaderEpoch }] });
    };
    expect(follow(SLOT, 2)).toEqual({ error: 0, tails: [{ logEndOffset: 0, latestEpoch: -1 }] });
    copy(2, 0, 1, 2);
    expect(follow(SLOT, 2)).toEqual({ error: 0, tails: [{ logEndOffset: 3, latestEpoch: 2 }] });
    expect(follow(SLOT, 1)).toEqual({ error: 0, tails: [null] });
    expect(follow(SLOT + 1, 2)).toEqual({ error: 0, tails: [null] });
    elect('leader', 3);
    expect(follow(SLOT, 3)).toEqual({ error: 0, tails: [null] });
  });

  it('cuts and begins anew for its leader, and for nobody else', () => {
    elect('follower', 2);
    stage.ask({ kind: 'load', slot: SLOT });
    copy(2, 0, 1, 2);
    const at = { slot: SLOT, leaderEpoch: 2 };
    const cut = { kind: 'cut', ...at, epoch: 2, endOffset: 2 } as const;
    expect(stage.ask({ ...cut, leaderEpoch: 1 }).error).toBe(ERROR.FENCED_LEADER_EPOCH);
    expect(stage.ask(cut)).toEqual({ error: 0, logEndOffset: 2, latestEpoch: 2 });
    expect(stage.ask({ kind: 'cut-at', ...at, offset: 1 })).toMatchObject({ logEndOffset: 1 });
    expect(stage.ask({ kind: 'begin-anew', ...at, offset: 9 })).toEqual({
      error: 0,
      logEndOffset: 9,
      latestEpoch: -1,
    });
    expect(copy(2, 9)).toBe(0);
    elect('leader', 3);
    expect(stage.ask({ ...cut, leaderEpoch: 3 }).error).toBe(ERROR.FENCED_LEADER_EPOCH);
    expect(copy(3, 10)).toBe(ERROR.NOT_LEADER_OR_FOLLOWER);
  });
});
