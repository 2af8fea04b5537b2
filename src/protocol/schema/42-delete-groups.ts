import { api, array, int16, int32, string, struct } from '../schema-dsl.ts';

export interface DeleteGroupsRequest {
  groupsNames: string[];
}

export interface DeleteGroupsResponse {
  throttleTimeMs: number;
  results: DeleteGroupsResponseDeletableGroupResult[];
}

export interface DeleteGroupsResponseDeletableGroupResult {
  groupId: string;
  errorCode: number;
}

export const DELETE_GROUPS = api({
  key: 42,
  name: 'DeleteGroups',
  versions: '0-2',
  flexible: '2+',
  request: struct<DeleteGroupsRequest>({
    groupsNames: array('0+', 'string'),
  }),
  response: struct<DeleteGroupsResponse>({
    throttleTimeMs: int32('0+'),
    results: array(
      '0+',
      struct<DeleteGroupsResponseDeletableGroupResult>({
        groupId: string('0+'),
        errorCode: int16('0+'),
      }),
    ),
  }),
});
