import { ERROR } from '../../base/kafka-errors.ts';
import { type AclFilter, isMeant } from '../../metadata/acl-filter.ts';
import type { AclRule } from '../../metadata/acl-rule.ts';
import { errorOfAclFilter } from '../../metadata/plan-acls.ts';
import { API } from '../../protocol/api-keys.ts';
import type {
  DescribeAclsRequest,
  DescribeAclsResponse,
  DescribeAclsResponseDescribeAclsResource,
} from '../../protocol/schema/29-describe-acls.ts';
import type { Handler } from '../requests/handler.ts';
import { forRequest } from '../requests/needed-action.ts';

/** DescribeAcls (29), versions 1 to 3. */
export const describeAcls: Handler<
  DescribeAclsRequest,
  DescribeAclsResponse,
  'metadata' | 'rights'
> = {
  key: API.DESCRIBE_ACLS,
  versions: '1-3',
  needs: [forRequest('DESCRIBE', 'CLUSTER')],
  handle(request, call, { metadata, rights }) {
    if (!rights.allowsOnCluster(call, 'DESCRIBE')) {
      return refused(ERROR.CLUSTER_AUTHORIZATION_FAILED, 'Cluster authorization failed.');
    }
    if (!rights.areChecked) {
      return refused(ERROR.SECURITY_DISABLED, 'No Authorizer is configured on the broker');
    }
    const filter = aclFilterOf(request);
    const wrong = errorOfAclFilter(filter);
    if (wrong !== null) return refused(wrong.errorCode, wrong.message);
    const rules = [...metadata.image.acls.values()].filter((rule) => isMeant(filter, rule));
    return { errorCode: 0, errorMessage: null, resources: byResource(rules) };
  },
};

/** The filter of DescribeAcls, and each of those of DeleteAcls. */
export function aclFilterOf(request: DescribeAclsRequest): AclFilter {
  return {
    resourceType: request.resourceTypeFilter,
    resourceName: request.resourceNameFilter,
    patternType: request.patternTypeFilter,
    principal: request.principalFilter,
    host: request.hostFilter,
    operation: request.operation,
    permission: request.permissionType,
  };
}

function refused(errorCode: number, errorMessage: string) {
  return { errorCode, errorMessage, resources: [] };
}

function byResource(rules: readonly AclRule[]): DescribeAclsResponseDescribeAclsResource[] {
  const resources = new Map<string, DescribeAclsResponseDescribeAclsResource>();
  for (const rule of rules) {
    const { resourceType, resourceName, patternType } = rule;
    const key = `${resourceType} ${patternType} ${resourceName}`;
    let resource = resources.get(key);
    if (resource === undefined) {
      resource = { resourceType, resourceName, patternType, acls: [] };
      resources.set(key, resource);
    }
    const { principal, host, operation, permission: permissionType } = rule;
    resource.acls.push({ principal, host, operation, permissionType });
  }
  return [...resources.values()];
}
