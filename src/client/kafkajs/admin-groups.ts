import { API } from '../../protocol/api-keys.ts';
import type { AdminParts } from './admin.ts';
import { throwFirst } from './admin-topics.ts';
import type { DeleteGroupsResult, GroupOverview } from './admin-types.ts';
import { invalid } from './checks.ts';
import { KafkaJSDeleteGroupsError } from './errors.ts';
import { protocolError } from './protocol-error.ts';
import { retriedBut } from './retry.ts';

/** The groups of all brokers. */
export async function listGroups({ cluster }: AdminParts): Promise<{ groups: GroupOverview[] }> {
  await cluster.refreshMetadata();
  const lists = cluster.getNodeIds().map((nodeId) =>
    cluster.askNode(nodeId, async (connection) => {
      const answer = await connection.ask(API.LIST_GROUPS, {});
      throwFirst([answer]);
      return answer.groups.map(({ groupId, protocolType }) => ({ groupId, protocolType }));
    }),
  );
  return { groups: (await Promise.all(lists)).flat() };
}

/** Groups that are gone are not asked for again where others failed. */
export async function deleteGroups(
  { cluster, retry }: AdminParts,
  groupIds: readonly string[],
): Promise<DeleteGroupsResult[]> {
  if (!groupIds || !Array.isArray(groupIds)) throw invalid(`Invalid groupIds array ${groupIds}`);
  const bad = groupIds.find((each) => typeof each !== 'string');
  if (bad !== undefined) throw invalid(`Invalid groupId name: ${JSON.stringify(bad)}`);
  const done: DeleteGroupsResult[] = [];
  let left: readonly string[] = groupIds;
  const mayPass = (thrown: unknown) => {
    const { type } = thrown as { type?: unknown };
    return type === 'NOT_CONTROLLER' || type === 'GROUP_COORDINATOR_NOT_AVAILABLE';
  };
  return retriedBut(retry, mayPass, async () => {
    const answers = await Promise.all(
      left.map((groupId) =>
        cluster.askCoordinator(groupId, (connection) =>
          connection.ask(API.DELETE_GROUPS, { groupsNames: [groupId] }),
        ),
      ),
    );
    const results = answers.flatMap((answer) => answer.results);
    const failed = results.filter(({ errorCode }) => errorCode !== 0);
    for (const { groupId, errorCode } of results)
      if (errorCode === 0) done.push({ groupId, errorCode });
    left = failed.map(({ groupId }) => groupId);
    if (failed.length === 0) return done;
    throw new KafkaJSDeleteGroupsError(
      'Error in DeleteGroups',
      failed.map(({ groupId, errorCode }) => {
        return { groupId, errorCode, error: protocolError(errorCode) };
      }),
    );
  });
}
