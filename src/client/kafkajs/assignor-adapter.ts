import type { AnyAssignor } from '../consumer/assign/assignor.ts';
import type { TopicPartition } from '../topic-partition.ts';
import { AssignerProtocol } from './assigner-protocol.ts';
import type { FacadeCluster } from './cluster.ts';
import type { Assigner } from './types.ts';

/** An assigner of KafkaJS as one of the client's. Its members give everything up to rebalance. */
export function assignorOf(
  assigner: Assigner,
  cluster: FacadeCluster,
  topics: string[],
): AnyAssignor {
  const { MemberMetadata, MemberAssignment } = AssignerProtocol;
  return {
    name: assigner.name,
    protocol: 'eager',
    userData: () => MemberMetadata.decode(assigner.protocol({ topics }).metadata)?.userData ?? null,
    async assign(_counts, members) {
      await cluster.addMultipleTargetTopics(topics);
      await cluster.refreshMetadata();
      const known = members.map(({ memberId, topics: wanted, userData }) => ({
        memberId,
        memberMetadata: MemberMetadata.encode({
          version: assigner.version,
          topics: [...wanted],
          userData: Buffer.from(userData ?? []),
        }),
      }));
      const shares = await assigner.assign({ members: known, topics });
      return new Map(
        shares.map(({ memberId, memberAssignment }) => {
          const decoded = MemberAssignment.decode(memberAssignment);
          return [memberId, partitionsOf(decoded?.assignment ?? {})];
        }),
      );
    },
  };
}

function partitionsOf(assignment: Readonly<Record<string, readonly number[]>>): TopicPartition[] {
  return Object.entries(assignment).flatMap(([topic, partitions]) => {
    return partitions.map((partition) => ({ topic, partition }));
  });
}
