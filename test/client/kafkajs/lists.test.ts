import { describe, expect, it } from 'vitest';
import * as kafkajs from '../../../src/client/kafkajs/index.ts';

/** What KafkaJS 2.2.4 exports beside its errors. */
const EXPORTS = [
  'AclOperationTypes',
  'AclPermissionTypes',
  'AclResourceTypes',
  'AssignerProtocol',
  'CompressionCodecs',
  'CompressionTypes',
  'ConfigResourceTypes',
  'ConfigSource',
  'Kafka',
  'Partitioners',
  'PartitionAssigners',
  'ResourcePatternTypes',
  'logLevel',
];
/** Its error classes, `KafkaJS` before each. */
const ERRORS = `
Error NonRetriableError PartialMessageError BrokerNotFound ProtocolError ConnectionError
ConnectionClosedError RequestTimeoutError SASLAuthenticationError NumberOfRetriesExceeded
OffsetOutOfRange MemberIdRequired GroupCoordinatorNotFound NotImplemented MetadataNotLoaded
TopicMetadataNotLoaded StaleTopicMetadataAssignment DeleteGroupsError Timeout LockTimeout
ServerDoesNotSupportApiKey UnsupportedMagicByteInMessageSet DeleteTopicRecordsError
InvariantViolation InvalidVarIntError InvalidLongError CreateTopicError AggregateError
FetcherRebalanceError NoBrokerAvailableError AlterPartitionReassignmentsError`
  .trim()
  .split(/\s+/)
  .map((name) => `KafkaJS${name}`);
/** Its calls, with `events` and `on`. */
const CALLS = {
  producer: 'connect disconnect events isIdempotent logger on send sendBatch transaction',
  consumer:
    'commitOffsets connect describeGroup disconnect events logger on pause paused resume run ' +
    'seek stop subscribe',
  admin:
    'alterConfigs alterPartitionReassignments connect createAcls createPartitions createTopics ' +
    'deleteAcls deleteGroups deleteTopicRecords deleteTopics describeAcls describeCluster ' +
    'describeConfigs describeGroups disconnect events fetchOffsets fetchTopicMetadata ' +
    'fetchTopicOffsets fetchTopicOffsetsByTimestamp listGroups listPartitionReassignments ' +
    'listTopics logger on resetOffsets setOffsets',
};
const EVENTS = {
  producer: ['CONNECT', 'DISCONNECT'],
  admin: ['CONNECT', 'DISCONNECT'],
  consumer: [
    ...['COMMIT_OFFSETS', 'CONNECT', 'CRASH', 'DISCONNECT', 'END_BATCH_PROCESS', 'FETCH'],
    ...['FETCH_START', 'GROUP_JOIN', 'HEARTBEAT', 'REBALANCING', 'RECEIVED_UNSUBSCRIBED_TOPICS'],
    ...['START_BATCH_PROCESS', 'STOP'],
  ],
};
const OF_NETWORK = ['REQUEST', 'REQUEST_QUEUE_SIZE', 'REQUEST_TIMEOUT'];

const exported = new Map<string, unknown>(Object.entries(kafkajs));

describe('what KafkaJS 2.2.4 has', () => {
  it('is exported, with its 31 error classes', () => {
    expect(ERRORS).toHaveLength(31);
    expect([...exported.keys()].sort()).toEqual([...EXPORTS, ...ERRORS].sort());
    for (const name of ERRORS) {
      const made = exported.get(name) as typeof Error;
      expect(made.name).toBe(name);
      expect(made.prototype).toBeInstanceOf(Error);
    }
  });

  it.each(['producer', 'consumer', 'admin'] as const)('is a call or event of the %s', (kind) => {
    const kafka = new kafkajs.Kafka({ brokers: ['127.0.0.1:1'], logLevel: 0 });
    const made = kafka[kind]({ groupId: 'g' });
    for (const name of CALLS[kind].split(' ')) expect(made).toHaveProperty(name);
    expect(Object.keys(made.events).sort()).toEqual([...EVENTS[kind], ...OF_NETWORK].sort());
  });
});
