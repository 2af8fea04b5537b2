import type {
  CONSUMER_METRICS,
  COORDINATOR_METRICS,
  FETCH_METRICS,
  FETCH_PARTITION_METRICS,
  FETCH_TOPIC_METRICS,
  NETWORK_METRICS,
  NODE_METRICS,
  PRODUCER_METRICS,
  PRODUCER_TOPIC_METRICS,
  SHARE_COORDINATOR_METRICS,
  SHARE_FETCH_METRICS,
  SHARE_METRICS,
} from './metric-names.ts';

/** The metrics of an `Admin`. */
export interface AdminMetricNames {
  readonly client: keyof typeof NETWORK_METRICS;
  readonly topic: never;
  readonly node: keyof typeof NODE_METRICS;
  readonly partition: never;
}

/** The metrics of a `Producer`. */
export interface ProducerMetricNames {
  readonly client: keyof typeof NETWORK_METRICS | keyof typeof PRODUCER_METRICS;
  readonly topic: keyof typeof PRODUCER_TOPIC_METRICS;
  readonly node: keyof typeof NODE_METRICS;
  readonly partition: never;
}

/** The metrics of a `Consumer`. */
export interface ConsumerMetricNames {
  readonly client:
    | keyof typeof NETWORK_METRICS
    | keyof typeof CONSUMER_METRICS
    | keyof typeof FETCH_METRICS
    | keyof typeof COORDINATOR_METRICS;
  readonly topic: keyof typeof FETCH_TOPIC_METRICS;
  readonly node: keyof typeof NODE_METRICS;
  readonly partition: keyof typeof FETCH_PARTITION_METRICS;
}

/** The metrics of a `ShareConsumer`. */
export interface ShareConsumerMetricNames {
  readonly client:
    | keyof typeof NETWORK_METRICS
    | keyof typeof SHARE_METRICS
    | keyof typeof SHARE_FETCH_METRICS
    | keyof typeof SHARE_COORDINATOR_METRICS;
  readonly topic: never;
  readonly node: keyof typeof NODE_METRICS;
  readonly partition: never;
}
