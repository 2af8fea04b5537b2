import { api, array, bool, int8, int16, int32, string, struct } from '../schema-dsl.ts';

export interface AlterConfigsRequest {
  resources: AlterConfigsRequestAlterConfigsResource[];
  validateOnly: boolean;
}

export interface AlterConfigsRequestAlterConfigsResource {
  resourceType: number;
  resourceName: string;
  configs: AlterConfigsRequestAlterableConfig[];
}

export interface AlterConfigsRequestAlterableConfig {
  name: string;
  value: string | null;
}

export interface AlterConfigsResponse {
  throttleTimeMs: number;
  responses: AlterConfigsResponseAlterConfigsResourceResponse[];
}

export interface AlterConfigsResponseAlterConfigsResourceResponse {
  errorCode: number;
  errorMessage: string | null;
  resourceType: number;
  resourceName: string;
}

export const ALTER_CONFIGS = api({
  key: 33,
  name: 'AlterConfigs',
  versions: '0-2',
  flexible: '2+',
  request: struct<AlterConfigsRequest>({
    resources: array(
      '0+',
      struct<AlterConfigsRequestAlterConfigsResource>({
        resourceType: int8('0+'),
        resourceName: string('0+'),
        configs: array(
          '0+',
          struct<AlterConfigsRequestAlterableConfig>({
            name: string('0+'),
            value: string('0+', { nullable: '0+' }),
          }),
        ),
      }),
    ),
    validateOnly: bool('0+'),
  }),
  response: struct<AlterConfigsResponse>({
    throttleTimeMs: int32('0+'),
    responses: array(
      '0+',
      struct<AlterConfigsResponseAlterConfigsResourceResponse>({
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
        resourceType: int8('0+'),
        resourceName: string('0+'),
      }),
    ),
  }),
});
