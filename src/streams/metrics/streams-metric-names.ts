/**
 * The names of Kafka's metrics of Streams and what each says. Apache Kafka 4.3.1 has them in
 * ClientMetrics, ThreadMetrics, RebalanceListenerMetrics, DefaultStateUpdater, TaskMetrics,
 * ProcessorNodeMetrics, TopicMetrics, StateStoreMetrics and NamedCacheMetrics. Some of those that
 * it has at the level DEBUG cost nothing here, and are there always.
 */

export const STREAMS_CLIENT_METRICS = {
  'client-state': 'The state as the number that Kafka gives it: 2 is RUNNING, 6 is ERROR.',
  'alive-stream-threads': 'Threads that run tasks, or take part in a rebalance.',
  'failed-stream-threads': 'Threads that an error has ended.',
  'recording-level': 'What is measured: 0 is INFO, 1 is DEBUG, 2 is TRACE.',
} as const;

export const THREAD_METRICS = {
  'thread-state': 'The state as the number that Kafka gives it: 4 is RUNNING.',
  'thread-start-time': 'When the thread was started, in ms since 1970.',
  'process-latency-avg': 'The average time of a record in ms.',
  'process-latency-max': 'The longest time of a record in ms, each the average of its turn.',
  'process-records-avg': 'The average number of records in a turn.',
  'process-records-max': 'The largest number of records in a turn.',
  'process-rate': 'Records processed in each second.',
  'process-total': 'Records processed.',
  'process-ratio': 'The share of time for which tasks processed records.',
  'poll-latency-avg': 'The average time of handing fetched records to tasks, in ms.',
  'poll-latency-max': 'The longest time of handing fetched records to tasks, in ms.',
  'poll-records-avg': 'The average number of records handed to tasks at once.',
  'poll-records-max': 'The largest number of records handed to tasks at once.',
  'poll-rate': 'Turns in each second that handed records to tasks.',
  'poll-total': 'Turns that handed records to tasks.',
  'poll-ratio': 'The share of time for which records were handed to tasks.',
  'commit-latency-avg': 'The average time of a commit in ms.',
  'commit-latency-max': 'The longest time of a commit in ms.',
  'commit-rate': 'Commits in each second.',
  'commit-total': 'Commits.',
  'commit-ratio': 'The share of time for which commits were under way.',
  'punctuate-latency-avg': 'The average time of punctuations that were due together, in ms.',
  'punctuate-latency-max': 'The longest time of punctuations that were due together, in ms.',
  'punctuate-rate': 'How often punctuations were due in each second.',
  'punctuate-total': 'How often punctuations were due.',
  'punctuate-ratio': 'The share of time for which punctuations were called.',
  'task-created-rate': 'Tasks made in each second.',
  'task-created-total': 'Tasks made.',
  'task-closed-rate': 'Tasks closed in each second.',
  'task-closed-total': 'Tasks closed.',
  'blocked-time-ns-total': 'The time for which the thread waited for brokers, in ns.',
  'tasks-assigned-latency-avg': 'The average time of taking tasks in a rebalance, in ms.',
  'tasks-assigned-latency-max': 'The longest time of taking tasks in a rebalance, in ms.',
  'tasks-revoked-latency-avg': 'The average time of giving tasks up in a rebalance, in ms.',
  'tasks-revoked-latency-max': 'The longest time of giving tasks up in a rebalance, in ms.',
  'tasks-lost-latency-avg': 'The average time of closing tasks that were lost, in ms.',
  'tasks-lost-latency-max': 'The longest time of closing tasks that were lost, in ms.',
} as const;

/** In the group `stream-state-updater-metrics`. */
export const UPDATER_METRICS = {
  'active-restoring-tasks': 'Tasks whose stores are being restored before they run.',
  'standby-updating-tasks': 'Standbys that follow their changelogs.',
  'active-paused-tasks': 'Tasks that are not restored while the application is paused.',
  'standby-paused-tasks': 'Standbys that do not follow while the application is paused.',
  'idle-ratio': 'The share of time for which no changelogs were read.',
  'active-restore-ratio': 'The share of time for which changelogs were read into tasks.',
  'standby-update-ratio': 'The share of time for which changelogs were read into standbys.',
  'checkpoint-ratio': 'The share of time for which restored rows were committed.',
  'restore-records-rate': 'Rows read from changelogs in each second.',
  'restore-call-rate': 'Batches read from changelogs in each second.',
} as const;

export const TASK_METRICS = {
  'process-rate': 'Records that the task processed in each second.',
  'process-total': 'Records that the task processed.',
  'punctuate-latency-avg': 'The average time of punctuations that were due together, in ms.',
  'punctuate-latency-max': 'The longest time of punctuations that were due together, in ms.',
  'punctuate-rate': 'How often punctuations were due in each second.',
  'punctuate-total': 'How often punctuations were due.',
  'record-lateness-avg': 'By how much records were behind the time of the task on average, in ms.',
  'record-lateness-max': 'By how much a record was behind the time of the task at most, in ms.',
  'dropped-records-rate': 'Records left out in each second, late ones among them.',
  'dropped-records-total': 'Records left out, late ones among them.',
  'active-process-ratio': 'The share of this task in the time for which records were processed.',
  'active-buffer-count': 'Records that wait in the task.',
  'restore-rate': 'Rows restored in each second.',
  'restore-total': 'Rows restored.',
  'restore-remaining-records-total': 'Offsets of changelogs that are yet to be restored.',
} as const;

/** Of a task, at the level DEBUG. */
export const TASK_DEBUG_METRICS = {
  'process-latency-avg': 'The average time of a record in ns.',
  'process-latency-max': 'The longest time of a record in ns, each the average of its turn.',
  'enforced-processing-rate': 'How often in each second it went on without partitions at an end.',
  'enforced-processing-total': 'How often it went on without partitions at an end.',
  'cache-size-bytes-total': 'The updates that wait in the record caches of the task, in bytes.',
} as const;

/** Of a task that stands by. */
export const STANDBY_METRICS = {
  'update-rate': 'Rows in each second that the standby took from changelogs.',
  'update-total': 'Rows that the standby took from changelogs.',
} as const;

export const PROCESSOR_NODE_METRICS = {
  'process-rate': 'Records that the node took in each second.',
  'process-total': 'Records that the node took.',
} as const;

/** Of sources, and of nodes without successors. */
export const AGE_METRICS = {
  'record-e2e-latency-avg': 'How old records were on average at this node, in ms.',
  'record-e2e-latency-max': 'How old a record was at most at this node, in ms.',
  'record-e2e-latency-min': 'How old a record was at least at this node, in ms.',
} as const;

export const SUPPRESSION_METRICS = {
  'suppression-emit-rate': 'Results in each second that the buffer let go.',
  'suppression-emit-total': 'Results that the buffer let go.',
} as const;

export const FINAL_EMIT_METRICS = {
  'window-aggregate-final-emit-rate': 'Results of closed windows in each second.',
  'window-aggregate-final-emit-total': 'Results of closed windows.',
  'window-aggregate-final-emit-latency-avg':
    'The average time in ms of letting results go whose windows closed together.',
  'window-aggregate-final-emit-latency-max':
    'The longest time in ms of letting results go whose windows closed together.',
} as const;

export const CONSUMED_METRICS = {
  'records-consumed-rate': 'Records in each second that the source took from the topic.',
  'records-consumed-total': 'Records that the source took from the topic.',
} as const;

export const PRODUCED_METRICS = {
  'records-produced-rate': 'Records in each second that the sink wrote to the topic.',
  'records-produced-total': 'Records that the sink wrote to the topic.',
} as const;

export const CONSUMED_BYTES_METRICS = {
  'bytes-consumed-rate': 'Bytes in each second that were read from the topic.',
  'bytes-consumed-total': 'Bytes that were read from the topic.',
} as const;

export const PRODUCED_BYTES_METRICS = {
  'bytes-produced-rate': 'Bytes in each second that were written to the topic.',
  'bytes-produced-total': 'Bytes that were written to the topic.',
} as const;

export const STORE_METRICS = {
  'num-keys': 'Rows in the store.',
  'put-rate': 'Writes to the store in each second.',
  'get-rate': 'Reads of single rows in each second.',
} as const;

/** Of a store, at the level DEBUG, beside `STORE_CALLS`. */
export const STORE_DEBUG_METRICS = {
  'num-open-iterators': 'Iterations that have begun and are not over.',
  'oldest-iterator-open-since-ms': 'When the oldest of these began, in ms since 1970; 0 for none.',
  'iterator-duration-avg': 'The average time of an iteration in ns.',
  'iterator-duration-max': 'The longest time of an iteration in ns.',
} as const;

/** What each call of a store is, of which there are `-rate`, `-latency-avg` and `-latency-max`. */
export const STORE_CALLS = {
  put: 'a write',
  'put-if-absent': 'a write where nothing is',
  get: 'a read of one row',
  delete: 'a deletion',
  remove: 'a deletion of a session',
  fetch: 'a read of windows or sessions',
  range: 'an iteration over a range of keys',
  all: 'an iteration over all keys',
  'prefix-scan': 'an iteration over the keys of a prefix',
  commit: 'a flush of held-back updates',
  restore: 'a restoration',
} as const;

export const BUFFER_METRICS = {
  'suppression-buffer-size-avg': 'The average size of what is held back, in bytes.',
  'suppression-buffer-size-max': 'The largest size of what is held back, in bytes.',
  'suppression-buffer-count-avg': 'The average number of updates held back.',
  'suppression-buffer-count-max': 'The largest number of updates held back.',
} as const;

export const CACHE_METRICS = {
  'hit-ratio-avg': 'The average share of writes to rows that waited in the cache already.',
  'hit-ratio-min': 'The smallest share of writes to rows that waited in the cache already.',
  'hit-ratio-max': 'The largest share of writes to rows that waited in the cache already.',
} as const;
