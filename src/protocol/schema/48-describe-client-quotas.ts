import { api, array, bool, float64, int8, int16, int32, string, struct } from '../schema-dsl.ts';

export interface DescribeClientQuotasRequest {
  components: DescribeClientQuotasRequestComponentData[];
  strict: boolean;
}

export interface DescribeClientQuotasRequestComponentData {
  entityType: string;
  matchType: number;
  match: string | null;
}

export interface DescribeClientQuotasResponse {
  throttleTimeMs: number;
  errorCode: number;
  errorMessage: string | null;
  entries: DescribeClientQuotasResponseEntryData[] | null;
}

export interface DescribeClientQuotasResponseEntryData {
  entity: DescribeClientQuotasResponseEntityData[];
  values: DescribeClientQuotasResponseValueData[];
}

export interface DescribeClientQuotasResponseEntityData {
  entityType: string;
  entityName: string | null;
}

export interface DescribeClientQuotasResponseValueData {
  key: string;
  value: number;
}

export const DESCRIBE_CLIENT_QUOTAS = api({
  key: 48,
  name: 'DescribeClientQuotas',
  versions: '0-1',
  flexible: '1+',
  request: struct<DescribeClientQuotasRequest>({
    components: array(
      '0+',
      struct<DescribeClientQuotasRequestComponentData>({
        entityType: string('0+'),
        matchType: int8('0+'),
        match: string('0+', { nullable: '0+' }),
      }),
    ),
    strict: bool('0+'),
  }),
  response: struct<DescribeClientQuotasResponse>({
    throttleTimeMs: int32('0+'),
    errorCode: int16('0+'),
    errorMessage: string('0+', { nullable: '0+' }),
    entries: array(
      '0+',
      struct<DescribeClientQuotasResponseEntryData>({
        entity: array(
          '0+',
          struct<DescribeClientQuotasResponseEntityData>({
            entityType: string('0+'),
            entityName: string('0+', { nullable: '0+' }),
          }),
        ),
        values: array(
          '0+',
          struct<DescribeClientQuotasResponseValueData>({
            key: string('0+'),
            value: float64('0+'),
          }),
        ),
      }),
      { nullable: '0+' },
    ),
  }),
});
