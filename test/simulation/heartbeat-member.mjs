/** What members do that say all they have to say by heartbeats (KIP-848, KIP-1071). */
import { ERROR } from '../../dist/protocol/index.js';
import { GroupMember, PASSING } from './group-member.mjs';

const REBALANCE_MS = 20_000;

/**
 * Subclasses have `send(fields)`, `told(isJoin, tells)` for the fields of a heartbeat, `take(answer)`
 * that is true where the answer has an assignment, and `drop()`.
 */
export class HeartbeatMember extends GroupMember {
  isOfNewProtocol = true;
  #mustTell = true;

  constructor(world, name, group, topics) {
    super(world, name, group, topics);
    this.memberId = `member-${name}`;
    this.epoch = 0;
  }

  async heartbeat() {
    const isJoin = this.epoch === 0;
    const tells = isJoin || this.#mustTell;
    const answer = await this.send({
      memberEpoch: this.epoch,
      rebalanceTimeoutMs: tells ? REBALANCE_MS : -1,
      ...this.told(isJoin, tells),
    });
    // Whoever had no answer tells all of its state again.
    this.#mustTell = answer === null || answer.errorCode !== ERROR.NONE;
    if (answer === null) return;
    if (answer.errorCode !== ERROR.NONE) {
      this.refused('heartbeat', answer.errorCode);
      if (PASSING.has(answer.errorCode)) return;
      this.drop();
      this.epoch = 0;
      return;
    }
    this.heard();
    if (answer.memberEpoch !== this.epoch) {
      this.history.note(`${this.name} is in epoch ${answer.memberEpoch}`);
    }
    this.epoch = answer.memberEpoch;
    if (this.take(answer)) this.#mustTell = true;
  }

  async leave() {
    this.drop();
    await this.send({ memberEpoch: -1 });
  }
}
