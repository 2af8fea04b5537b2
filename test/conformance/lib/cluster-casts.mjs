/** Whose brokers a cluster has, and settings with which faults are noticed soon. */

const [kafka, millrace] = ['kafka', 'millrace'];

export const CASTS = {
  kafka: [kafka, kafka, kafka],
  millrace: [millrace, millrace, millrace],
  mixed: [
    [millrace, kafka, millrace],
    [kafka, millrace, kafka],
  ],
};

/** The id of the first broker of each: by its id one sees whose it is. */
export const FIRST_ID = { kafka: 11, millrace: 21 };
/** Of brokers of clusters of three. */
export const BROKER_IDS = [11, 12, 13, 21, 22, 23];

/** "3 kafka", "2 millrace + 1 kafka". */
export function castLabel(cast) {
  const kinds = [millrace, kafka].filter((kind) => cast.includes(kind));
  return kinds.map((kind) => `${cast.filter((one) => one === kind).length} ${kind}`).join(' + ');
}

export const SESSION_MS = 4_000;
export const REPLICA_CONTROLLERS = {
  'broker.session.timeout.ms': String(SESSION_MS),
  'broker.heartbeat.interval.ms': '500',
};
export const REPLICA_BROKERS = {
  'replica.lag.time.max.ms': '6000',
  'replica.fetch.backoff.ms': '200',
};
/** Transactions outlive a broker, and are soon ended when their time is over. */
export const HISTORY_BROKERS = {
  ...REPLICA_BROKERS,
  'transaction.state.log.replication.factor': '3',
  'transaction.state.log.min.isr': '2',
  'transaction.state.log.num.partitions': '5',
  'transaction.abort.timed.out.transaction.cleanup.interval.ms': '1000',
  'log.retention.check.interval.ms': '1000',
};
/** Three replicas of whatever is made without a word about them. */
export const REPLICATED = {
  ...REPLICA_BROKERS,
  'default.replication.factor': '3',
  'min.insync.replicas': '2',
  'offsets.topic.replication.factor': '3',
  'transaction.state.log.replication.factor': '3',
  'transaction.state.log.min.isr': '2',
  'group.initial.rebalance.delay.ms': '0',
};
export const RACK_SELECTOR = 'org.apache.kafka.common.replica.RackAwareReplicaSelector';
