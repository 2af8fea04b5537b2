/** Which checks stand for the scenarios of kafkatest, Apache Kafka's system tests of clusters. */

export const KAFKATEST_SCENARIOS = [
  {
    name: 'replication_test',
    checks: [
      'cluster-replicas: each leader is stopped (clean_shutdown, clean_bounce)',
      'cluster-replica-faults: a leader is killed, leaders in a row, brokers stopped in turn (hard_shutdown, hard_bounce)',
    ],
  },
  {
    name: 'reassign_partitions_test',
    checks: ['cluster-kafkatest: from offset zero and from a later one, with bounces and without'],
  },
  { name: 'throttling_test', checks: ['cluster-kafkatest: `--throttle`, and that it is lifted'] },
  {
    name: 'fetch_from_follower_test',
    checks: [
      'cluster-kafkatest: in both group protocols',
      'cluster-librdkafka-rack: the same by librdkafka, which counts bytes',
    ],
  },
  {
    name: 'round_trip_fault_test',
    checks: [
      'cluster-kafkatest: client partition, latency',
      'cluster-cuts: a leader and all others (broker_partition)',
      'cluster-replica-faults: a leader or a follower stands still (broker_pause)',
    ],
  },
  {
    name: 'transactions_test',
    checks: ['cluster-copier: copiers with a partition each, brokers or copiers bounced'],
  },
  {
    name: 'group_mode_transactions_test',
    checks: ['cluster-copier: copiers in one group, brokers or copiers bounced'],
  },
];
