/**
 * A consumer of the classic protocol as a real one is: it knows its partitions, commits for them,
 * leads where it must, gives up everything (eager) or what it is told to (cooperative), leaves now
 * and then, and comes back. It does not know whether its group is a classic one.
 */
import { API } from '../../dist/protocol/index.js';
import { readAssigned, shareOut, writeSubscription } from './embedded-protocol.mjs';

const NONE = 0;
const ILLEGAL_GENERATION = 22;
const UNKNOWN_MEMBER_ID = 25;
const REBALANCE_IN_PROGRESS = 27;
const MEMBER_ID_REQUIRED = 79;
const FENCED_INSTANCE_ID = 82;
/** What a client answers with another try. */
const PASSING = new Set([14, 15, 16, REBALANCE_IN_PROGRESS]);
/** Somebody else may have its partitions by now. */
const LOST = new Set([ILLEGAL_GENERATION, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID]);
const REBALANCE_TIMEOUT_MS = 10_000;
const PROTOCOL_TYPE = 'consumer';

export class ClassicConsumer {
  #random;
  #memberId = '';
  #generation = -1;
  #protocolName = null;
  #owned = new Set();
  /** Of the last request that was answered: the broker's session began after it. */
  #beatMs = Number.NEGATIVE_INFINITY;
  #isSynced = false;
  #isLeaving = false;
  lives = 0;
  stable = 0;
  fenced = 0;

  constructor({ group, instanceId, leavesABeat, random }) {
    Object.assign(this, { group, instanceId, leavesABeat });
    this.#random = random;
  }

  get memberId() {
    return this.#memberId;
  }

  get isWithinSession() {
    return Date.now() - this.#beatMs < this.group.sessionTimeoutMs;
  }

  /** Until the connection breaks, or `enough` says so. */
  async run(connection, enough) {
    while (!connection.failed && !enough()) {
      try {
        if (this.#isLeaving) await this.#leave(connection);
        else if (await this.#enter(connection)) await this.#work(connection, enough);
      } catch (error) {
        if (connection.failed) return;
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  #identity() {
    const { group, instanceId } = this;
    const [memberId, generationId] = [this.#memberId, this.#generation];
    return { groupId: group.groupId, memberId, generationId, groupInstanceId: instanceId };
  }

  /** True where the member is to go on; what it has lost is given up. */
  #passes(what, error) {
    if (error === NONE) return true;
    if (LOST.has(error)) this.#lose(what, error);
    else if (!PASSING.has(error)) {
      throw new Error(`${this.group.groupId}: ${what} of ${this.#memberId}: error ${error}`);
    }
    return false;
  }

  /** No kill may make the broker forget a member that had synced and whose session still runs. */
  #lose(what, error) {
    const isForgotten = error !== ILLEGAL_GENERATION;
    if (isForgotten && this.#isSynced && this.isWithinSession && !this.#isLeaving) {
      throw new Error(`${this.group.groupId}: ${what}: ${this.#memberId} was forgotten: ${error}`);
    }
    this.#release([...this.#owned]);
    this.#generation = -1;
    this.#isSynced = false;
    if (isForgotten) this.#memberId = '';
    this.fenced++;
  }

  async #enter(connection) {
    const { group } = this;
    if (!group.isCooperative) this.#release([...this.#owned]);
    const sentMs = Date.now();
    const ownedPartitions = [...this.#owned];
    const joined = await connection.send(API.JOIN_GROUP, 9, {
      groupId: group.groupId,
      sessionTimeoutMs: group.sessionTimeoutMs,
      rebalanceTimeoutMs: REBALANCE_TIMEOUT_MS,
      memberId: this.#memberId,
      groupInstanceId: this.instanceId,
      protocolType: PROTOCOL_TYPE,
      protocols: [
        {
          name: group.protocolName,
          metadata: writeSubscription(group.shared.topic, ownedPartitions, this.#generation),
        },
      ],
      reason: null,
    });
    if (joined.errorCode === MEMBER_ID_REQUIRED) {
      this.#memberId = joined.memberId;
      return false;
    }
    if (!this.#passes('join', joined.errorCode)) return false;
    this.#beatMs = sentMs;
    this.#memberId = joined.memberId;
    this.#generation = joined.generationId;
    this.#protocolName = joined.protocolName;
    return this.#sync(connection, joined);
  }

  async #sync(connection, joined) {
    const { group } = this;
    const isLeader = joined.leader === joined.memberId && !joined.skipAssignment;
    const sentMs = Date.now();
    const synced = await connection.send(API.SYNC_GROUP, 5, {
      ...this.#identity(),
      protocolType: PROTOCOL_TYPE,
      protocolName: this.#protocolName,
      assignments: isLeader ? shareOut(group.shared, joined.members) : [],
    });
    if (!this.#passes('sync', synced.errorCode)) return false;
    this.#beatMs = sentMs;
    this.#isSynced = true;
    this.stable++;
    return this.#take(readAssigned(group.shared.topic, synced.assignment));
  }

  /** False where something was given up, for which the others wait. */
  #take(wanted) {
    const revoked = [...this.#owned].filter((partition) => !wanted.has(partition));
    this.#release(revoked);
    for (const partition of wanted) {
      if (this.#owned.has(partition)) continue;
      this.group.claim(this, partition);
      this.#owned.add(partition);
    }
    return revoked.length === 0;
  }

  #release(partitions) {
    for (const partition of partitions) {
      this.group.release(this, partition);
      this.#owned.delete(partition);
    }
  }

  async #work(connection, enough) {
    for (;;) {
      const sentMs = Date.now();
      const beat = await connection.send(API.HEARTBEAT, 4, this.#identity());
      if (!this.#passes('heartbeat', beat.errorCode)) return;
      this.#beatMs = sentMs;
      for (const partition of [...this.#owned]) {
        const committer = this.group.committers[partition];
        const error = await committer.commit(connection, this.#identity());
        if (!this.#passes('commit', error)) return;
      }
      if (enough()) return;
      if (this.#random() < this.leavesABeat()) {
        await this.#leave(connection);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  /** A static member mostly just stops, as its clients do, and is expected back. */
  async #leave(connection) {
    const isSilent = this.instanceId !== null && this.#random() < 0.7;
    this.#isLeaving = true;
    this.#release([...this.#owned]);
    if (!isSilent) {
      const member = { memberId: this.#memberId, groupInstanceId: this.instanceId, reason: null };
      const { groupId } = this.group;
      const left = await connection.send(API.LEAVE_GROUP, 5, { groupId, members: [member] });
      const error = left.errorCode || left.members[0].errorCode;
      if (PASSING.has(error)) return;
      this.#passes('leave', error);
    }
    this.#memberId = '';
    this.#generation = -1;
    this.#isSynced = false;
    this.#isLeaving = false;
    this.lives++;
  }
}
