import type { JoinGroupResponse } from '../../../protocol/schema/11-join-group.ts';
import { KafkaError } from '../../errors/kafka-error.ts';
import type { ClusterLink } from '../../metadata/cluster-link.ts';
import type { AnyAssignor, GroupAssignment, GroupMember } from '../assign/assignor.ts';
import { decodeSubscription } from '../assign/consumer-protocol.ts';

/** What the member that leads a classic group does for all of them. */
export class LeaderDuty {
  readonly #link: ClusterLink;
  readonly #assignors: readonly AnyAssignor[];
  /** Which assignor made the last assignment. */
  #used: AnyAssignor | null = null;
  /** What the last assignment was made from; null while another member leads. */
  #counts: ReadonlyMap<string, number> | null = null;

  constructor(link: ClusterLink, assignors: readonly AnyAssignor[]) {
    this.#link = link;
    this.#assignors = assignors;
  }

  async assign(joined: JoinGroupResponse): Promise<GroupAssignment> {
    const assignor = this.#assignors.find(({ name }) => name === joined.protocolName);
    if (assignor === undefined) {
      const text = `the group chose assignor ${joined.protocolName}, which this member lacks`;
      throw new KafkaError('INCONSISTENT_GROUP_PROTOCOL', text);
    }
    const members = joined.members.map((each): GroupMember => {
      const { memberId, groupInstanceId: instanceId, metadata } = each;
      const subscription = decodeSubscription(metadata);
      if (subscription !== null) return { memberId, instanceId, ...subscription };
      throw new KafkaError('MALFORMED_ANSWER', `member ${memberId} says nothing that can be read`);
    });
    const topics = new Set(members.flatMap((each) => each.topics));
    const { metadata } = this.#link;
    metadata.want(topics);
    await metadata.refresh();
    this.#counts = this.#countsOf(topics);
    const known = new Map([...this.#counts].filter(([, count]) => count > 0));
    this.#used = assignor;
    return assignor.assign(known, members);
  }

  /** What goes with the part of a member in the last assignment. */
  dataOf(memberId: string): Uint8Array | null {
    return this.#used?.assignmentData?.(memberId) ?? null;
  }

  resign(): void {
    this.#counts = null;
  }

  /** Whether another assignment is due. */
  hasChanged(): boolean {
    if (this.#counts === null) return false;
    const now = this.#countsOf(this.#counts.keys());
    return [...this.#counts].some(([topic, count]) => now.get(topic) !== count);
  }

  #countsOf(topics: Iterable<string>): ReadonlyMap<string, number> {
    const counts = new Map<string, number>();
    for (const topic of topics) {
      counts.set(topic, this.#link.metadata.topic(topic)?.partitions.length ?? 0);
    }
    return counts;
  }
}
