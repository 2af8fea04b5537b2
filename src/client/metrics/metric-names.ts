/**
 * The names of Kafka's metrics and what each says. Apache Kafka 4.3.1 has them in
 * SenderMetricsRegistry, FetchMetricsRegistry, Selector, AbstractCoordinator and their neighbours.
 */

/** Of all connections, in the group of the client itself. */
export const NETWORK_METRICS = {
  'connection-count': 'The connections that are open.',
  'connection-creation-rate': 'Connections opened in each second.',
  'connection-creation-total': 'Connections opened.',
  'connection-close-rate': 'Connections closed in each second.',
  'connection-close-total': 'Connections closed.',
  'request-rate': 'Requests sent in each second.',
  'request-total': 'Requests sent.',
  'request-size-avg': 'The average size of a request in bytes.',
  'request-size-max': 'The size of the largest request in bytes.',
  'outgoing-byte-rate': 'Bytes sent in each second.',
  'outgoing-byte-total': 'Bytes sent.',
  'response-rate': 'Answers received in each second.',
  'response-total': 'Answers received.',
  'incoming-byte-rate': 'Bytes of answers in each second.',
  'incoming-byte-total': 'Bytes of answers.',
  'network-io-rate': 'Requests and answers in each second.',
  'network-io-total': 'Requests and answers.',
  'io-wait-ratio': 'The share of time for which the event loop waited for sockets and timers.',
  'io-wait-time-ns-total':
    'The time for which the event loop waited for sockets and timers, in ns.',
  'successful-authentication-rate': 'Connections authenticated by SASL in each second.',
  'successful-authentication-total': 'Connections authenticated by SASL.',
  'successful-reauthentication-rate': 'Connections in use authenticated again in each second.',
  'successful-reauthentication-total': 'Connections in use authenticated again.',
  'failed-authentication-rate': 'Connections refused by SASL in each second.',
  'failed-authentication-total': 'Connections refused by SASL.',
  'failed-reauthentication-rate': 'Connections in use refused by SASL in each second.',
  'failed-reauthentication-total': 'Connections in use refused by SASL.',
  'reauthentication-latency-avg': 'The average time of an authentication again in ms.',
  'reauthentication-latency-max': 'The longest time of an authentication again in ms.',
} as const;

/** Of one broker. */
export const NODE_METRICS = {
  'request-rate': 'Requests sent to the broker in each second.',
  'request-total': 'Requests sent to the broker.',
  'request-size-avg': 'The average size of a request in bytes.',
  'request-size-max': 'The size of the largest request in bytes.',
  'outgoing-byte-rate': 'Bytes sent to the broker in each second.',
  'outgoing-byte-total': 'Bytes sent to the broker.',
  'response-rate': 'Answers of the broker in each second.',
  'response-total': 'Answers of the broker.',
  'incoming-byte-rate': 'Bytes of its answers in each second.',
  'incoming-byte-total': 'Bytes of its answers.',
  'request-latency-avg': 'The average time from a request to its answer in ms.',
  'request-latency-max': 'The longest time from a request to its answer in ms.',
} as const;

export const PRODUCER_METRICS = {
  'record-send-rate': 'Records sent in each second.',
  'record-send-total': 'Records sent.',
  'records-per-request-avg': 'The average number of records in a request.',
  'batch-size-avg': 'The average size of a batch as it was sent, in bytes.',
  'batch-size-max': 'The size of the largest batch as it was sent, in bytes.',
  'batch-split-rate': 'Batches in each second that were too large and went in parts.',
  'batch-split-total': 'Batches that were too large and went in parts.',
  'compression-rate-avg': 'The average size of a batch after compression, of 1 before it.',
  'record-size-avg': 'The average size of a record in bytes, before compression.',
  'record-queue-time-avg':
    'The average time of a batch from its first record to its sending in ms.',
  'record-queue-time-max':
    'The longest time of a batch from its first record to its sending in ms.',
  'record-retry-rate': 'Records sent again in each second.',
  'record-retry-total': 'Records sent again.',
  'record-error-rate': 'Records that failed in each second.',
  'record-error-total': 'Records that failed.',
  'request-latency-avg': 'The average time from a Produce request to its answer in ms.',
  'request-latency-max': 'The longest time from a Produce request to its answer in ms.',
  'requests-in-flight': 'Requests of any kind without an answer yet.',
  'produce-throttle-time-avg': 'For how long brokers held the client back on average, in ms.',
  'produce-throttle-time-max': 'For how long a broker held the client back at most, in ms.',
  'buffer-total-bytes': 'The memory for records, buffer.memory.',
  'buffer-available-bytes': 'The part of buffer.memory that is free.',
  'buffer-exhausted-rate': 'Records refused in each second since the memory was full.',
  'buffer-exhausted-total': 'Records refused since the memory was full.',
  'bufferpool-wait-ratio': 'The share of time for which callers waited for memory.',
  'bufferpool-wait-time-ns-total': 'The time for which callers waited for memory, in ns.',
  'waiting-threads': 'Callers that wait for memory now.',
  'metadata-age': 'Seconds since the metadata were read.',
  'metadata-wait-time-ns-total': 'The time for which topics were waited for, in ns.',
  'flush-time-ns-total': 'The time of calls of flush, in ns.',
  'txn-init-time-ns-total': 'The time of requests for the id of a transactional producer, in ns.',
  'txn-begin-time-ns-total':
    'The time of calls of beginTransaction, in ns; the first asks for an id.',
  'txn-send-offsets-time-ns-total': 'The time of calls of sendOffsetsToTransaction, in ns.',
  'txn-commit-time-ns-total': 'The time of calls of commitTransaction, in ns.',
  'txn-abort-time-ns-total': 'The time of calls of abortTransaction, in ns.',
} as const;

export const PRODUCER_TOPIC_METRICS = {
  'record-send-rate': 'Records of the topic sent in each second.',
  'record-send-total': 'Records of the topic sent.',
  'byte-rate': 'Bytes of the topic sent in each second.',
  'byte-total': 'Bytes of the topic sent.',
  'compression-rate': 'The average size of its batches after compression, of 1 before it.',
  'record-retry-rate': 'Records of the topic sent again in each second.',
  'record-retry-total': 'Records of the topic sent again.',
  'record-error-rate': 'Records of the topic that failed in each second.',
  'record-error-total': 'Records of the topic that failed.',
} as const;

/** How the application reads, in the group of the consumer itself. */
export const CONSUMER_METRICS = {
  'time-between-poll-avg': 'The average time between two batches handed out, in ms.',
  'time-between-poll-max': 'The longest time between two batches handed out, in ms.',
  'last-poll-seconds-ago': 'Seconds since a batch was handed out; -1 before the first.',
  'poll-idle-ratio-avg': 'The share of time for which the application waited for records.',
  'commit-sync-time-ns-total': 'The time for which calls of commit waited, in ns.',
  'committed-time-ns-total': 'The time for which calls of committed waited, in ns.',
} as const;

export const FETCH_METRICS = {
  'records-consumed-rate': 'Records handed out in each second.',
  'records-consumed-total': 'Records handed out.',
  'bytes-consumed-rate': 'Bytes of batches handed out in each second.',
  'bytes-consumed-total': 'Bytes of batches handed out.',
  'records-per-request-avg': 'The average number of records handed out for each fetch.',
  'fetch-size-avg': 'The average size of an answer with records, in bytes.',
  'fetch-size-max': 'The size of the largest answer with records, in bytes.',
  'fetch-latency-avg': 'The average time of a fetch in ms, the wait at the broker included.',
  'fetch-latency-max': 'The longest time of a fetch in ms, the wait at the broker included.',
  'fetch-rate': 'Fetches in each second.',
  'fetch-total': 'Fetches.',
  'fetch-throttle-time-avg': 'For how long brokers held the client back on average, in ms.',
  'fetch-throttle-time-max': 'For how long a broker held the client back at most, in ms.',
  'records-lag-max': 'The largest lag of a partition in records, behind what is handed out.',
  'records-lead-min': 'The smallest lead of a partition in records, ahead of the start of the log.',
} as const;

export const FETCH_TOPIC_METRICS = {
  'records-consumed-rate': 'Records of the topic handed out in each second.',
  'records-consumed-total': 'Records of the topic handed out.',
  'bytes-consumed-rate': 'Bytes of its batches handed out in each second.',
  'bytes-consumed-total': 'Bytes of its batches handed out.',
  'fetch-size-avg': 'The average number of its bytes in an answer.',
  'fetch-size-max': 'The largest number of its bytes in an answer.',
} as const;

export const FETCH_PARTITION_METRICS = {
  'records-lag': 'Records between the position and the end of the partition.',
  'records-lag-avg': 'The average lag of the partition.',
  'records-lag-max': 'The largest lag of the partition.',
  'records-lead': 'Records between the start of the log and the position.',
  'records-lead-avg': 'The average lead of the partition.',
  'records-lead-min': 'The smallest lead of the partition.',
  'preferred-read-replica': 'The replica that it is read from; -1 is the leader.',
} as const;

export const COORDINATOR_METRICS = {
  'assigned-partitions': 'The partitions of this consumer.',
  'commit-latency-avg': 'The average time of a commit in ms.',
  'commit-latency-max': 'The longest time of a commit in ms.',
  'commit-rate': 'Commits in each second.',
  'commit-total': 'Commits.',
  'heartbeat-response-time-max': 'The longest time of a heartbeat in ms.',
  'heartbeat-rate': 'Heartbeats in each second.',
  'heartbeat-total': 'Heartbeats.',
  'last-heartbeat-seconds-ago': 'Seconds since a heartbeat left; -1 before the first.',
  'join-time-avg': 'The average time of a join in ms.',
  'join-time-max': 'The longest time of a join in ms.',
  'join-rate': 'Joins in each second.',
  'join-total': 'Joins.',
  'sync-time-avg': 'The average time of a sync in ms.',
  'sync-time-max': 'The longest time of a sync in ms.',
  'sync-rate': 'Syncs in each second.',
  'sync-total': 'Syncs.',
  'rebalance-latency-avg': 'The average time of a rebalance of this member in ms.',
  'rebalance-latency-max': 'The longest time of a rebalance of this member in ms.',
  'rebalance-latency-total': 'The time of all rebalances of this member in ms.',
  'rebalance-total': 'Rebalances of this member.',
  'rebalance-rate-per-hour': 'Rebalances of this member in each hour.',
  'failed-rebalance-total': 'Rebalances of this member that failed and began again.',
  'failed-rebalance-rate-per-hour': 'Failed rebalances of this member in each hour.',
  'last-rebalance-seconds-ago': 'Seconds since the last rebalance; -1 before the first.',
  'partition-assigned-latency-avg': 'The average time of the listener for new partitions in ms.',
  'partition-assigned-latency-max': 'The longest time of the listener for new partitions in ms.',
  'partition-revoked-latency-avg': 'The average time of the listener for revoked ones in ms.',
  'partition-revoked-latency-max': 'The longest time of the listener for revoked ones in ms.',
  'partition-lost-latency-avg': 'The average time of the listener for lost partitions in ms.',
  'partition-lost-latency-max': 'The longest time of the listener for lost partitions in ms.',
} as const;

/** How the application takes records of a queue. */
export const SHARE_METRICS = {
  'time-between-poll-avg': 'The average time between two polls with records, in ms.',
  'time-between-poll-max': 'The longest time between two polls with records, in ms.',
  'last-poll-seconds-ago': 'Seconds since a poll with records; -1 before the first.',
  'poll-idle-ratio-avg': 'The share of time for which the application waited for records.',
} as const;

export const SHARE_FETCH_METRICS = {
  'records-consumed-rate': 'Records acquired in each second.',
  'records-consumed-total': 'Records acquired.',
  'bytes-consumed-rate': 'Bytes of batches with acquired records in each second.',
  'bytes-consumed-total': 'Bytes of batches with acquired records.',
  'records-per-request-avg': 'The average number of acquired records in an answer that has some.',
  'records-per-request-max': 'The largest number of acquired records in an answer.',
  'acknowledgements-send-rate': 'Acknowledgements of records sent in each second.',
  'acknowledgements-send-total': 'Acknowledgements of records sent.',
  'acknowledgements-error-rate': 'Acknowledgements of records that failed in each second.',
  'acknowledgements-error-total': 'Acknowledgements of records that failed.',
  'fetch-size-avg': 'The average size of an answer, in bytes.',
  'fetch-size-max': 'The size of the largest answer, in bytes.',
  'fetch-latency-avg': 'The average time of a fetch in ms, the wait at the broker included.',
  'fetch-latency-max': 'The longest time of a fetch in ms, the wait at the broker included.',
  'fetch-rate': 'Fetches in each second.',
  'fetch-total': 'Fetches.',
  'fetch-throttle-time-avg': 'For how long brokers held the client back on average, in ms.',
  'fetch-throttle-time-max': 'For how long a broker held the client back at most, in ms.',
} as const;

export const SHARE_COORDINATOR_METRICS = {
  'heartbeat-response-time-max': 'The longest time of a heartbeat in ms.',
  'heartbeat-rate': 'Heartbeats in each second.',
  'heartbeat-total': 'Heartbeats.',
  'last-heartbeat-seconds-ago': 'Seconds since a heartbeat left; -1 before the first.',
  'rebalance-total': 'Changes of the partitions of this member.',
  'rebalance-rate-per-hour': 'Changes of the partitions of this member in each hour.',
} as const;
