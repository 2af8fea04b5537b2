import { AssignerProtocol } from './assigner-protocol.ts';
import type { Assignment, PartitionAssigner } from './types.ts';

/** Deals the partitions of all topics out to the members, one after the other. */
const roundRobin: PartitionAssigner = ({ cluster }) => ({
  name: 'RoundRobinAssigner',
  version: 0,

  async assign({ members, topics }) {
    const ids = members.map(({ memberId }) => memberId).sort();
    const shares = new Map<string, Assignment>();
    const all = topics.flatMap((topic) => {
      const partitions = cluster.findTopicPartitionMetadata(topic);
      return partitions.map(({ partitionId }) => ({ topic, partitionId }));
    });
    for (const [i, { topic, partitionId }] of all.entries()) {
      const id = ids[i % ids.length]!;
      const share = shares.get(id) ?? {};
      share[topic] = [...(Object.hasOwn(share, topic) ? share[topic]! : []), partitionId];
      shares.set(id, share);
    }
    return Array.from(shares, ([memberId, assignment]) => ({
      memberId,
      memberAssignment: AssignerProtocol.MemberAssignment.encode({
        version: this.version,
        assignment,
      }),
    }));
  },

  protocol({ topics }) {
    const { name, version } = this;
    return { name, metadata: AssignerProtocol.MemberMetadata.encode({ version, topics }) };
  },
});

export const PartitionAssigners = { roundRobin };
