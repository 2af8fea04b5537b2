/**
 * Logs, retention, compaction, replication and quotas of the broker.
 * parse-definitions.ts tells how to read a row.
 */
export const LOG_DEFINITIONS = `
log.dirs | LIST | - | - |
  Directories that hold the partitions; the first holds the metadata too.
log.dir | LIST | ./millrace-data | - |
  Directory that holds the partitions, used where log.dirs is not set.
cordoned.log.dirs | LIST | '' | - | inert
  Directories that receive no new partitions.
num.partitions | INT | 1 | 1.. |
  Partitions of a topic that is created without a number.
default.replication.factor | INT | 1 | - |
  Replicas of a topic created without a number; one broker holds one.
min.insync.replicas | INT | 1 | 1.. | cluster-wide
  Replicas that must have a record before acks=all is answered.
unclean.leader.election.enable | BOOLEAN | false | - | cluster-wide inert
  Whether a replica that lags may become leader.
unclean.leader.election.interval.ms | LONG | 300000 | 1.. | inert internal
  How often partitions are checked for an unclean election.
message.max.bytes | INT | 1048588 | 0.. | cluster-wide
  Largest record batch that a topic accepts unless it says otherwise.
compression.type | STRING | producer\
 | one of uncompressed,zstd,lz4,snappy,gzip,producer | cluster-wide
  Codec in which batches are stored; producer keeps the producer's.
compression.gzip.level | INT | -1 | 1..9 or -1 | cluster-wide
  Level used where compression.type is gzip.
compression.lz4.level | INT | 9 | 1..17 | cluster-wide
  Level used where compression.type is lz4.
compression.zstd.level | INT | 3 | -131072..22 | cluster-wide
  Level used where compression.type is zstd.
log.message.timestamp.type | STRING | CreateTime | one of CreateTime,LogAppendTime | cluster-wide
  Whether records carry the producer's time or the broker's.
log.message.timestamp.before.max.ms | LONG | 9223372036854775807 | 0.. | cluster-wide
  How far a record's time may lie before the broker's.
log.message.timestamp.after.max.ms | LONG | 3600000 | 0.. | cluster-wide
  How far a record's time may lie after the broker's.
log.segment.bytes | INT | 1073741824 | 1048576.. | cluster-wide
  Size at which a log segment is rolled.
log.roll.ms | LONG | - | - | cluster-wide
  Age at which a log segment is rolled.
log.roll.hours | INT | 168 | 1.. |
  Age in hours at which a segment is rolled, where log.roll.ms is not set.
log.roll.jitter.ms | LONG | - | - | cluster-wide
  Random part taken off the age at which a segment is rolled.
log.roll.jitter.hours | INT | 0 | 0.. |
  The same in hours, where log.roll.jitter.ms is not set.
log.retention.ms | LONG | - | - | cluster-wide
  Time that records are kept; -1 keeps them for ever.
log.retention.minutes | INT | - | - |
  The same in minutes, where log.retention.ms is not set.
log.retention.hours | INT | 168 | - |
  The same in hours, where neither of the finer units is set.
log.retention.bytes | LONG | -1 | - | cluster-wide
  Bytes that a partition keeps; -1 sets no bound.
log.retention.check.interval.ms | LONG | 300000 | 1.. |
  How often segments are checked against retention.
log.cleanup.policy | LIST | delete | one of compact,delete | cluster-wide
  What becomes of old segments: delete, compact, both, or neither.
log.segment.delete.delay.ms | LONG | 60000 | 0.. | cluster-wide
  Time between dropping a segment and deleting its file.
log.index.size.max.bytes | INT | 10485760 | 4.. | cluster-wide
  Size that an offset index may reach before its segment is rolled.
log.index.interval.bytes | INT | 4096 | 0.. | cluster-wide
  Bytes of log between two entries of an index.
log.preallocate | BOOLEAN | false | - | cluster-wide inert
  Whether a segment is allocated in full when it is created; millrace allocates in steps.
log.flush.interval.messages | LONG | 9223372036854775807 | 1.. | cluster-wide
  Records after which a log is synced in the background; 1 means group commit.
log.flush.interval.ms | LONG | - | - | cluster-wide
  Time after which a record is synced in the background.
log.flush.scheduler.interval.ms | LONG | 9223372036854775807 | - |
  Stands for log.flush.interval.ms where that is not set: no flusher has to look for logs here.
log.flush.offset.checkpoint.interval.ms | INT | 60000 | 0.. |
  How often recovery points are written to their checkpoint.
log.flush.start.offset.checkpoint.interval.ms | INT | 60000 | 0.. |
  How often log start offsets are written to their checkpoint.
log.initial.task.delay.ms | LONG | 30000 | 0.. | internal inert
  Delay before the first run of retention and the like.
log.dir.failure.timeout.ms | LONG | 30000 | 1.. | inert
  Time that a broker with a failed directory has to tell its controller.
log.local.retention.bytes | LONG | -2 | -2.. | cluster-wide inert
  Local bytes kept where segments are tiered.
log.local.retention.ms | LONG | -2 | -2.. | cluster-wide inert
  Local time kept where segments are tiered.
log.cleaner.enable | BOOLEAN | true | - |
  Whether topics with cleanup.policy compact are compacted.
log.cleaner.threads | INT | 1 | 0.. | cluster-wide inert
  Compactions that run at once.
log.cleaner.io.max.bytes.per.second | DOUBLE | 1.7976931348623157E308 | - | cluster-wide
  Bytes a second that compaction may read and write.
log.cleaner.dedupe.buffer.size | LONG | 134217728 | - | cluster-wide
  Memory for the key map of compaction.
log.cleaner.io.buffer.size | INT | 524288 | 0.. | cluster-wide inert
  Memory for the read and write buffers of compaction.
log.cleaner.io.buffer.load.factor | DOUBLE | 0.9 | - | cluster-wide
  How full the key map of compaction may become.
log.cleaner.backoff.ms | LONG | 15000 | 0.. | cluster-wide
  Pause of the cleaner when there is nothing to compact.
log.cleaner.min.cleanable.ratio | DOUBLE | 0.5 | 0..1 | cluster-wide
  Share of a log that must be dirty before it is compacted.
log.cleaner.min.compaction.lag.ms | LONG | 0 | 0.. | cluster-wide
  Time that a record stays uncompacted at least.
log.cleaner.max.compaction.lag.ms | LONG | 9223372036854775807 | 1.. | cluster-wide
  Time after which a record must be compacted.
log.cleaner.delete.retention.ms | LONG | 86400000 | 0.. | cluster-wide
  Time that tombstones stay readable.
num.recovery.threads.per.data.dir | INT | 2 | 1.. | inert
  Threads that recover logs at start; workers recover their own.
num.replica.alter.log.dirs.threads | INT | - | - | inert
  Threads that move replicas between directories.
producer.id.expiration.ms | INT | 86400000 | 1.. | cluster-wide
  Time without a write after which a producer id is forgotten.
producer.id.expiration.check.interval.ms | INT | 600000 | 1.. | internal inert
  How often producer ids are checked for expiry.
replica.lag.time.max.ms | LONG | 30000 | - | inert
  Time after which a replica that lags leaves the in-sync set.
replica.socket.timeout.ms | INT | 30000 | - | inert
  Socket time-out of replica fetchers.
replica.socket.receive.buffer.bytes | INT | 65536 | - | inert
  Receive buffer of replica fetchers.
replica.fetch.max.bytes | INT | 1048576 | 0.. | inert
  Bytes a partition that a replica fetches at once.
replica.fetch.wait.max.ms | INT | 500 | - | inert
  How long a replica's fetch may wait.
replica.fetch.backoff.ms | INT | 1000 | 0.. | inert
  Pause of a replica after a failed fetch.
replica.fetch.min.bytes | INT | 1 | - | inert
  Bytes that a replica's fetch waits for.
replica.fetch.response.max.bytes | INT | 10485760 | 0.. | inert
  Bytes that a replica's fetch reply holds at most.
replica.high.watermark.checkpoint.interval.ms | LONG | 5000 | - | inert
  How often high watermarks are written to their checkpoint.
replica.selector.class | STRING | - | - | inert
  Class that picks the replica a consumer reads from.
num.replica.fetchers | INT | 1 | 1.. | inert
  Connections that copy from each other broker and share its partitions.
follower.fetch.last.tiered.offset.enable | BOOLEAN | false | - | inert
  Whether an empty follower starts at the last tiered offset.
quota.window.num | INT | 11 | 1.. |
  Samples kept for client quotas.
quota.window.size.seconds | INT | 1 | 1.. |
  Length of one sample of client quotas.
replication.quota.window.num | INT | 11 | 1.. | inert
  Samples kept for replication quotas.
replication.quota.window.size.seconds | INT | 1 | 1.. | inert
  Length of one sample of replication quotas.
alter.log.dirs.replication.quota.window.num | INT | 11 | 1.. | inert
  Samples kept for quotas on moves between directories.
alter.log.dirs.replication.quota.window.size.seconds | INT | 1 | 1.. | inert
  Length of one sample of those quotas.
controller.quota.window.num | INT | 11 | 1.. |
  Samples kept for quotas on metadata changes.
controller.quota.window.size.seconds | INT | 1 | 1.. |
  Length of one sample of quotas on metadata changes.
leader.replication.throttled.rate | LONG | 9223372036854775807 | 0.. | cluster-wide inert
  Bytes a second a leader sends to throttled replicas.
follower.replication.throttled.rate | LONG | 9223372036854775807 | 0.. | cluster-wide inert
  Bytes a second a follower takes for throttled replicas.
replica.alter.log.dirs.io.max.bytes.per.second | LONG | 9223372036854775807\
 | 0.. | cluster-wide inert
  Bytes a second for moves between directories.
`;
