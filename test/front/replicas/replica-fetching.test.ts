/** A follower with real logs, and leaders that a test scripts. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import type { Draft } from '../../../src/protocol/frames.ts';
import type { FetchRequest } from '../../../src/protocol/schema/01-fetch.ts';
import { until } from '../../support/until.ts';
import { FollowerStage, LEADER, TOPIC_ID } from './follower-stage.ts';
import { LeaderLog, refusal, ScriptedLeader } from './scripted-leader.ts';

let leader: ScriptedLeader;
let stage: FollowerStage;
let log: LeaderLog;

beforeEach(() => {
  leader = new ScriptedLeader();
  stage = new FollowerStage(leader);
  log = leader.add('topic', TOPIC_ID, 0);
});

afterEach(async () => {
  await stage.close();
  expect(stage.failures).toEqual([]);
});

/** A stage in the place of the first one. */
async function restage(count: number, segmentBytes?: number): Promise<void> {
  await stage.close();
  leader = new ScriptedLeader();
  stage = new FollowerStage(leader, count, segmentBytes);
}

function append(batches: number, recordBytes = 100): void {
  for (let i = 0; i < batches; i++) log.append(1, recordBytes);
  leader.poke();
}

async function parked(): Promise<void> {
  await until('the leader has nothing to answer', async () => leader.isParked);
}

function namedIn({ topics }: Draft<FetchRequest>): number[] {
  return topics!.flatMap(({ partitions }) => partitions!.map(({ partition }) => partition!));
}

describe('a follower', () => {
  it('copies the log of its leader, and learns how far it may be read', async () => {
    append(20);
    await stage.follow(1);
    await stage.untilSame(log);
    log.highWatermark = 15;
    leader.poke();
    await until('the high watermark is known', async () => stage.mirrors[0]!.highWatermark === 15);
    append(3);
    await stage.untilSame(log);
    expect(leader.requests[0]).toMatchObject({
      replicaState: { replicaId: 1, replicaEpoch: 77 },
      sessionId: 0,
      sessionEpoch: 0,
    });
  });

  it('tells how far it is behind', async () => {
    append(3);
    log.highWatermark = 3;
    await stage.follow(1);
    await stage.untilSame(log);
    const copied = () => [...stage.fetching.copied()];
    const at = { topic: 'topic', index: 0, leaderId: LEADER };
    await until('it has all', async () => copied()[0]?.lag === 0);
    log.highWatermark = 5;
    leader.poke();
    await until('two are missing', async () => copied()[0]?.lag === 2);
    expect(copied()).toEqual([{ ...at, lag: 2 }]);
  });

  it('asks only about what has changed, in a session', async () => {
    await restage(3);
    const logs = [0, 1, 2].map((index) => leader.add('topic', TOPIC_ID, index));
    for (const each of logs) each.append();
    await stage.follow(1);
    for (const [index, each] of logs.entries()) await stage.untilSame(each, index);
    await parked();
    log = logs[1]!;
    const later = leader.requests.length;
    append(1);
    await stage.untilSame(log, 1);
    await until('it has told so', async () => leader.requests.length > later + 1);
    expect(namedIn(leader.requests[0]!)).toEqual([0, 1, 2]);
    expect(leader.requests.slice(later).flatMap(namedIn)).toEqual([1]);
    expect(leader.requests.at(-1)).toMatchObject({ sessionId: 1 });
  });

  it('leaves out what is cut off at the end of an answer, and asks from there', async () => {
    leader.bytesMax = 700;
    append(20, 150);
    await stage.follow(1);
    await stage.untilSame(log);
  });

  it('goes over many segments', async () => {
    await restage(1, 1000);
    log = leader.add('topic', TOPIC_ID, 0);
    append(40);
    await stage.follow(1);
    await stage.untilSame(log);
  });

  it('is told where the log of the leader begins, and tells it where its own does', async () => {
    append(10);
    await stage.follow(1);
    await stage.untilSame(log);
    log.startOffset = 4;
    log.highWatermark = 10;
    leader.poke();
    await until('the log begins later', async () => stage.mirrors[0]!.logStartOffset === 4);
    await until('the leader knows', async () => {
      const topics = leader.requests.flatMap((request) => request.topics!);
      return topics.some(({ partitions }) => partitions![0]!.logStartOffset === 4);
    });
  });

  it('stops where it leads, and where nobody does', async () => {
    await restage(2);
    const logs = [0, 1].map((index) => leader.add('topic', TOPIC_ID, index));
    await stage.follow(1);
    await until('both are followed', async () => leader.session.length === 2);
    await stage.lead(2, [stage.mirrors[0]!]);
    await stage.follow(2, -1, [stage.mirrors[1]!]);
    logs[0]!.append();
    leader.poke();
    await until('both are forgotten', async () => leader.session.length === 0);
    expect(stage.mirrors[0]!.logEndOffset).toBe(0);
  });
});

describe('logs that diverge', () => {
  it('are cut to where the leader ended the epoch that both know', async () => {
    append(10);
    await stage.follow(1);
    await stage.untilSame(log);
    // The leader of epoch 2 never had the last three batches.
    log.batches.length = 7;
    log.epoch = 2;
    append(5);
    await stage.follow(2);
    await stage.untilSame(log);
  });

  it('get no record after a cut before the checkpoints are saved', async () => {
    append(10);
    await stage.follow(1);
    await stage.untilSame(log);
    let goOn = () => {};
    const saved = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    let asked = Number.POSITIVE_INFINITY;
    stage.saveCheckpoints = () => {
      asked = leader.requests.length;
      return saved;
    };
    log.batches.length = 7;
    log.epoch = 2;
    append(5);
    await stage.follow(2);
    await until('they are being saved', async () => asked < Number.POSITIVE_INFINITY);
    const answer = await stage.workers.control(0, { kind: 'checkpoint' });
    expect(answer).toMatchObject({ error: 0 });
    expect(stage.mirrors[0]!.logEndOffset).toBe(7);
    expect(leader.requests.slice(asked).flatMap(namedIn)).toEqual([]);
    goOn();
    await stage.untilSame(log);
  });

  it('are cut in steps where the follower does not know the epoch of the leader', async () => {
    // KIP-279: the follower has batches of epochs 1 and 4, the leader of 1, 2 and 3.
    append(5);
    log.epoch = 4;
    append(5);
    await stage.follow(4);
    await stage.untilSame(log);
    log.batches.length = 5;
    log.epoch = 2;
    append(2);
    log.epoch = 3;
    append(2);
    log.epoch = 5;
    append(1);
    await stage.follow(5);
    await stage.untilSame(log);
  });

  it('are cut where an unclean election took what the leader never had', async () => {
    append(10);
    await stage.follow(1);
    await stage.untilSame(log);
    log.batches = [];
    log.epoch = 2;
    await stage.follow(2);
    await until('nothing is left', async () => stage.mirrors[0]!.logEndOffset === 0);
    append(3);
    await stage.untilSame(log);
    expect(leader.listed).toHaveLength(2);
    expect(leader.listed[0]).toMatchObject({ replicaId: 1 });
  });

  it('begin anew where the leader has nothing of them any more', async () => {
    append(5);
    await stage.follow(1);
    await stage.untilSame(log);
    await stage.follow(2, -1);
    append(10);
    log.batches = log.batches.slice(8);
    log.startOffset = 8;
    log.epoch = 3;
    await stage.follow(3);
    await stage.untilSame(log);
    expect(stage.mirrors[0]!.logStartOffset).toBe(8);
  });
});

describe('epochs', () => {
  it('of the leader that are newer than the metadata stop the follower until that says so', async () => {
    append(2);
    await stage.follow(1);
    await stage.untilSame(log);
    await parked();
    log.epoch = 2;
    append(1);
    await until('it is forgotten', async () => leader.session.length === 0);
    const { length } = leader.requests;
    await stage.follow(2);
    await stage.untilSame(log);
    expect(leader.requests.length).toBeGreaterThan(length);
  });

  it('that the leader does not know yet are asked for again', async () => {
    append(2);
    await stage.follow(2);
    await until('it has asked', async () => leader.requests.length >= 3);
    expect(stage.mirrors[0]!.logEndOffset).toBe(0);
    log.epoch = 2;
    await stage.untilSame(log);
  });

  it('keep batches of a newer epoch than that of the request out', async () => {
    append(2);
    leader.scripts.push((_, answer) => {
      log.epoch = 2;
      append(1);
      log.epoch = 1;
      return answer();
    });
    await stage.follow(1);
    await until('the log is asked for its end', async () => stage.logger.lines.length > 0);
    expect(stage.mirrors[0]!.logEndOffset).toBe(2);
    log.epoch = 2;
    await stage.follow(2);
    await stage.untilSame(log);
  });

  it('of an election while an answer is on its way make it void', async () => {
    append(3);
    leader.scripts.push(async (_, answer) => {
      const old = answer();
      log.batches.length = 1;
      log.epoch = 2;
      append(4);
      await stage.follow(2);
      return old;
    });
    await stage.follow(1);
    await stage.untilSame(log);
    expect(stage.mirrors[0]!.leaderEpoch).toBe(2);
  });
});

describe('a session that is lost', () => {
  it('is asked for anew, with all partitions', async () => {
    for (const error of [
      ERROR.FETCH_SESSION_ID_NOT_FOUND,
      ERROR.INVALID_FETCH_SESSION_EPOCH,
      ERROR.FETCH_SESSION_TOPIC_ID_ERROR,
    ]) {
      append(1);
      leader.scripts.push(
        (_, answer) => answer(),
        () => refusal(error),
      );
      await stage.follow(log.epoch);
      await stage.untilSame(log);
      await parked();
      const full = leader.requests.filter(({ sessionEpoch }) => sessionEpoch === 0);
      expect(namedIn(full.at(-1)!)).toEqual([0]);
      log.epoch++;
    }
    const full = leader.requests.filter(({ sessionEpoch }) => sessionEpoch === 0);
    expect(full.map(({ sessionId }) => sessionId)).toEqual([0, 0, 2, 3]);
  });

  it('is no session of a leader that keeps none', async () => {
    leader.keepsSessions = false;
    append(3);
    await stage.follow(1);
    await stage.untilSame(log);
    append(3);
    await stage.untilSame(log);
    expect(leader.requests.every(({ sessionEpoch }) => sessionEpoch === 0)).toBe(true);
  });

  it('ends where an answer is about other partitions', async () => {
    append(1);
    leader.scripts.push((_, answer) => {
      const { responses, ...rest } = answer();
      const partitions = responses[0]!.partitions.map((each) => ({ ...each, partitionIndex: 9 }));
      return { ...rest, responses: [{ ...responses[0]!, partitions }] };
    });
    await stage.follow(1);
    await stage.untilSame(log);
    expect(stage.logger.lines).toHaveLength(1);
  });
});

describe('a leader that fails', () => {
  it('in the middle of an answer is asked again, and told of once', async () => {
    append(3);
    const die = () => {
      throw new Error('the connection is gone');
    };
    await stage.follow(1);
    await stage.untilSame(log);
    leader.scripts.push(die, die, die);
    append(2);
    await stage.untilSame(log);
    expect(stage.logger.lines).toEqual([
      `broker ${LEADER} cannot be followed: the connection is gone`,
    ]);
  });

  it('by silence is given up once it is left, and holds up nothing when it is back', async () => {
    await stage.follow(1);
    await parked();
    leader.scripts.push(leader.silent);
    leader.poke();
    await until('it is silent', async () => leader.isSilent);
    await stage.follow(2, -1);
    await until('it is given up', async () => !leader.isSilent);
    log.epoch = 3;
    append(3);
    await stage.follow(3);
    await stage.untilSame(log);
    expect(stage.logger.lines).toEqual([]);
  });

  it('for many partitions is told of in one line', async () => {
    await restage(5);
    const logs = Array.from({ length: 5 }, (_, index) => leader.add('topic', TOPIC_ID, index));
    for (const each of logs) each.errorCode = ERROR.NOT_LEADER_OR_FOLLOWER;
    await stage.follow(1);
    await until('it is told', async () => stage.logger.lines.length > 0);
    const names = 'topic-0, topic-1, topic-2, …';
    expect(stage.logger.lines).toEqual([
      `5 partitions (${names}): leader ${LEADER} is asked again: NOT_LEADER_OR_FOLLOWER`,
    ]);
  });

  it('for one partition holds up no other', async () => {
    await restage(2);
    const logs = [0, 1].map((index) => leader.add('topic', TOPIC_ID, index));
    logs[0]!.errorCode = ERROR.KAFKA_STORAGE_ERROR;
    for (const each of logs) each.append();
    await stage.follow(1);
    await stage.untilSame(logs[1]!, 1);
    logs[0]!.errorCode = 0;
    leader.poke();
    await stage.untilSame(logs[0]!, 0);
  });

  it('with damaged batches is asked for them again', async () => {
    append(4);
    leader.scripts.push((_, answer) => {
      const whole = answer();
      const data = whole.responses[0]!.partitions[0]!;
      const records = Buffer.from(data.records!);
      records[records.length - 1]! ^= 1;
      const partitions = [{ ...data, records }];
      return { ...whole, responses: [{ ...whole.responses[0]!, partitions }] };
    });
    await stage.follow(1);
    await stage.untilSame(log);
    expect(stage.logger.lines[0]).toContain('CORRUPT_MESSAGE');
  });
});

describe('many partitions', () => {
  it('are opened and copied', async () => {
    const count = 200;
    await restage(count);
    const logs = Array.from({ length: count }, (_, index) => leader.add('topic', TOPIC_ID, index));
    for (const [index, each] of logs.entries()) {
      for (let i = 0; i <= index % 7; i++) each.append();
    }
    await stage.follow(1);
    for (const [index, each] of logs.entries()) await stage.untilSame(each, index);
    await parked();
    expect(leader.session).toHaveLength(count);
  });

  it('move from one leader to another and back', async () => {
    await stage.close();
    const leaders = new Map([LEADER, 3].map((id) => [id, new ScriptedLeader()] as const));
    const close = () => {
      for (const each of leaders.values()) each.close();
    };
    stage = new FollowerStage(
      { ask: (id, ...rest) => leaders.get(id)!.ask(id, ...rest), drop() {}, close },
      4,
    );
    const logs = [0, 1, 2, 3].map((index) => {
      const shared = new LeaderLog();
      for (const each of leaders.values()) each.add('topic', TOPIC_ID, index, shared);
      return shared;
    });
    const move = async (epoch: number, leaderId: number) => {
      for (const each of logs) {
        each.epoch = epoch;
        each.append();
      }
      await stage.follow(epoch, leaderId);
      for (const each of leaders.values()) each.poke();
      for (const [index, each] of logs.entries()) await stage.untilSame(each, index);
    };
    await move(1, LEADER);
    await move(2, 3);
    await move(3, LEADER);
    await move(4, LEADER);
  });

  it('are shared by as many fetchers as there are to be, each with a session of its own', async () => {
    await stage.close();
    const leaders = [new ScriptedLeader(), new ScriptedLeader()];
    const peersOf = (fetcher: number) => leaders[fetcher]!;
    stage = new FollowerStage(leaders[0]!, 6, undefined, { fetchers: 2 }, peersOf);
    const logs = [0, 1, 2, 3, 4, 5].map((index) => {
      const shared = new LeaderLog();
      for (const each of leaders) each.add('topic', TOPIC_ID, index, shared);
      shared.append();
      return shared;
    });
    await stage.follow(1);
    for (const [index, each] of logs.entries()) await stage.untilSame(each, index);
    const sessions = leaders.map(({ session }) => session.map((key) => Number(key.split(' ')[1])));
    expect(sessions).toEqual([
      [1, 3, 5],
      [0, 2, 4],
    ]);
  });

  it('that are offline are not asked about any more', async () => {
    await restage(2);
    const logs = [0, 1].map((index) => leader.add('topic', TOPIC_ID, index));
    await stage.follow(1);
    await until('both are followed', async () => leader.session.length === 2);
    stage.partitions.setOffline(stage.mirrors[0]!, 'its disk is gone');
    for (const each of logs) each.append();
    leader.poke();
    await until('one is left', async () => leader.session.length === 1);
    await stage.untilSame(logs[1]!, 1);
    expect(stage.mirrors[0]!.logEndOffset).toBe(0);
  });

  it('that are gone are forgotten', async () => {
    await restage(2);
    for (const index of [0, 1]) leader.add('topic', TOPIC_ID, index).append();
    await stage.follow(1);
    await until('both are followed', async () => leader.session.length === 2);
    stage.partitions.drop([stage.mirrors[1]!]);
    leader.logs.delete(`${TOPIC_ID} 1`);
    leader.poke();
    await until('one is left', async () => leader.session.length === 1);
  });
});
