import { ERROR } from '../../base/kafka-errors.ts';
import {
  ACL_RESOURCE,
  type AclRule,
  aclText,
  CLUSTER_RESOURCE_NAME,
} from '../../metadata/acl-rule.ts';
import { type Refusal, refusal } from '../../metadata/refusal.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  CreateAclsRequest,
  CreateAclsRequestAclCreation,
  CreateAclsResponse,
} from '../../protocol/schema/30-create-acls.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';

const ONLY_NAME = `The only valid name for the CLUSTER resource is ${CLUSTER_RESOURCE_NAME}`;

/** CreateAcls (30), versions 1 to 3. */
export const createAcls: Handler<
  CreateAclsRequest,
  CreateAclsResponse,
  'changes' | 'rights' | 'audit'
> = {
  key: API.CREATE_ACLS,
  versions: '1-3',
  needs: [forRequest('ALTER', 'CLUSTER')],
  async handle({ creations }, call, { changes, rights, audit }) {
    const why = whyNotAltered(rights.allowsOnCluster(call, 'ALTER'), rights.areChecked);
    if (why !== null) return { results: creations.map(() => outcomeOf(why)) };
    const rules = creations.map(ruleOf);
    const misnamed = rules.map(errorOfName);
    const named = rules.filter((_, at) => misnamed[at] === null);
    const refusals = await changes.createAcls(named);
    for (const [at, rule] of named.entries()) {
      if (refusals[at] === null) audit.changed(call, 'acl added', { rule: aclText(rule) });
    }
    let next = 0;
    return { results: misnamed.map((wrong) => outcomeOf(wrong ?? refusals[next++]!)) };
  },
};

/** Why nobody, or not this client, may change rules. */
export function whyNotAltered(isAllowed: boolean, areChecked: boolean): Refusal | null {
  if (!isAllowed) {
    return refusal(ERROR.CLUSTER_AUTHORIZATION_FAILED, 'Cluster authorization failed.');
  }
  return areChecked ? null : refusal(ERROR.SECURITY_DISABLED, 'No Authorizer is configured.');
}

function ruleOf(creation: CreateAclsRequestAclCreation): AclRule {
  const { resourceType, resourceName, principal, host, operation } = creation;
  const { resourcePatternType: patternType, permissionType: permission } = creation;
  return { resourceType, resourceName, patternType, principal, host, operation, permission };
}

function errorOfName({ resourceType, resourceName }: AclRule): Refusal | null {
  const isMisnamed =
    resourceType === ACL_RESOURCE.CLUSTER && resourceName !== CLUSTER_RESOURCE_NAME;
  return isMisnamed ? refusal(ERROR.INVALID_REQUEST, ONLY_NAME) : null;
}

function outcomeOf(refused: Refusal | null) {
  return { errorCode: refused?.errorCode ?? 0, errorMessage: refused?.message ?? null };
}
