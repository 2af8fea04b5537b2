import { api, array, bool, int8, int16, int32, string, struct } from '../schema-dsl.ts';

export interface IncrementalAlterConfigsRequest {
  resources: IncrementalAlterConfigsRequestAlterConfigsResource[];
  validateOnly: boolean;
}

export interface IncrementalAlterConfigsRequestAlterConfigsResource {
  resourceType: number;
  resourceName: string;
  configs: IncrementalAlterConfigsRequestAlterableConfig[];
}

export interface IncrementalAlterConfigsRequestAlterableConfig {
  name: string;
  configOperation: number;
  value: string | null;
}

export interface IncrementalAlterConfigsResponse {
  throttleTimeMs: number;
  responses: IncrementalAlterConfigsResponseAlterConfigsResourceResponse[];
}

export interface IncrementalAlterConfigsResponseAlterConfigsResourceResponse {
  errorCode: number;
  errorMessage: string | null;
  resourceType: number;
  resourceName: string;
}

export const INCREMENTAL_ALTER_CONFIGS = api({
  key: 44,
  name: 'IncrementalAlterConfigs',
  versions: '0-1',
  flexible: '1+',
  request: struct<IncrementalAlterConfigsRequest>({
    resources: array(
      '0+',
      struct<IncrementalAlterConfigsRequestAlterConfigsResource>({
        resourceType: int8('0+'),
        resourceName: string('0+'),
        configs: array(
          '0+',
          struct<IncrementalAlterConfigsRequestAlterableConfig>({
            name: string('0+'),
            configOperation: int8('0+'),
            value: string('0+', { nullable: '0+' }),
          }),
        ),
      }),
    ),
    validateOnly: bool('0+'),
  }),
  response: struct<IncrementalAlterConfigsResponse>({
    throttleTimeMs: int32('0+'),
    responses: array(
      '0+',
      struct<IncrementalAlterConfigsResponseAlterConfigsResourceResponse>({
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
        resourceType: int8('0+'),
        resourceName: string('0+'),
      }),
    ),
  }),
});
