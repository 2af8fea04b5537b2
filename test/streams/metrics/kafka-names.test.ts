/** The names that Apache Kafka 4.3.1 has, class by class, against ours. */
import { describe, expect, it } from 'vitest';
import {
  AGE_METRICS,
  BUFFER_METRICS,
  CACHE_METRICS,
  CONSUMED_BYTES_METRICS,
  CONSUMED_METRICS,
  FINAL_EMIT_METRICS,
  PROCESSOR_NODE_METRICS,
  PRODUCED_BYTES_METRICS,
  PRODUCED_METRICS,
  STANDBY_METRICS,
  STORE_CALLS,
  STORE_DEBUG_METRICS,
  STORE_METRICS,
  STREAMS_CLIENT_METRICS,
  SUPPRESSION_METRICS,
  TASK_DEBUG_METRICS,
  TASK_METRICS,
  THREAD_METRICS,
  UPDATER_METRICS,
} from '#millrace/streams/metrics/streams-metric-names';

const withEnds = (name: string, ...ends: readonly string[]) => ends.map((end) => `${name}-${end}`);
const timed = (name: string) => [
  ...withEnds(name, 'rate', 'total'),
  ...withEnds(`${name}-latency`, 'avg', 'max'),
];
const storeCalls = (names: readonly string[]) => {
  return names.flatMap((name) => withEnds(name, 'rate', 'latency-avg', 'latency-max'));
};

/** By class: Kafka's names, and ours. */
const CLASSES: Readonly<Record<string, readonly [readonly string[], object]>> = {
  ClientMetrics: [
    ['client-state', 'alive-stream-threads', 'failed-stream-threads', 'recording-level'],
    STREAMS_CLIENT_METRICS,
  ],
  ThreadMetrics: [
    [
      ...['commit', 'poll', 'punctuate'].flatMap(timed),
      ...withEnds('process', 'rate', 'total', 'latency-avg', 'latency-max'),
      ...['poll-records', 'process-records'].flatMap((name) => withEnds(name, 'avg', 'max')),
      ...['commit', 'poll', 'process', 'punctuate'].map((name) => `${name}-ratio`),
      ...['task-created', 'task-closed'].flatMap((name) => withEnds(name, 'rate', 'total')),
      'blocked-time-ns-total',
      'thread-start-time',
      'thread-state',
    ],
    THREAD_METRICS,
  ],
  RebalanceListenerMetrics: [
    ['assigned', 'revoked', 'lost'].flatMap((what) => {
      return withEnds(`tasks-${what}-latency`, 'avg', 'max');
    }),
    THREAD_METRICS,
  ],
  DefaultStateUpdater: [
    [
      ...['active-restoring-tasks', 'standby-updating-tasks'],
      ...['active-paused-tasks', 'standby-paused-tasks'],
      ...['idle-ratio', 'active-restore-ratio', 'standby-update-ratio', 'checkpoint-ratio'],
      ...['restore-records-rate', 'restore-call-rate'],
    ],
    UPDATER_METRICS,
  ],
  TaskMetrics: [
    [
      ...withEnds('process-latency', 'avg', 'max'),
      'cache-size-bytes-total',
      'restore-remaining-records-total',
      'active-process-ratio',
      'active-buffer-count',
      ...timed('punctuate'),
      ...['restore', 'update', 'enforced-processing', 'dropped-records'].flatMap((name) => {
        return withEnds(name, 'rate', 'total');
      }),
      ...withEnds('record-lateness', 'avg', 'max'),
    ],
    { ...TASK_METRICS, ...TASK_DEBUG_METRICS, ...STANDBY_METRICS },
  ],
  ProcessorNodeMetrics: [
    [
      ...['suppression-emit', 'process', 'window-aggregate-final-emit'].flatMap((name) => {
        return withEnds(name, 'rate', 'total');
      }),
      ...withEnds('record-e2e-latency', 'avg', 'min', 'max'),
      ...withEnds('window-aggregate-final-emit-latency', 'avg', 'max'),
    ],
    { ...PROCESSOR_NODE_METRICS, ...AGE_METRICS, ...SUPPRESSION_METRICS, ...FINAL_EMIT_METRICS },
  ],
  TopicMetrics: [
    ['bytes-consumed', 'bytes-produced', 'records-consumed', 'records-produced'].map((name) => {
      return `${name}-total`;
    }),
    {
      ...CONSUMED_METRICS,
      ...CONSUMED_BYTES_METRICS,
      ...PRODUCED_METRICS,
      ...PRODUCED_BYTES_METRICS,
    },
  ],
  // Without put-all, which our stores have not, and flush, which is deprecated and never measured.
  StateStoreMetrics: [
    [
      ...storeCalls(['put', 'put-if-absent', 'get', 'delete', 'remove', 'fetch', 'range', 'all']),
      ...storeCalls(['prefix-scan', 'commit', 'restore']),
      ...['suppression-buffer-size', 'suppression-buffer-count'].flatMap((name) => {
        return withEnds(name, 'avg', 'max');
      }),
      ...withEnds('record-e2e-latency', 'avg', 'min', 'max'),
      ...withEnds('iterator-duration', 'avg', 'max'),
      ...['num-open-iterators', 'oldest-iterator-open-since-ms', 'num-keys'],
    ],
    {
      ...Object.fromEntries(storeCalls(Object.keys(STORE_CALLS)).map((name) => [name, ''])),
      ...STORE_METRICS,
      ...STORE_DEBUG_METRICS,
      ...BUFFER_METRICS,
      ...AGE_METRICS,
    },
  ],
  NamedCacheMetrics: [withEnds('hit-ratio', 'avg', 'min', 'max'), CACHE_METRICS],
};

describe('the metrics of Kafka Streams', () => {
  it.each(Object.entries(CLASSES))('of %s are here', (_name, [kafka, ours]) => {
    expect(kafka.filter((name) => !(name in ours))).toEqual([]);
  });
});
