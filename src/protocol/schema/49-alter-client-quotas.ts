import { api, array, bool, float64, int16, int32, string, struct } from '../schema-dsl.ts';

export interface AlterClientQuotasRequest {
  entries: AlterClientQuotasRequestEntryData[];
  validateOnly: boolean;
}

export interface AlterClientQuotasRequestEntryData {
  entity: AlterClientQuotasRequestEntityData[];
  ops: AlterClientQuotasRequestOpData[];
}

export interface AlterClientQuotasRequestEntityData {
  entityType: string;
  entityName: string | null;
}

export interface AlterClientQuotasRequestOpData {
  key: string;
  value: number;
  remove: boolean;
}

export interface AlterClientQuotasResponse {
  throttleTimeMs: number;
  entries: AlterClientQuotasResponseEntryData[];
}

export interface AlterClientQuotasResponseEntryData {
  errorCode: number;
  errorMessage: string | null;
  entity: AlterClientQuotasResponseEntityData[];
}

export interface AlterClientQuotasResponseEntityData {
  entityType: string;
  entityName: string | null;
}

export const ALTER_CLIENT_QUOTAS = api({
  key: 49,
  name: 'AlterClientQuotas',
  versions: '0-1',
  flexible: '1+',
  request: struct<AlterClientQuotasRequest>({
    entries: array(
      '0+',
      struct<AlterClientQuotasRequestEntryData>({
        entity: array(
          '0+',
          struct<AlterClientQuotasRequestEntityData>({
            entityType: string('0+'),
            entityName: string('0+', { nullable: '0+' }),
          }),
        ),
        ops: array(
          '0+',
          struct<AlterClientQuotasRequestOpData>({
            key: string('0+'),
            value: float64('0+'),
            remove: bool('0+'),
          }),
        ),
      }),
    ),
    validateOnly: bool('0+'),
  }),
  response: struct<AlterClientQuotasResponse>({
    throttleTimeMs: int32('0+'),
    entries: array(
      '0+',
      struct<AlterClientQuotasResponseEntryData>({
        errorCode: int16('0+'),
        errorMessage: string('0+', { nullable: '0+' }),
        entity: array(
          '0+',
          struct<AlterClientQuotasResponseEntityData>({
            entityType: string('0+'),
            entityName: string('0+', { nullable: '0+' }),
          }),
        ),
      }),
    ),
  }),
});
