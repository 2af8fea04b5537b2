import { describe, expect, it } from 'vitest';
import { ERROR } from '../../../../src/base/kafka-errors.ts';
import {
  FetchSession,
  type FetchTarget,
} from '../../../../src/client/consumer/fetch/fetch-session.ts';

const ID = 'AAAAAAAAAAAAAAAAAAAAAQ';

function target(partition: number, offset: number, topicId = ID): FetchTarget {
  const epochs = { lastFetchedEpoch: -1, currentLeaderEpoch: 0 };
  return { topic: 't', topicId, partition, offset, ...epochs, maxBytes: 100 };
}

function sent({
  topics = [],
  forgottenTopicsData: forgotten = [],
}: ReturnType<FetchSession['plan']>) {
  return {
    sent: topics.flatMap(({ partitions = [] }) => partitions.map((each) => each.partition)),
    forgotten: forgotten.flatMap(({ partitions = [] }) => partitions),
  };
}

describe('FetchSession', () => {
  it('sends what has moved and names what is not wanted any more', () => {
    const session = new FetchSession();
    const first = session.plan([target(0, 0), target(1, 0)]);
    expect(first).toMatchObject({ sessionId: 0, sessionEpoch: 0 });
    expect(sent(first)).toEqual({ sent: [0, 1], forgotten: [] });
    expect(session.onAnswer(0, 7)).toBe(true);
    const second = session.plan([target(0, 5), target(1, 0)]);
    expect(second).toMatchObject({ sessionId: 7, sessionEpoch: 1 });
    expect(sent(second)).toEqual({ sent: [0], forgotten: [] });
    session.onAnswer(0, 7);
    const third = session.plan([target(0, 5), target(2, 0)]);
    expect(third).toMatchObject({ sessionEpoch: 2 });
    expect(sent(third)).toEqual({ sent: [2], forgotten: [1] });
    expect(session.asked(ID, 't', 2)).toMatchObject({ offset: 0 });
    expect(session.asked(ID, 't', 1)).toBeUndefined();
  });

  it('says all again where the session is gone or an answer was lost', () => {
    const session = new FetchSession();
    session.plan([target(0, 0)]);
    session.onAnswer(0, 7);
    session.plan([target(0, 3)]);
    expect(session.onAnswer(ERROR.INVALID_FETCH_SESSION_EPOCH, 0)).toBe(false);
    expect(session.plan([target(0, 3)])).toMatchObject({ sessionId: 7, sessionEpoch: 0 });
    session.onAnswer(0, 8);
    session.plan([target(0, 3)]);
    session.onAnswer(ERROR.FETCH_SESSION_ID_NOT_FOUND, 0);
    const again = session.plan([target(0, 3)]);
    expect(again).toMatchObject({ sessionId: 0, sessionEpoch: 0 });
    expect(sent(again).sent).toEqual([0]);
  });

  it('goes without a session where the broker has no room for one', () => {
    const session = new FetchSession();
    for (let i = 0; i < 3; i++) {
      const plan = session.plan([target(0, 0)]);
      expect(plan).toMatchObject({ sessionId: 0, sessionEpoch: 0 });
      expect(sent(plan).sent).toEqual([0]);
      session.onAnswer(0, 0);
    }
  });

  it('takes a topic that was made anew for another one', () => {
    const session = new FetchSession();
    session.plan([target(0, 9)]);
    session.onAnswer(0, 7);
    const other = 'AAAAAAAAAAAAAAAAAAAAAg';
    const plan = session.plan([target(0, 9, other)]);
    expect(plan.topics).toMatchObject([{ topicId: other }]);
    expect(plan.forgottenTopicsData).toMatchObject([{ topicId: ID, partitions: [0] }]);
  });
});
