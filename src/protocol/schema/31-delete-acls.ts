import { api, array, int8, int16, int32, string, struct } from '../schema-dsl.ts';

export interface DeleteAclsRequest {
  filters: DeleteAclsRequestDeleteAclsFilter[];
}

export interface DeleteAclsRequestDeleteAclsFilter {
  resourceTypeFilter: number;
  resourceNameFilter: string | null;
  patternTypeFilter: number;
  principalFilter: string | null;
  hostFilter: string | null;
  operation: number;
  permissionType: number;
}

export interface DeleteAclsResponse {
  throttleTimeMs: number;
  filterResults: DeleteAclsResponseDeleteAclsFilterResult[];
}

export interface DeleteAclsResponseDeleteAclsFilterResult {
  errorCode: number;
  errorMessage: string | null;
  matchingAcls: DeleteAclsResponseDeleteAclsMatchingAcl[];
}

export interface DeleteAclsResponseDeleteAclsMatchingAcl {
  errorCode: number;
  errorMessage: string | null;
  resourceType: number;
  resourceName: string;
  patternType: number;
  principal: string;
  host: string;
  operation: number;
  permissionType: number;
}

export const DELETE_ACLS = api({
  key: 31,
  name: 'DeleteAcls',
  versions: '1-3',
  flexible: '2+',
  request: struct<DeleteAclsRequest>({
    filters: array(
      '0+',
      struct<DeleteAclsRequestDeleteAclsFilter>({
        resourceTypeFilter: int8('0+'),
        resourceNameFilter: string('0+', { nullable: '0+' }),
        patternTypeFilter: int8('1+', { default: 3 }),
        principalFilter: string('0+', { nullable: '0+' }),
        hostFilter: string('0+', { nullable: '0+' }),
        operation: int8('0+'),
        permissionType: int8('0+'),
      }),
    ),
  }),
  response: struct<DeleteAclsResponse>({
    throttleTimeMs: int32('0+'),
    filterResults: array(
      '0+',
      struct<DeleteAclsResponseDeleteAclsFilterResult>({
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
        matchingAcls: array(
          '0+',
          struct<DeleteAclsResponseDeleteAclsMatchingAcl>({
            errorCode: int16('0+'),
            errorMessage: string('0+', { nullable: '0+' }),
            resourceType: int8('0+'),
            resourceName: string('0+'),
            patternType: int8('1+', { default: 3 }),
            principal: string('0+'),
            host: string('0+'),
            operation: int8('0+'),
            permissionType: int8('0+'),
          }),
        ),
      }),
    ),
  }),
});
