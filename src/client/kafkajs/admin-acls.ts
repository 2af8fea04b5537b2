import { API } from '../../protocol/api-keys.ts';
import type { AdminParts } from './admin.ts';
import { isNotController, throwFirst } from './admin-topics.ts';
import type { AclEntry, AclFilter, DeleteAclResponse, DescribeAclResponse } from './admin-types.ts';
import { invalid, requireOneOf } from './checks.ts';
import {
  AclOperationTypes,
  AclPermissionTypes,
  AclResourceTypes,
  ResourcePatternTypes,
} from './constants.ts';
import { retriedBut } from './retry.ts';

type Kinds = Pick<
  AclEntry,
  'operation' | 'permissionType' | 'resourceType' | 'resourcePatternType'
>;

function checkKinds(kinds: Kinds, of: unknown, patternWord: string): void {
  const { operation, resourcePatternType, permissionType, resourceType } = kinds;
  requireOneOf(AclOperationTypes, operation, 'operation type', of);
  requireOneOf(ResourcePatternTypes, resourcePatternType, patternWord, of);
  requireOneOf(AclPermissionTypes, permissionType, 'permission type', of);
  requireOneOf(AclResourceTypes, resourceType, 'resource type', of);
}

const TEXTS = ['principal', 'host', 'resourceName'] as const;

function isTextOrNothing(value: unknown): boolean {
  return typeof value === 'string' || value === undefined;
}

function wireFilter(filter: AclFilter) {
  return {
    resourceTypeFilter: filter.resourceType,
    resourceNameFilter: filter.resourceName ?? null,
    patternTypeFilter: filter.resourcePatternType,
    principalFilter: filter.principal ?? null,
    hostFilter: filter.host ?? null,
    operation: filter.operation,
    permissionType: filter.permissionType,
  };
}

export async function createAcls(
  { cluster, retry }: AdminParts,
  { acl }: { readonly acl: AclEntry[] },
): Promise<boolean> {
  if (!acl || !Array.isArray(acl)) throw invalid(`Invalid ACL array ${acl}`);
  if (acl.length === 0) throw invalid('Empty ACL array');
  for (const name of TEXTS) {
    if (acl.every((each) => typeof each[name] === 'string')) continue;
    throw invalid(`Invalid ACL array, the ${name}s have to be a valid string`);
  }
  for (const each of acl) checkKinds(each, each, 'resource pattern type');
  return retriedBut(retry, isNotController, async () => {
    const answer = await cluster.askController((connection) =>
      connection.ask(API.CREATE_ACLS, { creations: acl.map((each) => ({ ...each })) }),
    );
    throwFirst(answer.results);
    return true;
  });
}

export async function describeAcls(
  { cluster, retry }: AdminParts,
  filter: AclFilter,
): Promise<DescribeAclResponse> {
  for (const name of TEXTS) {
    if (isTextOrNothing(filter[name])) continue;
    throw invalid(`Invalid ${name}, the ${name} have to be a valid string`);
  }
  checkKinds(filter, undefined, 'resource pattern filter type');
  return retriedBut(retry, isNotController, async () => {
    const answer = await cluster.askController((connection) =>
      connection.ask(API.DESCRIBE_ACLS, wireFilter(filter)),
    );
    throwFirst([answer]);
    const resources = answer.resources.map(({ patternType, ...resource }) => {
      return { ...resource, resourcePatternType: patternType };
    });
    return { resources } as DescribeAclResponse;
  });
}

export async function deleteAcls(
  { cluster, retry }: AdminParts,
  { filters }: { readonly filters: AclFilter[] },
): Promise<DeleteAclResponse> {
  if (!filters || !Array.isArray(filters)) throw invalid(`Invalid ACL Filter array ${filters}`);
  if (filters.length === 0) throw invalid('Empty ACL Filter array');
  for (const name of TEXTS) {
    if (filters.every((each) => isTextOrNothing(each[name]))) continue;
    throw invalid(`Invalid ACL Filter array, the ${name}s have to be a valid string`);
  }
  for (const each of filters) checkKinds(each, each, 'resource pattern type');
  return retriedBut(retry, isNotController, async () => {
    const answer = await cluster.askController((connection) =>
      connection.ask(API.DELETE_ACLS, { filters: filters.map(wireFilter) }),
    );
    throwFirst(answer.filterResults);
    const filterResponses = answer.filterResults.map(({ errorCode, errorMessage, ...result }) => ({
      errorCode,
      errorMessage,
      matchingAcls: result.matchingAcls.map(({ patternType, ...acl }) => {
        return { ...acl, resourcePatternType: patternType };
      }),
    }));
    return { filterResponses } as DeleteAclResponse;
  });
}
