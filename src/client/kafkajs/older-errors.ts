import { ERROR } from '../../base/kafka-errors.ts';

interface OlderError {
  readonly type?: string;
  readonly message?: string;
}

/** Errors that KafkaJS knows by the names or the words of an older Kafka. */
export const OLDER_ERRORS: ReadonlyMap<number, OlderError> = new Map<number, OlderError>([
  [ERROR.UNKNOWN_SERVER_ERROR, { type: 'UNKNOWN' }],
  [
    ERROR.NOT_LEADER_OR_FOLLOWER,
    {
      type: 'NOT_LEADER_FOR_PARTITION',
      message: 'This server is not the leader for that topic-partition',
    },
  ],
  [
    ERROR.REPLICA_NOT_AVAILABLE,
    { message: 'The replica is not available for the requested topic-partition' },
  ],
  [
    ERROR.COORDINATOR_LOAD_IN_PROGRESS,
    {
      type: 'GROUP_LOAD_IN_PROGRESS',
      message: "The coordinator is loading and hence can't process requests for this group",
    },
  ],
  [
    ERROR.COORDINATOR_NOT_AVAILABLE,
    {
      type: 'GROUP_COORDINATOR_NOT_AVAILABLE',
      message: 'The group coordinator is not available',
    },
  ],
  [
    ERROR.NOT_COORDINATOR,
    {
      type: 'NOT_COORDINATOR_FOR_GROUP',
      message: 'This is not the correct coordinator for this group',
    },
  ],
  [ERROR.INVALID_GROUP_ID, { message: 'The configured groupId is invalid' }],
  [
    ERROR.TOPIC_AUTHORIZATION_FAILED,
    { message: 'Not authorized to access topics: [Topic authorization failed]' },
  ],
  [
    ERROR.GROUP_AUTHORIZATION_FAILED,
    { message: 'Not authorized to access group: Group authorization failed' },
  ],
  [ERROR.INVALID_PARTITIONS, { message: 'Number of partitions is invalid' }],
  [ERROR.INVALID_REPLICATION_FACTOR, { message: 'Replication-factor is invalid' }],
  [ERROR.GROUP_ID_NOT_FOUND, { message: 'The group id was not found' }],
]);
