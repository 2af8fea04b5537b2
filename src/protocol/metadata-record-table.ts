import {
  BROKER_REGISTRATION_CHANGE_RECORD,
  FENCE_BROKER_RECORD,
  REGISTER_BROKER_RECORD,
  REGISTER_CONTROLLER_RECORD,
  UNFENCE_BROKER_RECORD,
  UNREGISTER_BROKER_RECORD,
} from './schema/records-metadata-brokers.ts';
import {
  CLIENT_QUOTA_RECORD,
  CONFIG_RECORD,
  FEATURE_LEVEL_RECORD,
  NO_OP_RECORD,
  PRODUCER_IDS_RECORD,
  ZK_MIGRATION_RECORD,
} from './schema/records-metadata-configs.ts';
import {
  ACCESS_CONTROL_ENTRY_RECORD,
  DELEGATION_TOKEN_RECORD,
  REMOVE_ACCESS_CONTROL_ENTRY_RECORD,
  REMOVE_DELEGATION_TOKEN_RECORD,
  REMOVE_USER_SCRAM_CREDENTIAL_RECORD,
  USER_SCRAM_CREDENTIAL_RECORD,
} from './schema/records-metadata-security.ts';
import {
  CLEAR_ELR_RECORD,
  PARTITION_CHANGE_RECORD,
  PARTITION_RECORD,
  REMOVE_TOPIC_RECORD,
  TOPIC_RECORD,
} from './schema/records-metadata-topics.ts';
import {
  ABORT_TRANSACTION_RECORD,
  BEGIN_TRANSACTION_RECORD,
  END_TRANSACTION_RECORD,
} from './schema/records-metadata-transactions.ts';
import type { MessageSchema } from './schema-dsl.ts';

/** The records of Kafka's metadata log. */
export const METADATA_RECORD_TABLE = {
  registerBroker: REGISTER_BROKER_RECORD,
  unregisterBroker: UNREGISTER_BROKER_RECORD,
  topic: TOPIC_RECORD,
  partition: PARTITION_RECORD,
  config: CONFIG_RECORD,
  partitionChange: PARTITION_CHANGE_RECORD,
  fenceBroker: FENCE_BROKER_RECORD,
  unfenceBroker: UNFENCE_BROKER_RECORD,
  removeTopic: REMOVE_TOPIC_RECORD,
  delegationToken: DELEGATION_TOKEN_RECORD,
  userScramCredential: USER_SCRAM_CREDENTIAL_RECORD,
  featureLevel: FEATURE_LEVEL_RECORD,
  clientQuota: CLIENT_QUOTA_RECORD,
  producerIds: PRODUCER_IDS_RECORD,
  brokerRegistrationChange: BROKER_REGISTRATION_CHANGE_RECORD,
  accessControlEntry: ACCESS_CONTROL_ENTRY_RECORD,
  removeAccessControlEntry: REMOVE_ACCESS_CONTROL_ENTRY_RECORD,
  noOp: NO_OP_RECORD,
  zkMigration: ZK_MIGRATION_RECORD,
  removeUserScramCredential: REMOVE_USER_SCRAM_CREDENTIAL_RECORD,
  beginTransaction: BEGIN_TRANSACTION_RECORD,
  endTransaction: END_TRANSACTION_RECORD,
  abortTransaction: ABORT_TRANSACTION_RECORD,
  removeDelegationToken: REMOVE_DELEGATION_TOKEN_RECORD,
  registerController: REGISTER_CONTROLLER_RECORD,
  clearElr: CLEAR_ELR_RECORD,
} as const;

type Table = typeof METADATA_RECORD_TABLE;
type BodyOf<Schema> = Schema extends MessageSchema<infer Body> ? Body : never;

/** One decoded record of the metadata log. */
export type KraftRecord = {
  [Kind in keyof Table]: { readonly kind: Kind; readonly body: BodyOf<Table[Kind]> };
}[keyof Table];
