/** Configuration of a topic. parse-definitions.ts tells how to read a row. */
export const TOPIC_DEFINITIONS = `
cleanup.policy | LIST | delete | one of compact,delete |
  What becomes of old segments: delete, compact, both, or neither.
compression.gzip.level | INT | -1 | 1..9 or -1 |
  Level used where compression.type is gzip.
compression.lz4.level | INT | 9 | 1..17 |
  Level used where compression.type is lz4.
compression.type | STRING | producer | one of uncompressed,zstd,lz4,snappy,gzip,producer |
  Codec in which batches are stored; producer keeps the producer's.
compression.zstd.level | INT | 3 | -131072..22 |
  Level used where compression.type is zstd.
delete.retention.ms | LONG | 86400000 | 0.. |
  Time that tombstones stay readable in a compacted topic.
file.delete.delay.ms | LONG | 60000 | 0.. |
  Time between dropping a segment and deleting its file.
flush.messages | LONG | 9223372036854775807 | 1.. |
  Records after which the log is synced in the background; 1 means group commit.
flush.ms | LONG | 9223372036854775807 | 0.. |
  Time after which a record is synced in the background.
follower.replication.throttled.replicas | LIST | '' | throttled-replicas | inert
  Replicas throttled on the follower's side.
index.interval.bytes | INT | 4096 | 0.. |
  Bytes of log between two entries of an index.
internal.segment.bytes | INT | - | - | internal
  Segment size below the bound of segment.bytes, for tests.
leader.replication.throttled.replicas | LIST | '' | throttled-replicas | inert
  Replicas throttled on the leader's side.
local.retention.bytes | LONG | -2 | -2.. | inert
  Local bytes kept where segments are tiered.
local.retention.ms | LONG | -2 | -2.. | inert
  Local time kept where segments are tiered.
max.compaction.lag.ms | LONG | 9223372036854775807 | 1.. |
  Time after which a record must be compacted.
max.message.bytes | INT | 1048588 | 0.. |
  Largest record batch that the topic accepts.
message.timestamp.after.max.ms | LONG | 3600000 | 0.. |
  How far a record's time may lie after the broker's.
message.timestamp.before.max.ms | LONG | 9223372036854775807 | 0.. |
  How far a record's time may lie before the broker's.
message.timestamp.type | STRING | CreateTime | one of CreateTime,LogAppendTime |
  Whether records carry the producer's time or the broker's.
millrace.durability | STRING | os | one of os,group |
  os leaves syncing to the system; group answers acks=all after the fdatasync that covers it.
min.cleanable.dirty.ratio | DOUBLE | 0.5 | 0..1 |
  Share of the log that must be dirty before it is compacted.
min.compaction.lag.ms | LONG | 0 | 0.. |
  Time that a record stays uncompacted at least.
min.insync.replicas | INT | 1 | 1.. |
  Replicas that must have a record before acks=all is answered.
preallocate | BOOLEAN | false | - | inert
  Whether a segment is allocated in full when it is created; millrace allocates in steps.
remote.log.copy.disable | BOOLEAN | false | - | inert
  Whether no more segments are copied to remote storage.
remote.log.delete.on.disable | BOOLEAN | false | - | inert
  Whether remote segments go when tiering is switched off.
remote.storage.enable | BOOLEAN | false | - | inert
  Whether segments are tiered to remote storage; millrace tiers none.
retention.bytes | LONG | -1 | - |
  Bytes that a partition keeps; -1 sets no bound.
retention.ms | LONG | 604800000 | -1.. |
  Time that records are kept; -1 keeps them for ever.
segment.bytes | INT | 1073741824 | 1048576.. |
  Size at which a log segment is rolled.
segment.index.bytes | INT | 10485760 | 4.. |
  Size that an offset index may reach before its segment is rolled.
segment.jitter.ms | LONG | 0 | 0.. |
  Random part taken off the age at which a segment is rolled.
segment.ms | LONG | 604800000 | 1.. |
  Age at which a log segment is rolled.
unclean.leader.election.enable | BOOLEAN | false | - |
  Whether a replica that lags may become leader.
`;
