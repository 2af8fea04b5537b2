import { API } from '../../protocol/api-keys.ts';
import type { FacadeCluster } from './cluster.ts';
import type { ConsumerGroupState, GroupDescription } from './consumer-types.ts';
import { protocolError } from './protocol-error.ts';

/** No classic group of this name: it was never there, or it is of the new protocol. */
const GROUP_ID_NOT_FOUND = 69;

/** One attempt. A group that does not exist is described as dead. */
export async function describeGroups(
  cluster: FacadeCluster,
  groupIds: readonly string[],
): Promise<GroupDescription[]> {
  const asked = groupIds.map((groupId) =>
    cluster.askCoordinator(groupId, async (connection) => {
      const answer = await connection.ask(API.DESCRIBE_GROUPS, { groups: [groupId] });
      return answer.groups;
    }),
  );
  const groups = (await Promise.all(asked)).flat();
  return groups.map(({ errorCode, errorMessage, groupId, ...group }) => {
    const isUnknown = errorCode === GROUP_ID_NOT_FOUND;
    if (errorCode !== 0 && !isUnknown) throw protocolError(errorCode, errorMessage);
    return {
      errorCode: 0,
      groupId,
      members: group.members.map((member) => ({
        memberId: member.memberId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        memberAssignment: member.memberAssignment,
        memberMetadata: member.memberMetadata,
      })),
      protocol: group.protocolData,
      protocolType: group.protocolType,
      state: isUnknown ? 'Dead' : (group.groupState as ConsumerGroupState),
    };
  });
}
