import { PRODUCE } from './schema/00-produce.ts';
import { FETCH } from './schema/01-fetch.ts';
import { LIST_OFFSETS } from './schema/02-list-offsets.ts';
import { METADATA } from './schema/03-metadata.ts';
import { OFFSET_COMMIT } from './schema/08-offset-commit.ts';
import { OFFSET_FETCH } from './schema/09-offset-fetch.ts';
import { FIND_COORDINATOR } from './schema/10-find-coordinator.ts';
import { JOIN_GROUP } from './schema/11-join-group.ts';
import { HEARTBEAT } from './schema/12-heartbeat.ts';
import { LEAVE_GROUP } from './schema/13-leave-group.ts';
import { SYNC_GROUP } from './schema/14-sync-group.ts';
import { DESCRIBE_GROUPS } from './schema/15-describe-groups.ts';
import { LIST_GROUPS } from './schema/16-list-groups.ts';
import { SASL_HANDSHAKE } from './schema/17-sasl-handshake.ts';
import { API_VERSIONS } from './schema/18-api-versions.ts';
import { CREATE_TOPICS } from './schema/19-create-topics.ts';
import { DELETE_TOPICS } from './schema/20-delete-topics.ts';
import { DELETE_RECORDS } from './schema/21-delete-records.ts';
import { INIT_PRODUCER_ID } from './schema/22-init-producer-id.ts';
import { OFFSET_FOR_LEADER_EPOCH } from './schema/23-offset-for-leader-epoch.ts';
import { ADD_PARTITIONS_TO_TXN } from './schema/24-add-partitions-to-txn.ts';
import { ADD_OFFSETS_TO_TXN } from './schema/25-add-offsets-to-txn.ts';
import { END_TXN } from './schema/26-end-txn.ts';
import { WRITE_TXN_MARKERS } from './schema/27-write-txn-markers.ts';
import { TXN_OFFSET_COMMIT } from './schema/28-txn-offset-commit.ts';
import { DESCRIBE_ACLS } from './schema/29-describe-acls.ts';
import { CREATE_ACLS } from './schema/30-create-acls.ts';
import { DELETE_ACLS } from './schema/31-delete-acls.ts';
import { DESCRIBE_CONFIGS } from './schema/32-describe-configs.ts';
import { ALTER_CONFIGS } from './schema/33-alter-configs.ts';
import { ALTER_REPLICA_LOG_DIRS } from './schema/34-alter-replica-log-dirs.ts';
import { DESCRIBE_LOG_DIRS } from './schema/35-describe-log-dirs.ts';
import { SASL_AUTHENTICATE } from './schema/36-sasl-authenticate.ts';
import { CREATE_PARTITIONS } from './schema/37-create-partitions.ts';
import { CREATE_DELEGATION_TOKEN } from './schema/38-create-delegation-token.ts';
import { RENEW_DELEGATION_TOKEN } from './schema/39-renew-delegation-token.ts';
import { EXPIRE_DELEGATION_TOKEN } from './schema/40-expire-delegation-token.ts';
import { DESCRIBE_DELEGATION_TOKEN } from './schema/41-describe-delegation-token.ts';
import { DELETE_GROUPS } from './schema/42-delete-groups.ts';
import { ELECT_LEADERS } from './schema/43-elect-leaders.ts';
import { INCREMENTAL_ALTER_CONFIGS } from './schema/44-incremental-alter-configs.ts';
import { ALTER_PARTITION_REASSIGNMENTS } from './schema/45-alter-partition-reassignments.ts';
import { LIST_PARTITION_REASSIGNMENTS } from './schema/46-list-partition-reassignments.ts';
import { OFFSET_DELETE } from './schema/47-offset-delete.ts';
import { DESCRIBE_CLIENT_QUOTAS } from './schema/48-describe-client-quotas.ts';
import { ALTER_CLIENT_QUOTAS } from './schema/49-alter-client-quotas.ts';
import { DESCRIBE_USER_SCRAM_CREDENTIALS } from './schema/50-describe-user-scram-credentials.ts';
import { ALTER_USER_SCRAM_CREDENTIALS } from './schema/51-alter-user-scram-credentials.ts';
import { DESCRIBE_QUORUM } from './schema/55-describe-quorum.ts';
import { UPDATE_FEATURES } from './schema/57-update-features.ts';
import { DESCRIBE_CLUSTER } from './schema/60-describe-cluster.ts';
import { DESCRIBE_PRODUCERS } from './schema/61-describe-producers.ts';
import { UNREGISTER_BROKER } from './schema/64-unregister-broker.ts';
import { DESCRIBE_TRANSACTIONS } from './schema/65-describe-transactions.ts';
import { LIST_TRANSACTIONS } from './schema/66-list-transactions.ts';
import { CONSUMER_GROUP_HEARTBEAT } from './schema/68-consumer-group-heartbeat.ts';
import { CONSUMER_GROUP_DESCRIBE } from './schema/69-consumer-group-describe.ts';
import { GET_TELEMETRY_SUBSCRIPTIONS } from './schema/71-get-telemetry-subscriptions.ts';
import { PUSH_TELEMETRY } from './schema/72-push-telemetry.ts';
import { LIST_CONFIG_RESOURCES } from './schema/74-list-config-resources.ts';
import { DESCRIBE_TOPIC_PARTITIONS } from './schema/75-describe-topic-partitions.ts';
import { SHARE_GROUP_HEARTBEAT } from './schema/76-share-group-heartbeat.ts';
import { SHARE_GROUP_DESCRIBE } from './schema/77-share-group-describe.ts';
import { SHARE_FETCH } from './schema/78-share-fetch.ts';
import { SHARE_ACKNOWLEDGE } from './schema/79-share-acknowledge.ts';
import { ADD_RAFT_VOTER } from './schema/80-add-raft-voter.ts';
import { REMOVE_RAFT_VOTER } from './schema/81-remove-raft-voter.ts';
import { INITIALIZE_SHARE_GROUP_STATE } from './schema/83-initialize-share-group-state.ts';
import { READ_SHARE_GROUP_STATE } from './schema/84-read-share-group-state.ts';
import { WRITE_SHARE_GROUP_STATE } from './schema/85-write-share-group-state.ts';
import { DELETE_SHARE_GROUP_STATE } from './schema/86-delete-share-group-state.ts';
import { READ_SHARE_GROUP_STATE_SUMMARY } from './schema/87-read-share-group-state-summary.ts';
import { STREAMS_GROUP_HEARTBEAT } from './schema/88-streams-group-heartbeat.ts';
import { STREAMS_GROUP_DESCRIBE } from './schema/89-streams-group-describe.ts';
import { DESCRIBE_SHARE_GROUP_OFFSETS } from './schema/90-describe-share-group-offsets.ts';
import { ALTER_SHARE_GROUP_OFFSETS } from './schema/91-alter-share-group-offsets.ts';
import { DELETE_SHARE_GROUP_OFFSETS } from './schema/92-delete-share-group-offsets.ts';

/** Every client-facing API by its key. */
export const API_TABLE = {
  0: PRODUCE,
  1: FETCH,
  2: LIST_OFFSETS,
  3: METADATA,
  8: OFFSET_COMMIT,
  9: OFFSET_FETCH,
  10: FIND_COORDINATOR,
  11: JOIN_GROUP,
  12: HEARTBEAT,
  13: LEAVE_GROUP,
  14: SYNC_GROUP,
  15: DESCRIBE_GROUPS,
  16: LIST_GROUPS,
  17: SASL_HANDSHAKE,
  18: API_VERSIONS,
  19: CREATE_TOPICS,
  20: DELETE_TOPICS,
  21: DELETE_RECORDS,
  22: INIT_PRODUCER_ID,
  23: OFFSET_FOR_LEADER_EPOCH,
  24: ADD_PARTITIONS_TO_TXN,
  25: ADD_OFFSETS_TO_TXN,
  26: END_TXN,
  27: WRITE_TXN_MARKERS,
  28: TXN_OFFSET_COMMIT,
  29: DESCRIBE_ACLS,
  30: CREATE_ACLS,
  31: DELETE_ACLS,
  32: DESCRIBE_CONFIGS,
  33: ALTER_CONFIGS,
  34: ALTER_REPLICA_LOG_DIRS,
  35: DESCRIBE_LOG_DIRS,
  36: SASL_AUTHENTICATE,
  37: CREATE_PARTITIONS,
  38: CREATE_DELEGATION_TOKEN,
  39: RENEW_DELEGATION_TOKEN,
  40: EXPIRE_DELEGATION_TOKEN,
  41: DESCRIBE_DELEGATION_TOKEN,
  42: DELETE_GROUPS,
  43: ELECT_LEADERS,
  44: INCREMENTAL_ALTER_CONFIGS,
  45: ALTER_PARTITION_REASSIGNMENTS,
  46: LIST_PARTITION_REASSIGNMENTS,
  47: OFFSET_DELETE,
  48: DESCRIBE_CLIENT_QUOTAS,
  49: ALTER_CLIENT_QUOTAS,
  50: DESCRIBE_USER_SCRAM_CREDENTIALS,
  51: ALTER_USER_SCRAM_CREDENTIALS,
  55: DESCRIBE_QUORUM,
  57: UPDATE_FEATURES,
  60: DESCRIBE_CLUSTER,
  61: DESCRIBE_PRODUCERS,
  64: UNREGISTER_BROKER,
  65: DESCRIBE_TRANSACTIONS,
  66: LIST_TRANSACTIONS,
  68: CONSUMER_GROUP_HEARTBEAT,
  69: CONSUMER_GROUP_DESCRIBE,
  71: GET_TELEMETRY_SUBSCRIPTIONS,
  72: PUSH_TELEMETRY,
  74: LIST_CONFIG_RESOURCES,
  75: DESCRIBE_TOPIC_PARTITIONS,
  76: SHARE_GROUP_HEARTBEAT,
  77: SHARE_GROUP_DESCRIBE,
  78: SHARE_FETCH,
  79: SHARE_ACKNOWLEDGE,
  80: ADD_RAFT_VOTER,
  81: REMOVE_RAFT_VOTER,
  83: INITIALIZE_SHARE_GROUP_STATE,
  84: READ_SHARE_GROUP_STATE,
  85: WRITE_SHARE_GROUP_STATE,
  86: DELETE_SHARE_GROUP_STATE,
  87: READ_SHARE_GROUP_STATE_SUMMARY,
  88: STREAMS_GROUP_HEARTBEAT,
  89: STREAMS_GROUP_DESCRIBE,
  90: DESCRIBE_SHARE_GROUP_OFFSETS,
  91: ALTER_SHARE_GROUP_OFFSETS,
  92: DELETE_SHARE_GROUP_OFFSETS,
} as const;
