import { api, array, int8, int16, int32, string, struct } from '../schema-dsl.ts';

export interface CreateAclsRequest {
  creations: CreateAclsRequestAclCreation[];
}

export interface CreateAclsRequestAclCreation {
  resourceType: number;
  resourceName: string;
  resourcePatternType: number;
  principal: string;
  host: string;
  operation: number;
  permissionType: number;
}

export interface CreateAclsResponse {
  throttleTimeMs: number;
  results: CreateAclsResponseAclCreationResult[];
}

export interface CreateAclsResponseAclCreationResult {
  errorCode: number;
  errorMessage: string | null;
}

export const CREATE_ACLS = api({
  key: 30,
  name: 'CreateAcls',
  versions: '1-3',
  flexible: '2+',
  request: struct<CreateAclsRequest>({
    creations: array(
      '0+',
      struct<CreateAclsRequestAclCreation>({
        resourceType: int8('0+'),
        resourceName: string('0+'),
        resourcePatternType: int8('1+', { default: 3 }),
        principal: string('0+'),
        host: string('0+'),
        operation: int8('0+'),
        permissionType: int8('0+'),
      }),
    ),
  }),
  response: struct<CreateAclsResponse>({
    throttleTimeMs: int32('0+'),
    results: array(
      '0+',
      struct<CreateAclsResponseAclCreationResult>({
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
      }),
    ),
  }),
});
