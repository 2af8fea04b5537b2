import type { PartitionAssignor } from './assignor.ts';
import { byMember, emptyAssignment, wantedTopics } from './member-order.ts';

/**
 * Each topic on its own: its partitions in runs of the same length, the first members have one
 * more. Topics with the same number of partitions are shared out alike.
 */
export const rangeAssignor: PartitionAssignor = {
  name: 'range',
  protocol: 'eager',
  assign(counts, members) {
    const assignment = emptyAssignment(members);
    const inOrder = [...members].sort(byMember);
    for (const topic of wantedTopics(members)) {
      const wanting = inOrder.filter(({ topics }) => topics.includes(topic));
      const count = counts.get(topic) ?? 0;
      const each = Math.floor(count / wanting.length);
      const more = count % wanting.length;
      let partition = 0;
      for (const [i, { memberId }] of wanting.entries()) {
        const end = partition + each + (i < more ? 1 : 0);
        for (; partition < end; partition++) assignment.get(memberId)!.push({ topic, partition });
      }
    }
    return assignment;
  },
};
