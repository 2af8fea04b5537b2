import { api, array, int16, int32, string, struct } from '../schema-dsl.ts';

export interface ListGroupsRequest {
  statesFilter: string[];
  typesFilter: string[];
}

export interface ListGroupsResponse {
  throttleTimeMs: number;
  errorCode: number;
  groups: ListGroupsResponseListedGroup[];
}

export interface ListGroupsResponseListedGroup {
  groupId: string;
  protocolType: string;
  groupState: string;
  groupType: string;
}

export const LIST_GROUPS = api({
  key: 16,
  name: 'ListGroups',
  versions: '0-5',
  flexible: '3+',
  request: struct<ListGroupsRequest>({
    statesFilter: array('4+', 'string'),
    typesFilter: array('5+', 'string'),
  }),
  response: struct<ListGroupsResponse>({
    throttleTimeMs: int32('1+', { ignorable: true }),
    errorCode: int16('0+'),
    groups: array(
      '0+',
      struct<ListGroupsResponseListedGroup>({
        groupId: string('0+'),
        protocolType: string('0+'),
        groupState: string('4+', { ignorable: true }),
        groupType: string('5+', { ignorable: true }),
      }),
    ),
  }),
});
