import { type AclRule, aclText } from '../../metadata/acl-rule.ts';
import type { AclDeletion } from '../../metadata/metadata-changes.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  DeleteAclsRequest,
  DeleteAclsResponse,
  DeleteAclsResponseDeleteAclsFilterResult,
} from '../../protocol/schema/31-delete-acls.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';
import { aclFilterOf } from './29-describe-acls.ts';
import { whyNotAltered } from './30-create-acls.ts';

/** DeleteAcls (31), versions 1 to 3. */
export const deleteAcls: Handler<
  DeleteAclsRequest,
  DeleteAclsResponse,
  'changes' | 'rights' | 'audit'
> = {
  key: API.DELETE_ACLS,
  versions: '1-3',
  needs: [forRequest('ALTER', 'CLUSTER')],
  async handle({ filters }, call, { changes, rights, audit }) {
    const why = whyNotAltered(rights.allowsOnCluster(call, 'ALTER'), rights.areChecked);
    if (why !== null) {
      return { filterResults: filters.map(() => resultOf({ refused: why, deleted: [] })) };
    }
    const deletions = await changes.deleteAcls(filters.map(aclFilterOf));
    for (const { deleted } of deletions) {
      for (const rule of deleted) audit.changed(call, 'acl removed', { rule: aclText(rule) });
    }
    return { filterResults: deletions.map(resultOf) };
  },
};

function resultOf({ refused, deleted }: AclDeletion): DeleteAclsResponseDeleteAclsFilterResult {
  return {
    errorCode: refused?.errorCode ?? 0,
    errorMessage: refused?.message ?? null,
    matchingAcls: deleted.map(matchOf),
  };
}

function matchOf(rule: AclRule) {
  const { resourceType, resourceName, patternType, principal, host, operation } = rule;
  const permissionType = rule.permission;
  const outcome = { errorCode: 0, errorMessage: null };
  return {
    ...outcome,
    resourceType,
    resourceName,
    patternType,
    principal,
    host,
    operation,
    permissionType,
  };
}
