/** A group of the new protocol (KIP-848): who has which partition, and what it has committed. */
import { Committer } from './committer.mjs';
import { ConsumerMember } from './consumer-member.mjs';

/** Before this no version knows a member's epoch. */
const COMMIT_VERSION = 9;
const ASSIGNORS = ['uniform', 'range'];

export class ConsumerGroup {
  /** Partition -> the member that was given it and has not given it up. */
  #owners = new Map();
  moves = 0;

  /** What kind of members it has is drawn. */
  constructor(groupId, shared, memberCount, random) {
    this.groupId = groupId;
    this.shared = shared;
    this.committers = shared.partitions.map((place) => {
      return new Committer(groupId, place, COMMIT_VERSION);
    });
    this.assignor = ASSIGNORS[Math.floor(random() * ASSIGNORS.length)];
    this.members = Array.from({ length: memberCount }, (_, i) => {
      const instanceId = random() < 0.4 ? `${groupId}-instance-${i}` : null;
      const usesRegex = random() < 0.3;
      return new ConsumerMember({ group: this, name: `${i}`, instanceId, usesRegex, random });
    });
  }

  /** One that has not been heard of for its session may be taken for dead by the broker. */
  claim(member, partition) {
    const owner = this.#owners.get(partition);
    if (owner !== undefined && owner !== member && owner.isWithinSession) {
      const given = `${member.memberId} was given partition ${partition}`;
      throw new Error(`${this.groupId}: ${given}, which ${owner.memberId} has`);
    }
    this.#owners.set(partition, member);
    this.moves++;
  }

  release(member, partition) {
    if (this.#owners.get(partition) === member) this.#owners.delete(partition);
  }

  get isSharedOut() {
    return this.#owners.size === this.shared.partitions.length;
  }
}
