/** Configuration of a group. parse-definitions.ts tells how to read a row. */
export const GROUP_DEFINITIONS = `
consumer.assignment.interval.ms | INT | 1000 | 0.. |
  Time between two assignments of the consumer group.
consumer.heartbeat.interval.ms | INT | 5000 | 1.. |
  Heartbeat interval given to members of the consumer group.
consumer.session.timeout.ms | INT | 45000 | 1.. |
  Session time-out of members of the consumer group.
share.assignment.interval.ms | INT | 1000 | 0.. | inert
  Time between two assignments of the share group.
share.auto.offset.reset | STRING | latest | - | inert
  Where a share group begins on a partition that it has not read.
share.delivery.count.limit | INT | 5 | 2.. | inert
  Times that a record is delivered to the share group at most.
share.heartbeat.interval.ms | INT | 5000 | 1.. | inert
  Heartbeat interval given to members of the share group.
share.isolation.level | STRING | read_uncommitted | one of read_committed,read_uncommitted | inert
  Whether the share group sees records of open transactions.
share.partition.max.record.locks | INT | 2000 | 100.. | inert
  Records a partition that the share group may hold locked.
share.record.lock.duration.ms | INT | 30000 | 1000.. | inert
  Time that a record stays locked for a member.
share.renew.acknowledge.enable | BOOLEAN | true | - | inert
  Whether members may renew the lock of a record.
share.session.timeout.ms | INT | 45000 | 1.. | inert
  Session time-out of members of the share group.
streams.assignment.interval.ms | INT | 1000 | 0.. |
  Time between two assignments of the streams group.
streams.heartbeat.interval.ms | INT | 5000 | 1.. |
  Heartbeat interval given to members of the streams group.
streams.initial.rebalance.delay.ms | INT | 3000 | 0.. |
  Wait for more members before the streams group first rebalances.
streams.num.standby.replicas | INT | 0 | 0.. |
  Standby replicas of each task.
streams.session.timeout.ms | INT | 45000 | 1.. |
  Session time-out of members of the streams group.
`;
