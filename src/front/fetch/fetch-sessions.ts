import { randomInt } from 'node:crypto';
import { ERROR } from '../../base/kafka-errors.ts';
import type { FetchRequest } from '../../protocol/schema/01-fetch.ts';
import { FetchTarget, targetKey } from './fetch-target.ts';
import type { FollowerPace } from './follower-pace.ts';

const SESSION_NONE = 0;
const EPOCH_FULL = 0;
const EPOCH_FINAL = -1;
const EPOCH_MAX = 2 ** 31 - 1;
const SESSIONS_SINCE = 7;
const TOPIC_IDS_SINCE = 13;
/** Partitions in one session, as many as a request can name, and in all sessions together. */
const SESSION_TARGETS_MAX = 32_768;
const TARGETS_MAX = 8 * SESSION_TARGETS_MAX;

/** The partitions that a client goes on fetching. Its requests name only changes (KIP-227). */
export class FetchSession {
  readonly id: number;
  readonly byId: boolean;
  epoch = 1;
  /** In the order of the next answer. Partitions that gave records move to the end. */
  readonly targets = new Map<string, FetchTarget>();
  /** Null of a consumer. */
  pace: FollowerPace | null = null;
  /** The broker whose session it is; -1 of a consumer. */
  followerId = -1;

  constructor(id: number, byId: boolean) {
    this.id = id;
    this.byId = byId;
  }

  moveToEnd(target: FetchTarget): void {
    const key = targetKey(target.topic, target.topicId, this.byId, target.index);
    if (!this.targets.delete(key)) return;
    this.targets.set(key, target);
  }

  /** Applies what an incremental request changes. */
  apply(request: FetchRequest): void {
    addTargets(this.targets, request, this.byId);
    for (const topic of request.forgottenTopicsData) {
      for (const index of topic.partitions) {
        this.targets.delete(targetKey(topic.topic, topic.topicId, this.byId, index));
      }
    }
  }
}

function addTargets(targets: Map<string, FetchTarget>, request: FetchRequest, byId: boolean): void {
  for (const topic of request.topics) {
    for (const asked of topic.partitions) {
      const key = targetKey(topic.topic, topic.topicId, byId, asked.partition);
      let target = targets.get(key);
      if (target === undefined) {
        target = new FetchTarget(topic.topic, topic.topicId, asked.partition);
        targets.set(key, target);
      }
      target.update(asked);
    }
  }
}

/** What a request asks for, with what its session remembers. */
export interface FetchPlan {
  readonly error: number;
  /** The session that the answer names. Null for a fetch without one. */
  readonly session: FetchSession | null;
  /** The session existed before this request, so the answer names only what changed. */
  readonly incremental: boolean;
  readonly targets: FetchTarget[];
}

/**
 * The sessions of all clients. Both the sessions and the partitions in them are bounded. The one
 * that was used longest ago is removed to make room. Its client then gets
 * FETCH_SESSION_ID_NOT_FOUND and opens another.
 */
export class FetchSessions {
  readonly #slotsMax: number;
  readonly #sessionTargetsMax: number;
  readonly #sessions = new Map<number, FetchSession>();
  #targetCount = 0;
  #ofFollowers: FetchSessions | null = null;

  constructor(slotsMax: number, sessionTargetsMax = SESSION_TARGETS_MAX) {
    this.#slotsMax = slotsMax;
    this.#sessionTargetsMax = sessionTargetsMax;
  }

  get count(): number {
    return this.#sessions.size;
  }

  /**
   * Those of other brokers are kept apart: consumers, of whom there may be many, end none. A broker
   * may follow all that this one leads in one session.
   */
  get ofFollowers(): FetchSessions {
    this.#ofFollowers ??= new FetchSessions(this.#slotsMax, TARGETS_MAX);
    return this.#ofFollowers;
  }

  /** From the one that was used longest ago on. */
  all(): IterableIterator<FetchSession> {
    return this.#sessions.values();
  }

  plan(request: FetchRequest, version: number): FetchPlan {
    const byId = version >= TOPIC_IDS_SINCE;
    if (version < SESSIONS_SINCE || isFull(request)) return this.#planFull(request, byId, version);
    const session = this.#sessions.get(request.sessionId);
    if (session === undefined) return failed(ERROR.FETCH_SESSION_ID_NOT_FOUND);
    if (session.byId !== byId) return failed(ERROR.FETCH_SESSION_TOPIC_ID_ERROR);
    if (session.epoch !== request.sessionEpoch) return failed(ERROR.INVALID_FETCH_SESSION_EPOCH);
    session.epoch = session.epoch === EPOCH_MAX ? 1 : session.epoch + 1;
    this.#remove(session.id);
    session.apply(request);
    if (session.targets.size > this.#sessionTargetsMax)
      return failed(ERROR.FETCH_SESSION_ID_NOT_FOUND);
    this.#add(session);
    return { error: 0, session, incremental: true, targets: [...session.targets.values()] };
  }

  #planFull(request: FetchRequest, byId: boolean, version: number): FetchPlan {
    if (request.sessionId !== SESSION_NONE) this.#remove(request.sessionId);
    const targets = new Map<string, FetchTarget>();
    addTargets(targets, request, byId);
    const standsAlone =
      version < SESSIONS_SINCE || request.sessionEpoch === EPOCH_FINAL || targets.size === 0;
    const session = standsAlone ? null : this.#open(byId, targets);
    return { error: 0, session, incremental: false, targets: [...targets.values()] };
  }

  #open(byId: boolean, targets: Map<string, FetchTarget>): FetchSession | null {
    if (this.#slotsMax === 0) return null;
    let id = randomInt(1, EPOCH_MAX);
    while (this.#sessions.has(id)) id = randomInt(1, EPOCH_MAX);
    const session = new FetchSession(id, byId);
    for (const [key, target] of targets) session.targets.set(key, target);
    this.#add(session);
    return session;
  }

  /** Adds it as the most recently used. Its targets change only while it is removed. */
  #add(session: FetchSession): void {
    const sessions = this.#sessions;
    const room = TARGETS_MAX - session.targets.size;
    while (sessions.size > 0 && (sessions.size >= this.#slotsMax || this.#targetCount > room)) {
      this.#remove(sessions.keys().next().value!);
    }
    sessions.set(session.id, session);
    this.#targetCount += session.targets.size;
  }

  #remove(id: number): void {
    const session = this.#sessions.get(id);
    if (session === undefined) return;
    this.#sessions.delete(id);
    this.#targetCount -= session.targets.size;
  }
}

function isFull(request: FetchRequest): boolean {
  return request.sessionEpoch === EPOCH_FULL || request.sessionEpoch === EPOCH_FINAL;
}

function failed(error: number): FetchPlan {
  return { error, session: null, incremental: false, targets: [] };
}
