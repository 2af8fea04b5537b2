import type { PartitionMirror } from '../../front/partitions/partition-mirror.ts';
import { markKey } from '../stream/mark-key.ts';
import type { GroupMember } from './group-member.ts';

/** How many delivery marks are kept. The oldest are forgotten first. */
const MARKS_MAX = 100_000;

/** The members of groups that sockets of this broker are, by group. */
export class GroupRegister {
  readonly #members = new Map<string, Set<GroupMember>>();
  /** How far records were delivered, acknowledged or not, by group, topic id and partition. */
  readonly #delivered = new Map<string, number>();

  add(member: GroupMember): void {
    const members = this.#members.get(member.groupId);
    if (members === undefined) this.#members.set(member.groupId, new Set([member]));
    else members.add(member);
  }

  remove(member: GroupMember): void {
    const members = this.#members.get(member.groupId);
    members?.delete(member);
    if (members?.size === 0) this.#members.delete(member.groupId);
  }

  ofInstance(groupId: string, instanceId: string): GroupMember | undefined {
    for (const member of this.#members.get(groupId) ?? []) {
      if (member.instanceId === instanceId) return member;
    }
    return undefined;
  }

  ofId(groupId: string, memberId: string): GroupMember | undefined {
    for (const member of this.#members.get(groupId) ?? []) {
      if (member.memberId === memberId) return member;
    }
    return undefined;
  }

  /** The group has changed: its other members send a heartbeat now instead of waiting. */
  wakeOthers(member: GroupMember): void {
    for (const other of this.#members.get(member.groupId) ?? []) {
      if (other !== member) other.beatSoon();
    }
  }

  noteDelivered(groupId: string, mirror: PartitionMirror, position: number): void {
    const key = `${groupId}\n${markKey(mirror)}`;
    const known = this.#delivered.get(key) ?? 0;
    this.#delivered.delete(key);
    this.#delivered.set(key, Math.max(known, position));
    if (this.#delivered.size <= MARKS_MAX) return;
    for (const oldest of this.#delivered.keys()) {
      this.#delivered.delete(oldest);
      return;
    }
  }

  /** undefined if nothing is known since the broker started. */
  deliveredTo(groupId: string, mirror: PartitionMirror): number | undefined {
    return this.#delivered.get(`${groupId}\n${markKey(mirror)}`);
  }
}
