import {
  array,
  bool,
  float64,
  int8,
  int16,
  int32,
  int64,
  message,
  string,
  struct,
} from '../schema-dsl.ts';

export interface ConfigRecord {
  resourceType: number;
  resourceName: string;
  name: string;
  value: string | null;
}

export interface ClientQuotaRecord {
  entity: ClientQuotaRecordEntityData[];
  key: string;
  value: number;
  remove: boolean;
}

export interface ClientQuotaRecordEntityData {
  entityType: string;
  entityName: string | null;
}

export interface ProducerIdsRecord {
  brokerId: number;
  brokerEpoch: number;
  nextProducerId: number;
}

export interface FeatureLevelRecord {
  name: string;
  featureLevel: number;
}

export type NoOpRecord = Record<never, never>;

export interface ZkMigrationRecord {
  zkMigrationState: number;
}

export const CONFIG_RECORD = message({
  name: 'ConfigRecord',
  recordType: 4,
  versions: '0',
  flexible: '0+',
  body: struct<ConfigRecord>({
    resourceType: int8('0+'),
    resourceName: string('0+'),
    name: string('0+'),
    value: string('0+', { nullable: '0+' }),
  }),
});

export const CLIENT_QUOTA_RECORD = message({
  name: 'ClientQuotaRecord',
  recordType: 14,
  versions: '0',
  flexible: '0+',
  body: struct<ClientQuotaRecord>({
    entity: array(
      '0+',
      struct<ClientQuotaRecordEntityData>({
        entityType: string('0+'),
        entityName: string('0+', { nullable: '0+' }),
      }),
    ),
    key: string('0+'),
    value: float64('0+'),
    remove: bool('0+'),
  }),
});

export const PRODUCER_IDS_RECORD = message({
  name: 'ProducerIdsRecord',
  recordType: 15,
  versions: '0',
  flexible: '0+',
  body: struct<ProducerIdsRecord>({
    brokerId: int32('0+'),
    brokerEpoch: int64('0+', { default: -1 }),
    nextProducerId: int64('0+'),
  }),
});

export const FEATURE_LEVEL_RECORD = message({
  name: 'FeatureLevelRecord',
  recordType: 12,
  versions: '0',
  flexible: '0+',
  body: struct<FeatureLevelRecord>({
    name: string('0+'),
    featureLevel: int16('0+'),
  }),
});

export const NO_OP_RECORD = message({
  name: 'NoOpRecord',
  recordType: 20,
  versions: '0',
  flexible: '0+',
  body: struct<NoOpRecord>({}),
});

export const ZK_MIGRATION_RECORD = message({
  name: 'ZkMigrationStateRecord',
  recordType: 21,
  versions: '0',
  flexible: '0+',
  body: struct<ZkMigrationRecord>({
    zkMigrationState: int8('0+'),
  }),
});
