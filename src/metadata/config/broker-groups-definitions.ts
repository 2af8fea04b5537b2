/**
 * Groups, offsets, transactions and share state of the broker.
 * parse-definitions.ts tells how to read a row.
 */
export const GROUP_COORDINATION_DEFINITIONS = `
group.coordinator.rebalance.protocols | LIST | classic,consumer,streams\
 | one of consumer,classic,share,streams |
  Group protocols that are served: classic always, consumer and streams where they are named.
group.coordinator.threads | INT | 4 | 1.. | inert
  Threads that coordinate groups; workers do so in millrace.
group.coordinator.background.threads | INT | 2 | 1.. | inert
  Threads that compute assignments in the background.
group.coordinator.append.linger.ms | INT | -1 | -1.. | inert
  How long the coordinator gathers records before it appends.
group.coordinator.cached.buffer.max.bytes | INT | 1048588 | 524288.. | cluster-wide inert
  Largest write buffer that the coordinator keeps.
group.min.session.timeout.ms | INT | 6000 | - |
  Shortest session time-out a classic member may ask for.
group.max.session.timeout.ms | INT | 1800000 | - |
  Longest session time-out a classic member may ask for.
group.initial.rebalance.delay.ms | INT | 3000 | - |
  Wait for more members before the first rebalance of an empty group.
group.max.size | INT | 2147483647 | 1.. |
  Members that a classic group holds at most.
group.consumer.session.timeout.ms | INT | 45000 | 1.. |
  Session time-out of members of the consumer protocol.
group.consumer.min.session.timeout.ms | INT | 45000 | 1.. |
  Least value of consumer.session.timeout.ms of a group.
group.consumer.max.session.timeout.ms | INT | 60000 | 1.. |
  Greatest value of consumer.session.timeout.ms of a group.
group.consumer.heartbeat.interval.ms | INT | 5000 | 1.. |
  Heartbeat interval given to members of the consumer protocol.
group.consumer.min.heartbeat.interval.ms | INT | 5000 | 1.. |
  Least value of consumer.heartbeat.interval.ms of a group.
group.consumer.max.heartbeat.interval.ms | INT | 15000 | 1.. |
  Greatest value of consumer.heartbeat.interval.ms of a group.
group.consumer.max.size | INT | 2147483647 | 1.. |
  Members that a group of the consumer protocol holds at most.
group.consumer.assignors | LIST | uniform,range | - |
  Server-side assignors, the first being the default.
group.consumer.migration.policy | STRING | bidirectional\
 | any case of DISABLED,DOWNGRADE,UPGRADE,BIDIRECTIONAL |
  Whether groups may move between the classic and consumer protocol.
group.consumer.regex.refresh.interval.ms | INT | 600000 | 10000.. | internal
  How often regular-expression subscriptions are resolved again.
group.consumer.assignment.interval.ms | INT | 1000 | 0.. | cluster-wide
  Time between two assignments of a consumer group.
group.consumer.min.assignment.interval.ms | INT | 0 | 0.. |
  Least value of consumer.assignment.interval.ms of a group.
group.consumer.max.assignment.interval.ms | INT | 15000 | 0.. |
  Greatest value of consumer.assignment.interval.ms of a group.
offset.metadata.max.bytes | INT | 4096 | - |
  Largest metadata text of an offset commit.
offsets.load.buffer.size | INT | 5242880 | 1.. | inert
  Batch size when offsets are loaded into memory.
offsets.topic.replication.factor | SHORT | 3 | 1.. |
  Replicas of the offsets topic when it is created; fewer where there are fewer brokers.
offsets.topic.num.partitions | INT | 50 | 1.. |
  Partitions of the offsets topic when it is created.
offsets.topic.segment.bytes | INT | 104857600 | 1.. |
  Segment size of the offsets topic.
offsets.topic.compression.codec | INT | 0 | - | inert
  Codec of the offsets topic.
offsets.retention.minutes | INT | 10080 | 1.. |
  Time that offsets are kept after a group became empty.
offsets.retention.check.interval.ms | LONG | 600000 | 1.. |
  How often offsets are checked for expiry.
offsets.commit.timeout.ms | INT | 5000 | 1.. | inert
  How long a commit may wait for its replicas.
transactional.id.expiration.ms | INT | 604800000 | 1.. |
  Time without use after which a transactional id is forgotten.
transaction.max.timeout.ms | INT | 900000 | 1.. |
  Longest transaction time-out a producer may ask for.
transaction.state.log.min.isr | INT | 2 | 1.. |
  In-sync replicas the transaction topic needs; fewer where it gets fewer replicas.
transaction.state.log.load.buffer.size | INT | 5242880 | 1.. | inert
  Batch size when transaction state is loaded.
transaction.state.log.replication.factor | SHORT | 3 | 1.. |
  Replicas of the transaction topic when it is created; fewer where there are fewer brokers.
transaction.state.log.num.partitions | INT | 50 | 1.. |
  Partitions of the transaction topic when it is created.
transaction.state.log.segment.bytes | INT | 104857600 | 1.. |
  Segment size of the transaction topic.
transaction.abort.timed.out.transaction.cleanup.interval.ms | INT | 10000 | 1.. |
  How often timed-out transactions are aborted.
transaction.remove.expired.transaction.cleanup.interval.ms | INT | 3600000 | 1.. |
  How often expired transactional ids are removed.
transaction.partition.verification.enable | BOOLEAN | true | - | cluster-wide
  Whether a write is checked against its transaction's partitions.
transaction.two.phase.commit.enable | BOOLEAN | false | - |
  Whether producers may take part in two-phase commits.
add.partitions.to.txn.retry.backoff.ms | INT | 20 | 1.. |
  First pause before partitions are added to a transaction again.
add.partitions.to.txn.retry.backoff.max.ms | INT | 100 | 0.. |
  Longest time that adding partitions to a transaction is retried.
group.share.assignors | LIST | simple | - | inert
  Server-side assignors of share groups.
group.share.max.size | INT | 200 | 1..1000 | inert
  Members that a share group holds at most.
group.share.max.share.sessions | INT | 2000 | 1.. | inert
  Share sessions kept at most.
group.share.session.timeout.ms | INT | 45000 | 1.. | inert
  Session time-out of members of share groups.
group.share.min.session.timeout.ms | INT | 45000 | 1.. | inert
  Least value of share.session.timeout.ms of a group.
group.share.max.session.timeout.ms | INT | 60000 | 1.. | inert
  Greatest value of share.session.timeout.ms of a group.
group.share.heartbeat.interval.ms | INT | 5000 | 1.. | inert
  Heartbeat interval given to members of share groups.
group.share.min.heartbeat.interval.ms | INT | 5000 | 1.. | inert
  Least value of share.heartbeat.interval.ms of a group.
group.share.max.heartbeat.interval.ms | INT | 15000 | 1.. | inert
  Greatest value of share.heartbeat.interval.ms of a group.
group.share.assignment.interval.ms | INT | 1000 | 0.. | cluster-wide inert
  Time between two assignments of a share group.
group.share.min.assignment.interval.ms | INT | 0 | 0.. | inert
  Least value of share.assignment.interval.ms of a group.
group.share.max.assignment.interval.ms | INT | 15000 | 0.. | inert
  Greatest value of share.assignment.interval.ms of a group.
group.share.delivery.count.limit | INT | 5 | 2..10 | inert
  Times that a record is delivered to a share group at most.
group.share.min.delivery.count.limit | INT | 2 | 2..5 | inert
  Least value of share.delivery.count.limit of a group.
group.share.max.delivery.count.limit | INT | 10 | 5..25 | inert
  Greatest value of share.delivery.count.limit of a group.
group.share.partition.max.record.locks | INT | 2000 | 100..10000 | inert
  Records a partition that a share group may hold locked.
group.share.min.partition.max.record.locks | INT | 100 | 100..2000 | inert
  Least value of share.partition.max.record.locks of a group.
group.share.max.partition.max.record.locks | INT | 4000 | 2000..10000 | inert
  Greatest value of share.partition.max.record.locks of a group.
group.share.record.lock.duration.ms | INT | 30000 | 1000..3600000 | inert
  Time that a record stays locked for a member.
group.share.min.record.lock.duration.ms | INT | 15000 | 1000..30000 | inert
  Least value of share.record.lock.duration.ms of a group.
group.share.max.record.lock.duration.ms | INT | 60000 | 30000..3600000 | inert
  Greatest value of share.record.lock.duration.ms of a group.
group.share.initialize.retry.interval.ms | INT | 30000 | 1.. | inert internal
  Pause before a share partition is initialised again.
group.share.persister.class.name | STRING | \
org.apache.kafka.server.share.persister.DefaultStatePersister\
 | - | inert internal
  Class that keeps the state of share groups.
group.streams.session.timeout.ms | INT | 45000 | 1.. |
  Session time-out of members of streams groups.
group.streams.min.session.timeout.ms | INT | 45000 | 1.. |
  Least value of streams.session.timeout.ms of a group.
group.streams.max.session.timeout.ms | INT | 60000 | 1.. |
  Greatest value of streams.session.timeout.ms of a group.
group.streams.heartbeat.interval.ms | INT | 5000 | 1.. |
  Heartbeat interval given to members of streams groups.
group.streams.min.heartbeat.interval.ms | INT | 5000 | 1.. |
  Least value of streams.heartbeat.interval.ms of a group.
group.streams.max.heartbeat.interval.ms | INT | 15000 | 1.. |
  Greatest value of streams.heartbeat.interval.ms of a group.
group.streams.assignment.interval.ms | INT | 1000 | 0.. | cluster-wide
  Time between two assignments of a streams group.
group.streams.min.assignment.interval.ms | INT | 0 | 0.. |
  Least value of streams.assignment.interval.ms of a group.
group.streams.max.assignment.interval.ms | INT | 15000 | 0.. |
  Greatest value of streams.assignment.interval.ms of a group.
group.streams.max.size | INT | 2147483647 | 1.. |
  Members that a streams group holds at most.
group.streams.num.standby.replicas | INT | 0 | 0.. |
  Standby replicas of each task.
group.streams.max.standby.replicas | INT | 2 | 0.. |
  Greatest value of streams.num.standby.replicas of a group.
group.streams.initial.rebalance.delay.ms | INT | 3000 | 0.. |
  Wait for more members before the first rebalance of a streams group.
share.coordinator.append.linger.ms | INT | -1 | -1.. | inert
  How long the share coordinator gathers records.
share.coordinator.cached.buffer.max.bytes | INT | 1048588 | 524288.. | inert
  Largest write buffer that the share coordinator keeps.
share.coordinator.cold.partition.snapshot.interval.ms | INT | 300000 | 1.. | inert internal
  How often idle share partitions are snapshotted.
share.coordinator.load.buffer.size | INT | 5242880 | 1.. | inert
  Batch size when share state is loaded.
share.coordinator.snapshot.update.records.per.snapshot | INT | 500 | 0..500 | inert
  Updates between two snapshots of share state.
share.coordinator.state.topic.compression.codec | INT | 0 | - | inert
  Codec of the share state topic.
share.coordinator.state.topic.min.isr | SHORT | 1 | 1.. | inert
  In-sync replicas the share state topic needs.
share.coordinator.state.topic.num.partitions | INT | 50 | 1.. | inert
  Partitions of the share state topic.
share.coordinator.state.topic.prune.interval.ms | INT | 300000 | 1.. | inert internal
  How often the share state topic is pruned.
share.coordinator.state.topic.replication.factor | SHORT | 1 | 1.. | inert
  Replicas of the share state topic.
share.coordinator.state.topic.segment.bytes | INT | 104857600 | 1.. | inert
  Segment size of the share state topic.
share.coordinator.threads | INT | 1 | 1.. | inert
  Threads that keep the state of share groups.
share.coordinator.write.timeout.ms | INT | 5000 | 1.. | inert
  How long a write of share state may take.
`;
