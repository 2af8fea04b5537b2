import type { Admin } from '../../client/admin/admin.ts';
import type { GroupDescription } from '../../client/admin/group-description.ts';
import type { GroupMember } from '../../client/admin/group-member.ts';
import { required } from '../../client/admin/outcome.ts';
import { byPlace, partitionName, type TopicPartition } from '../../client/topic-partition.ts';
import { existingPartitions } from '../existing-partitions.ts';
import { offsetsAt } from '../offsets-at.ts';
import { remark } from '../output.ts';
import type { TableColumn } from '../table.ts';

export interface PartitionLag extends TopicPartition {
  readonly group: string;
  /** Null where nothing is committed. */
  readonly currentOffset: number | null;
  /** Null where the topic is gone. */
  readonly logEndOffset: number | null;
  readonly lag: number | null;
  readonly memberId: string | null;
  readonly instanceId: string | null;
  readonly clientId: string | null;
  readonly clientHost: string | null;
}

interface Owned extends TopicPartition {
  readonly member: GroupMember;
}

function ownedPartitions(group: GroupDescription): Owned[] {
  return group.members.flatMap((member) =>
    (member.assignment ?? []).flatMap(({ topic, partitions }) =>
      partitions.map((partition) => ({ topic, partition, member })),
    ),
  );
}

/** The first columns of a table of lags. */
export const POSITION_COLUMNS: readonly TableColumn<PartitionLag>[] = [
  { title: 'GROUP', value: ({ group }) => group },
  { title: 'TOPIC', value: ({ topic }) => topic },
  { title: 'PARTITION', value: ({ partition }) => partition },
  { title: 'CURRENT-OFFSET', value: ({ currentOffset }) => currentOffset },
  { title: 'LOG-END-OFFSET', value: ({ logEndOffset }) => logEndOffset },
];

/** The lags of all partitions of the groups. A group without members is remarked on. */
export async function lagsOf(
  admin: Admin,
  groups: readonly GroupDescription[],
): Promise<PartitionLag[]> {
  const lags: PartitionLag[] = [];
  for (const group of groups) {
    if (group.members.length === 0) remark(`group ${group.groupId} has no members`);
    lags.push(...(await groupLag(admin, group)));
  }
  return lags;
}

/** What the group has committed or owns, with the distance to the end of the log. */
async function groupLag(admin: Admin, group: GroupDescription): Promise<PartitionLag[]> {
  const owned = ownedPartitions(group);
  const { groupId } = group;
  const committed = required((await admin.groupOffsets.list([groupId])).get(groupId));
  const places = new Map<string, TopicPartition>();
  for (const { topic, partition } of [...committed, ...owned]) {
    const at = { topic, partition };
    places.set(partitionName(at), at);
  }
  const partitions = [...places.values()].sort(byPlace);
  const ends = await offsetsAt(admin, await existingPartitions(admin, partitions), 'latest');
  const offsets = new Map(committed.map((each) => [partitionName(each), each.offset]));
  const owners = new Map(owned.map((each) => [partitionName(each), each.member]));
  return partitions.map((at) => {
    const name = partitionName(at);
    const currentOffset = offsets.get(name) ?? null;
    const logEndOffset = ends.get(name) ?? null;
    const owner = owners.get(name);
    const known = currentOffset !== null && logEndOffset !== null;
    return {
      group: group.groupId,
      ...at,
      currentOffset,
      logEndOffset,
      lag: known ? logEndOffset - currentOffset : null,
      memberId: owner?.memberId ?? null,
      instanceId: owner?.instanceId ?? null,
      clientId: owner?.clientId ?? null,
      clientHost: owner?.clientHost ?? null,
    };
  });
}
