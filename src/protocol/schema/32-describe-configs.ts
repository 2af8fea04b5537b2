import { api, array, bool, int8, int16, int32, string, struct } from '../schema-dsl.ts';

export interface DescribeConfigsRequest {
  resources: DescribeConfigsRequestDescribeConfigsResource[];
  includeSynonyms: boolean;
  includeDocumentation: boolean;
}

export interface DescribeConfigsRequestDescribeConfigsResource {
  resourceType: number;
  resourceName: string;
  configurationKeys: string[] | null;
}

export interface DescribeConfigsResponse {
  throttleTimeMs: number;
  results: DescribeConfigsResponseDescribeConfigsResult[];
}

export interface DescribeConfigsResponseDescribeConfigsResult {
  errorCode: number;
  errorMessage: string | null;
  resourceType: number;
  resourceName: string;
  configs: DescribeConfigsResponseDescribeConfigsResourceResult[];
}

export interface DescribeConfigsResponseDescribeConfigsResourceResult {
  name: string;
  value: string | null;
  readOnly: boolean;
  configSource: number;
  isSensitive: boolean;
  synonyms: DescribeConfigsResponseDescribeConfigsSynonym[];
  configType: number;
  documentation: string | null;
}

export interface DescribeConfigsResponseDescribeConfigsSynonym {
  name: string;
  value: string | null;
  source: number;
}

export const DESCRIBE_CONFIGS = api({
  key: 32,
  name: 'DescribeConfigs',
  versions: '1-4',
  flexible: '4+',
  request: struct<DescribeConfigsRequest>({
    resources: array(
      '0+',
      struct<DescribeConfigsRequestDescribeConfigsResource>({
        resourceType: int8('0+'),
        resourceName: string('0+'),
        configurationKeys: array('0+', 'string', { nullable: '0+' }),
      }),
    ),
    includeSynonyms: bool('1+', { default: false }),
    includeDocumentation: bool('3+', { default: false }),
  }),
  response: struct<DescribeConfigsResponse>({
    throttleTimeMs: int32('0+'),
    results: array(
      '0+',
      struct<DescribeConfigsResponseDescribeConfigsResult>({
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
        resourceType: int8('0+'),
        resourceName: string('0+'),
        configs: array(
          '0+',
          struct<DescribeConfigsResponseDescribeConfigsResourceResult>({
            name: string('0+'),
            value: string('0+', { nullable: '0+' }),
            readOnly: bool('0+'),
            configSource: int8('1+', { default: -1, ignorable: true }),
            isSensitive: bool('0+'),
            synonyms: array(
              '1+',
              struct<DescribeConfigsResponseDescribeConfigsSynonym>({
                name: string('1+'),
                value: string('1+', { nullable: '0+' }),
                source: int8('1+'),
              }),
              { ignorable: true },
            ),
            configType: int8('3+', { default: 0, ignorable: true }),
            documentation: string('3+', { nullable: '0+', ignorable: true }),
          }),
        ),
      }),
    ),
  }),
});
