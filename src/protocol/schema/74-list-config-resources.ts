import { api, array, int8, int16, int32, string, struct } from '../schema-dsl.ts';

export interface ListConfigResourcesRequest {
  resourceTypes: number[];
}

export interface ListConfigResourcesResponse {
  throttleTimeMs: number;
  errorCode: number;
  configResources: ListConfigResourcesResponseConfigResource[];
}

export interface ListConfigResourcesResponseConfigResource {
  resourceName: string;
  resourceType: number;
}

export const LIST_CONFIG_RESOURCES = api({
  key: 74,
  name: 'ListConfigResources',
  versions: '0-1',
  flexible: '0+',
  request: struct<ListConfigResourcesRequest>({
    resourceTypes: array('1+', 'int8'),
  }),
  response: struct<ListConfigResourcesResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    configResources: array(
      '0+',
      struct<ListConfigResourcesResponseConfigResource>({
        resourceName: string('0+'),
        resourceType: int8('1+', { default: 16, ignorable: true }),
      }),
    ),
  }),
});
