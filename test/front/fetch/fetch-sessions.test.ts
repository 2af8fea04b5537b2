import { expect, it } from 'vitest';
import { ERROR } from '../../../src/base/kafka-errors.ts';
import { FetchSessions } from '../../../src/front/fetch/fetch-sessions.ts';
import type { FetchRequest } from '../../../src/protocol/schema/01-fetch.ts';

const VERSION = 12;
const MOST = 32_768;

/** A fetch of `count` partitions that are not there, from this one on. */
function request(sessionId: number, sessionEpoch: number, from: number, count: number) {
  const partitions = Array.from({ length: count }, (_, i) => ({
    partition: from + i,
    fetchOffset: 0,
    partitionMaxBytes: 1,
    currentLeaderEpoch: -1,
    lastFetchedEpoch: -1,
  }));
  const topics = [{ topic: 'nowhere', topicId: 'AAAAAAAAAAAAAAAAAAAAAA', partitions }];
  return { sessionId, sessionEpoch, topics, forgottenTopicsData: [] } as unknown as FetchRequest;
}

it('a session that grows beyond what a request can name is forgotten', () => {
  const sessions = new FetchSessions(10);
  const { session } = sessions.plan(request(0, 0, 0, MOST - 5), VERSION);
  const id = session!.id;
  expect(sessions.plan(request(id, 1, MOST - 5, 5), VERSION).targets.length).toBe(MOST);
  expect(sessions.plan(request(id, 2, 0, MOST), VERSION).error).toBe(0);
  const error = ERROR.FETCH_SESSION_ID_NOT_FOUND;
  expect(sessions.plan(request(id, 3, MOST, 1), VERSION).error).toBe(error);
  expect(sessions.plan(request(id, 4, 0, 0), VERSION).error).toBe(error);
  expect(sessions.count).toBe(0);
});

it('a broker may follow more in one session than a request can name', () => {
  const { ofFollowers } = new FetchSessions(10);
  const { session } = ofFollowers.plan(request(0, 0, 0, MOST), VERSION);
  const more = ofFollowers.plan(request(session!.id, 1, MOST, MOST), VERSION);
  expect(more.error).toBe(0);
  expect(more.targets.length).toBe(2 * MOST);
});

it('many wide sessions make room for each other, the one used longest ago first', () => {
  const sessions = new FetchSessions(1000);
  const ids = Array.from({ length: 8 }, () => {
    return sessions.plan(request(0, 0, 0, MOST), VERSION).session!.id;
  });
  expect(sessions.count).toBe(8);
  expect(sessions.plan(request(ids[0]!, 1, 0, 0), VERSION).error).toBe(0);
  sessions.plan(request(0, 0, 0, 1), VERSION);
  expect(sessions.count).toBe(8);
  expect(sessions.plan(request(ids[0]!, 2, 0, 0), VERSION).error).toBe(0);
  const error = ERROR.FETCH_SESSION_ID_NOT_FOUND;
  expect(sessions.plan(request(ids[1]!, 1, 0, 0), VERSION).error).toBe(error);
});
