/** Kafka's controller quorum and tiered storage. parse-definitions.ts tells how to read a row. */
export const CLUSTER_DEFINITIONS = `
metadata.log.dir | STRING | - | - | inert
  Directory of the metadata log; millrace keeps it in the first of log.dirs.
metadata.log.max.record.bytes.between.snapshots | LONG | 4194304 | 1.. |
  Bytes of metadata log after which a snapshot is taken.
metadata.log.max.snapshot.interval.ms | LONG | 3600000 | 0.. | inert
  Time after which Kafka takes a metadata snapshot.
metadata.log.segment.bytes | INT | 1073741824 | 8388608.. | inert
  Segment size of Kafka's metadata log.
metadata.log.segment.ms | LONG | 604800000 | - | inert
  Segment age of Kafka's metadata log.
metadata.max.idle.interval.ms | INT | 500 | 0.. | inert
  How often Kafka's controller writes a no-op record.
metadata.max.retention.bytes | LONG | 104857600 | - | inert
  Bytes of metadata log that Kafka keeps.
metadata.max.retention.ms | LONG | 604800000 | - | inert
  Time that Kafka keeps its metadata log.
internal.metadata.log.segment.bytes | INT | - | - | inert internal
  Segment size of Kafka's metadata log in its tests.
internal.metadata.max.batch.size.in.bytes | INT | 8388608 | - | inert internal
  Largest batch of Kafka's metadata log in its tests.
internal.metadata.delete.delay.millis | LONG | 60000 | - | inert internal
  Delay before Kafka deletes old metadata files in its tests.
initial.broker.registration.timeout.ms | INT | 60000 | - | inert
  Time that a broker has to register with its controller.
broker.heartbeat.interval.ms | INT | 2000 | - | inert
  Interval of a broker's heartbeats to its controller.
broker.session.timeout.ms | INT | 9000 | - | inert
  Time after which a silent broker is fenced by its controller.
server.max.startup.time.ms | LONG | 9223372036854775807 | 0.. | inert internal
  Longest time that a start may take in Kafka.
controller.socket.timeout.ms | INT | 30000 | - | inert
  Socket time-out between controller and brokers.
controller.performance.always.log.threshold.ms | LONG | 2000 | 0.. | inert internal
  Controller events slower than this are logged by Kafka.
controller.performance.sample.period.ms | LONG | 60000 | 100.. | inert internal
  Period of the controller's performance samples.
controller.quorum.voters | LIST | '' | - | inert
  Voters of Kafka's controller quorum; millrace is its own controller.
controller.quorum.bootstrap.servers | LIST | '' | - | inert
  Addresses where Kafka's controller quorum is found.
controller.quorum.append.linger.ms | INT | 25 | 0.. | inert
  How long the quorum leader gathers records.
controller.quorum.auto.join.enable | BOOLEAN | false | - | inert
  Whether a controller joins the quorum by itself.
controller.quorum.election.backoff.max.ms | INT | 1000 | 0.. | inert
  Longest pause between two quorum elections.
controller.quorum.election.timeout.ms | INT | 1000 | 0.. | inert
  Time to wait for the outcome of a quorum election.
controller.quorum.fetch.max.bytes | INT | 1048576 | 1.. | inert
  Bytes of one fetch from the quorum.
controller.quorum.fetch.snapshot.max.bytes | INT | 1048576 | 1.. | inert
  Bytes of one snapshot fetch from the quorum.
controller.quorum.fetch.timeout.ms | INT | 2000 | 0.. | inert
  Time without a fetch after which a quorum election starts.
controller.quorum.request.timeout.ms | INT | 2000 | 0.. | inert
  Time-out of requests within the quorum.
controller.quorum.retry.backoff.ms | INT | 20 | 0.. | inert
  Pause before a quorum request is sent again.
remote.log.storage.system.enable | BOOLEAN | false | - | refused
  Whether segments are tiered to remote storage; millrace tiers none.
remote.fetch.max.wait.ms | INT | 500 | 1.. | inert
  How long a fetch may wait for remote storage.
remote.list.offsets.request.timeout.ms | LONG | 30000 | 1.. | inert
  How long an offset look-up may wait for remote storage.
remote.log.index.file.cache.total.size.bytes | LONG | 1073741824 | 1.. | inert
  Size of the cache of remote indexes.
remote.log.index.file.cache.ttl.ms | LONG | 900000 | -1.. | inert internal
  Time that remote indexes stay cached.
remote.log.manager.copier.thread.pool.size | INT | 10 | 1.. | inert
  Threads that copy segments to remote storage.
remote.log.manager.copy.max.bytes.per.second | LONG | 9223372036854775807 | 1.. | inert
  Bytes a second copied to remote storage.
remote.log.manager.copy.quota.window.num | INT | 11 | 1.. | inert
  Samples kept for the quota on copies.
remote.log.manager.copy.quota.window.size.seconds | INT | 1 | 1.. | inert
  Length of one sample of the quota on copies.
remote.log.manager.expiration.thread.pool.size | INT | 10 | 1.. | inert
  Threads that expire remote segments.
remote.log.manager.fetch.max.bytes.per.second | LONG | 9223372036854775807 | 1.. | inert
  Bytes a second fetched from remote storage.
remote.log.manager.fetch.quota.window.num | INT | 11 | 1.. | inert
  Samples kept for the quota on remote fetches.
remote.log.manager.fetch.quota.window.size.seconds | INT | 1 | 1.. | inert
  Length of one sample of the quota on remote fetches.
remote.log.manager.follower.thread.pool.size | INT | 2 | 1.. | inert
  Threads that follow remote partitions.
remote.log.manager.task.interval.ms | LONG | 30000 | 1.. | inert
  How often remote storage is looked after.
remote.log.manager.task.retry.backoff.max.ms | LONG | 30000 | 1.. | inert internal
  Longest pause before a remote task is tried again.
remote.log.manager.task.retry.backoff.ms | LONG | 500 | 1.. | inert internal
  First pause before a remote task is tried again.
remote.log.manager.task.retry.jitter | DOUBLE | 0.2 | 0..0.5 | inert internal
  Random part of the pause between remote tasks.
remote.log.manager.thread.pool.size | INT | 2 | 1.. | inert
  Threads that schedule remote tasks.
remote.log.metadata.custom.metadata.max.bytes | INT | 128 | 0.. | inert
  Custom metadata of a remote segment at most.
remote.log.metadata.manager.class.name | STRING | \
org.apache.kafka.server.log.remote.metadata.storage.TopicBasedRemoteLogMetadataManager\
 | - | inert
  Class that keeps the metadata of remote segments.
remote.log.metadata.manager.class.path | STRING | - | - | inert
  Class path of that class.
remote.log.metadata.manager.impl.prefix | STRING | rlmm.config. | - | inert
  Prefix of the settings handed to that class.
remote.log.metadata.manager.listener.name | STRING | - | - | inert
  Listener that class connects to.
remote.log.reader.max.pending.tasks | INT | 100 | 1.. | inert
  Remote reads that may wait.
remote.log.reader.threads | INT | 10 | 1.. | inert
  Threads that read from remote storage.
remote.log.storage.manager.class.name | STRING | - | - | inert
  Class that stores remote segments.
remote.log.storage.manager.class.path | STRING | - | - | inert
  Class path of that class.
remote.log.storage.manager.impl.prefix | STRING | rsm.config. | - | inert
  Prefix of the settings handed to that class.
`;
