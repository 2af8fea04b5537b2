import type { PartitionMirror } from '../../front/partitions/partition-mirror.ts';
import { markKey } from '../stream/mark-key.ts';
import type { GroupMember } from './group-member.ts';

/** Marks of partitions that were delivered; the oldest are forgotten first. */
const MARKS_MAX = 100_000;

/** The members that sockets of this broker are, by group. */
export class GroupRegister {
  readonly #members = new Map<string, Set<GroupMember>>();
  /** By group, topic id and partition: how far records were delivered, acknowledged or not. */
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

  /** Something changed for this group: the others ask now and not in their own time. */
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

  /** undefined: nothing is known, since the broker started. */
  deliveredTo(groupId: string, mirror: PartitionMirror): number | undefined {
    return this.#delivered.get(`${groupId}\n${markKey(mirror)}`);
  }
}
