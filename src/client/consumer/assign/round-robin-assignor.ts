import type { PartitionAssignor } from './assignor.ts';
import { byMember, emptyAssignment, wantedTopics } from './member-order.ts';

/** All partitions of all topics in turn, to the next member that wants the topic. */
export const roundRobinAssignor: PartitionAssignor = {
  name: 'roundrobin',
  protocol: 'eager',
  assign(counts, members) {
    const assignment = emptyAssignment(members);
    const inOrder = [...members].sort(byMember);
    let turn = 0;
    for (const topic of wantedTopics(members)) {
      const count = counts.get(topic) ?? 0;
      for (let partition = 0; partition < count; partition++) {
        while (!inOrder[turn % inOrder.length]!.topics.includes(topic)) turn++;
        const { memberId } = inOrder[turn++ % inOrder.length]!;
        assignment.get(memberId)!.push({ topic, partition });
      }
    }
    return assignment;
  },
};
