/** A member of a classic group that joins, beats and commits, leaves now and then, and comes back. */
import { API } from '../../dist/protocol/index.js';

const NONE = 0;
const REBALANCE_IN_PROGRESS = 27;
const MEMBER_ID_REQUIRED = 79;
/** What a client answers with another try: loading, not there yet, moved on without us. */
const PASSING = new Set([14, 15, 16, 22, REBALANCE_IN_PROGRESS]);
const FORGOTTEN = new Set([25, 82]);
const LEAVES_A_BEAT = 0.02;

export class GroupMember {
  #random;
  #memberId = '';
  #generation = -1;
  #isLeader = false;
  stable = 0;

  constructor(groupId, committer, random) {
    this.groupId = groupId;
    this.committer = committer;
    this.#random = random;
  }

  /** Until the connection breaks, or `enough` says so. */
  async run(connection, enough = () => false) {
    while (!connection.failed && !enough()) {
      try {
        if (await this.#enter(connection)) await this.#work(connection, enough);
      } catch (error) {
        if (connection.failed) return;
        throw error;
      }
    }
  }

  /** True where the error is one to go on after. */
  #passes(what, error) {
    if (error === NONE) return true;
    if (FORGOTTEN.has(error)) this.#memberId = '';
    else if (!PASSING.has(error)) throw new Error(`${this.groupId}: ${what}: error ${error}`);
    return false;
  }

  async #enter(connection) {
    const { groupId } = this;
    const joined = await connection.send(API.JOIN_GROUP, 6, {
      groupId,
      sessionTimeoutMs: 2000,
      rebalanceTimeoutMs: 2000,
      memberId: this.#memberId,
      groupInstanceId: null,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: Buffer.alloc(10) }],
    });
    if (joined.errorCode === MEMBER_ID_REQUIRED) {
      this.#memberId = joined.memberId;
      return false;
    }
    if (!this.#passes('join', joined.errorCode)) return false;
    this.#memberId = joined.memberId;
    this.#generation = joined.generationId;
    this.#isLeader = joined.leader === joined.memberId;
    const assignments = joined.members.map(({ memberId }) => {
      return { memberId, assignment: Buffer.from(memberId) };
    });
    const synced = await connection.send(API.SYNC_GROUP, 4, { ...this.#identity(), assignments });
    if (!this.#passes('sync', synced.errorCode)) return false;
    if (synced.assignment.toString() !== this.#memberId) {
      throw new Error(`${groupId}: ${this.#memberId} was given ${synced.assignment}`);
    }
    this.stable++;
    return true;
  }

  #identity() {
    const { groupId } = this;
    const [memberId, generationId] = [this.#memberId, this.#generation];
    return { groupId, memberId, generationId, groupInstanceId: null };
  }

  async #work(connection, enough) {
    for (;;) {
      const beat = await connection.send(API.HEARTBEAT, 4, this.#identity());
      if (!this.#passes('heartbeat', beat.errorCode)) return;
      if (enough()) return;
      if (this.#isLeader) {
        const error = await this.committer.commit(connection, this.#identity());
        if (!this.#passes('commit', error)) return;
      }
      if (this.#random() < LEAVES_A_BEAT) {
        await this.#leave(connection);
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async #leave(connection) {
    const members = [{ memberId: this.#memberId, groupInstanceId: null }];
    const left = await connection.send(API.LEAVE_GROUP, 4, { groupId: this.groupId, members });
    this.#passes('leave', left.errorCode || left.members[0].errorCode);
    this.#memberId = '';
  }
}
