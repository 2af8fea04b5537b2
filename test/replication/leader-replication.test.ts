import { beforeEach, describe, expect, it } from 'vitest';
import { ERROR } from '../../src/base/kafka-errors.ts';
import { LeaderReplication } from '../../src/replication/leader-replication.ts';
import type { ReplicationContext } from '../../src/replication/replication-context.ts';

const LAG_MS = 30_000;
/** Each broker is registered under ten times its id. */
const EPOCHS = new Map([
  [1, 10],
  [2, 20],
  [3, 30],
]);

let context: ReplicationContext;
let epochs: Map<number, number>;
let leaving: Set<number>;

beforeEach(() => {
  epochs = new Map(EPOCHS);
  leaving = new Set();
  context = {
    nodeId: 1,
    lagTimeMaxMs: LAG_MS,
    answerLimitMs: 5000,
    nowMs: 1000,
    brokers: {
      epochOf: (id) => epochs.get(id) ?? -1,
      isLeaving: (id) => leaving.has(id),
    },
  };
});

function registration(inSyncReplicas = [1, 2, 3], partitionEpoch = 7) {
  return { leaderEpoch: 4, partitionEpoch, replicas: [1, 2, 3], inSyncReplicas };
}

function elected(inSyncReplicas = [1, 2, 3], minInSync = 2, leaderEnd = 0): LeaderReplication {
  return new LeaderReplication(context, registration(inSyncReplicas), minInSync, leaderEnd);
}

function fetch(leader: LeaderReplication, id: number, offset: number, leaderEnd = 100): string {
  return leader.fetched(id, 10 * id, offset, 0, leaderEnd);
}

function decision(inSyncReplicas: number[], partitionEpoch: number, leaderEpoch = 4) {
  return { leaderEpoch, partitionEpoch, inSyncReplicas };
}

describe('the high watermark', () => {
  it('is the least of the replicas in sync, and held until all of them were heard of', () => {
    const leader = elected();
    fetch(leader, 2, 40);
    expect(leader.agreedOffset(100)).toBe(-1);
    fetch(leader, 3, 30);
    expect(leader.agreedOffset(100)).toBe(30);
    fetch(leader, 3, 90);
    expect(leader.agreedOffset(100)).toBe(40);
    expect(leader.agreedOffset(35)).toBe(35);
  });

  it('does not rise while fewer than min.insync.replicas are in sync', () => {
    const leader = elected([1]);
    expect(leader.lacksReplicas).toBe(true);
    expect(leader.agreedOffset(100)).toBe(-1);
    leader.minInSync = 1;
    expect(leader.agreedOffset(100)).toBe(100);
    // More than there are replicas cannot be asked for.
    leader.minInSync = 9;
    leader.registered(registration([1, 2, 3], 8));
    expect(leader.lacksReplicas).toBe(false);
  });

  it('waits for a replica that is caught up and may join', () => {
    const leader = elected([1], 1);
    fetch(leader, 2, 100);
    context.nowMs += 10;
    expect(leader.agreedOffset(120)).toBe(100);
    context.nowMs += LAG_MS;
    expect(leader.agreedOffset(120)).toBe(120);
    fetch(leader, 2, 120, 120);
    expect(leader.agreedOffset(130)).toBe(120);
    leaving.add(2);
    expect(leader.agreedOffset(130)).toBe(130);
  });

  it('waits for one that is proposed, and for one that is to leave', () => {
    const leader = elected([1, 2], 1);
    fetch(leader, 2, 50);
    fetch(leader, 3, 50);
    expect(leader.expansion(3, 50)).not.toBeNull();
    fetch(leader, 2, 80);
    fetch(leader, 3, 60);
    context.nowMs += LAG_MS + 1;
    expect(leader.agreedOffset(100)).toBe(60);
    const shrinks = elected([1, 2], 1);
    fetch(shrinks, 2, 50);
    context.nowMs += LAG_MS + 1;
    const proposal = shrinks.shrinking(100)!;
    expect(proposal.replicas.map(({ id }) => id)).toEqual([1]);
    expect(shrinks.agreedOffset(100)).toBe(50);
    expect(shrinks.accepted(proposal, decision([1], 8))).toBe(true);
    expect(shrinks.agreedOffset(100)).toBe(100);
  });
});

it('a proposal goes on where the metadata log repeats what its predecessor was answered', () => {
  const leader = elected([1], 1);
  fetch(leader, 2, 100);
  const first = leader.expansion(2, 100)!;
  leader.accepted(first, decision([1, 2], 8));
  fetch(leader, 3, 100);
  const second = leader.expansion(3, 100)!;
  expect(leader.registered(registration([1, 2], 8))).toBe(true);
  expect(leader.inSync.pending).toBe(second);
  // A replica of it is none any more, so the controllers refuse it.
  leader.registered({ ...registration([1, 2], 8), replicas: [1, 2] });
  expect(leader.inSync.pending).toBeNull();
  expect(leader.inSync.maximal).toEqual([1, 2]);
});

describe('a fetch of a follower', () => {
  it('counts only for replicas, under the registration that is in force', () => {
    const leader = elected();
    expect(fetch(leader, 9, 10)).toBe('no-replica');
    expect(leader.fetched(2, 19, 10, 0, 100)).toBe('stale-broker');
    expect(leader.follower(2)!.hasFetched).toBe(false);
    expect(leader.fetched(2, 21, 10, 0, 100)).toBe('taken');
    expect(leader.fetched(2, -1, 10, 0, 100)).toBe('taken');
  });

  it('up to where the log ended at the fetch before means that it had caught up then', () => {
    const leader = elected();
    context.nowMs = 5000;
    fetch(leader, 2, 10, 50);
    context.nowMs = 6000;
    fetch(leader, 2, 50, 90);
    expect(leader.follower(2)!.lastCaughtUpMs).toBe(5000);
    context.nowMs = 7000;
    fetch(leader, 2, 60, 95);
    expect(leader.follower(2)!.lastCaughtUpMs).toBe(5000);
    context.nowMs = 8000;
    fetch(leader, 2, 99, 99);
    expect(leader.follower(2)!.lastCaughtUpMs).toBe(8000);
  });
});

describe('a proposal', () => {
  it('takes in who has all that may have been promised', () => {
    const leader = elected([1, 2], 2, 60);
    fetch(leader, 3, 40);
    expect(leader.expansion(3, 30)).toBeNull();
    fetch(leader, 3, 60);
    expect(leader.expansion(3, 70)).toBeNull();
    expect(leader.expansion(3, 60)).toEqual({
      leaderEpoch: 4,
      partitionEpoch: 7,
      replicas: [
        { id: 1, brokerEpoch: 10 },
        { id: 2, brokerEpoch: -1 },
        { id: 3, brokerEpoch: 30 },
      ],
    });
    expect(leader.expansion(3, 60)).toBeNull();
  });

  it('names nobody who is fenced, leaving, or another run than the one that fetched', () => {
    const leader = elected([1, 2]);
    expect(leader.expansion(3, 0)).toBeNull();
    fetch(leader, 3, 100);
    leaving.add(3);
    expect(leader.expansion(3, 0)).toBeNull();
    leaving.clear();
    epochs.set(3, 31);
    expect(leader.expansion(3, 0)).toBeNull();
    epochs.delete(3);
    expect(leader.expansion(3, 0)).toBeNull();
    epochs.set(3, 30);
    expect(leader.expansion(3, 0)).not.toBeNull();
  });

  it('leaves out who has not caught up for too long, not who has all', () => {
    const leader = elected();
    fetch(leader, 2, 100);
    fetch(leader, 3, 99);
    expect(leader.shrinking(100)).toBeNull();
    context.nowMs += LAG_MS + 1;
    expect(leader.shrinking(100)!.replicas.map(({ id }) => id)).toEqual([1, 2]);
    expect(leader.shrinking(100)).toBeNull();
  });

  it('gives way to what the metadata log says meanwhile', () => {
    const leader = elected([1, 2]);
    fetch(leader, 3, 100);
    const proposal = leader.expansion(3, 0)!;
    expect(leader.registered(registration([1], 8))).toBe(true);
    expect(leader.accepted(proposal, decision([1, 2, 3], 9))).toBe(false);
    expect(leader.refused(proposal, ERROR.INELIGIBLE_REPLICA)).toBe('ignore');
    expect(leader.inSync.committed).toEqual([1]);
    expect(leader.registered(registration([1, 2], 7))).toBe(false);
  });

  it('is answered before the metadata log says the same, or much later', () => {
    const leader = elected([1, 2]);
    fetch(leader, 3, 100);
    const proposal = leader.expansion(3, 0)!;
    expect(leader.accepted(proposal, decision([1, 2, 3], 9, 5))).toBe(false);
    expect(leader.accepted(proposal, decision([1, 2, 3], 8))).toBe(true);
    expect(leader.inSync.pending).toBeNull();
    expect(leader.registered(registration([1, 2], 7))).toBe(false);
    expect(leader.registered(registration([1, 2, 3], 8))).toBe(true);
    expect(leader.inSync.committed).toEqual([1, 2, 3]);
  });

  it('that was not carried out is forgotten; one that may have been stays in force', () => {
    const leader = elected([1, 2], 1);
    fetch(leader, 2, 100);
    fetch(leader, 3, 100);
    const first = leader.expansion(3, 0)!;
    expect(leader.refused(first, ERROR.NETWORK_EXCEPTION)).toBe('send-again');
    expect(leader.refused(first, ERROR.INELIGIBLE_REPLICA)).toBe('propose-anew');
    expect(leader.inSync.maximal).toEqual([1, 2]);
    const second = leader.expansion(3, 0)!;
    for (const error of [
      ERROR.FENCED_LEADER_EPOCH,
      ERROR.INVALID_UPDATE_VERSION,
      ERROR.UNKNOWN_TOPIC_ID,
      ERROR.NEW_LEADER_ELECTED,
    ]) {
      expect(leader.refused(second, error)).toBe('await-metadata');
    }
    expect(leader.inSync.maximal).toEqual([1, 2, 3]);
    expect(leader.expansion(3, 0)).toBeNull();
  });
});

describe('an election', () => {
  it('of the same node again keeps what it knew of its followers', () => {
    const before = elected();
    fetch(before, 2, 100);
    fetch(before, 3, 80);
    context.nowMs += 2 * LAG_MS;
    const again = new LeaderReplication(context, registration([1, 3], 9), 1, 100, before);
    expect(again.agreedOffset(100)).toBe(80);
    expect(again.shrinking(100)).toBeNull();
    expect(again.expansion(2, 80)!.replicas.map(({ id }) => id)).toEqual([1, 3, 2]);
    const fresh = new LeaderReplication(context, registration([1, 3], 9), 1, 100);
    expect(fresh.agreedOffset(100)).toBe(-1);
  });

  it('within an epoch: replicas come and go with a reassignment', () => {
    const leader = elected([1, 2], 1);
    fetch(leader, 2, 70);
    const next = { ...registration([1, 2], 8), replicas: [1, 2, 5] };
    expect(leader.registered(next)).toBe(true);
    expect(leader.follower(3)).toBeNull();
    expect(leader.follower(2)!.endOffset).toBe(70);
    epochs.set(5, 50);
    expect(fetch(leader, 5, 70)).toBe('taken');
    expect(leader.expansion(5, 70)).not.toBeNull();
  });
});
