/**
 * Sockets, threads, identity and metrics of the broker.
 * parse-definitions.ts tells how to read a row.
 */
export const NETWORK_DEFINITIONS = `
listeners | LIST | PLAINTEXT://127.0.0.1:9092 | - |
  Addresses the broker listens on, as NAME://host:port; an empty host means every interface.
advertised.listeners | LIST | - | - |
  Addresses that clients are told to use; when unset, the address the client dialled.
listener.security.protocol.map | STRING \
 | SASL_SSL:SASL_SSL,PLAINTEXT:PLAINTEXT,SSL:SSL,SASL_PLAINTEXT:SASL_PLAINTEXT | - |
  Security protocol of each listener name; PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL.
controller.listener.names | LIST | '' | - |
  Listeners meant for controllers; millrace opens none of them.
inter.broker.listener.name | STRING | - | - | inert
  Listener that brokers would use among themselves.
early.start.listeners | LIST | - | - | inert
  Listeners that Kafka would open before the broker is authorised.
security.inter.broker.protocol | STRING | PLAINTEXT\
 | one of PLAINTEXT,SSL,SASL_PLAINTEXT,SASL_SSL | inert
  Security protocol between brokers.
node.id | INT | 1 | 0.. |
  Id of this node in the cluster.
broker.id | INT | -1 | - |
  Older name of node.id, used where node.id is not set.
broker.rack | STRING | - | - |
  Rack of this broker, told to clients in metadata.
process.roles | LIST | broker,controller | one of broker,controller,observer |
  Roles: broker,controller decides alone; broker and observer follow the controllers that are named.
num.network.threads | INT | 3 | 1.. | inert
  Threads that serve sockets; millrace has one front thread.
num.io.threads | INT | by-cores | 0.. |
  Threads that own partitions; with 0, the default on two processors, the front owns them all.
background.threads | INT | 10 | 1.. | inert
  Threads for background work in Kafka.
queued.max.requests | INT | 500 | 1.. | inert
  Requests that may wait before network threads pause; millrace bounds bytes instead.
queued.max.request.bytes | LONG | 67108864 | - |
  Bytes of requests in flight over all connections before sockets are paused.
request.timeout.ms | INT | 30000 | - | inert
  How long the broker waits for answers to requests of its own.
socket.request.max.bytes | INT | 104857600 | 1.. |
  Largest request frame that is accepted.
socket.send.buffer.bytes | INT | 102400 | - | inert
  Send buffer of server sockets; the system's own default is used.
socket.receive.buffer.bytes | INT | 102400 | - | inert
  Receive buffer of server sockets; the system's own default is used.
socket.listen.backlog.size | INT | 511 | 1.. |
  Connections that may wait to be accepted.
socket.connection.setup.timeout.ms | LONG | 10000 | - | inert
  Time-out for connections that the broker opens to others.
socket.connection.setup.timeout.max.ms | LONG | 30000 | - | inert
  Upper bound of the time-out for connections that the broker opens.
max.connections | INT | 10000 | 0.. | cluster-wide
  Connections the broker holds at most, over all listeners.
max.connections.per.ip | INT | 5000 | 0.. | cluster-wide
  Connections from one address at most.
max.connections.per.ip.overrides | STRING | '' | - | cluster-wide
  Exceptions to max.connections.per.ip, as address:limit,address:limit.
max.connection.creation.rate | INT | 5000 | 0.. | cluster-wide
  New connections a second at most.
connections.max.idle.ms | LONG | 600000 | - |
  Connections without a request for this long are closed.
connections.max.reauth.ms | LONG | 0 | - |
  Time after which a SASL connection must authenticate again.
connection.failed.authentication.delay.ms | INT | 100 | 0.. |
  Delay before a connection that failed to authenticate is closed.
max.incremental.fetch.session.cache.slots | INT | 1000 | 0.. |
  Fetch sessions kept at most.
max.request.partition.size.limit | INT | 2000 | 1.. |
  Partitions that one DescribeTopicPartitions reply holds at most.
fetch.max.bytes | INT | 57671680 | 1024.. |
  Bytes that a fetch reply holds at most, whatever the client asks for.
fetch.purgatory.purge.interval.requests | INT | 1000 | - | inert
  Requests between purges of Kafka's fetch purgatory.
producer.purgatory.purge.interval.requests | INT | 1000 | - | inert
  Requests between purges of Kafka's produce purgatory.
delete.records.purgatory.purge.interval.requests | INT | 1 | - | inert
  Requests between purges of Kafka's delete purgatory.
share.fetch.purgatory.purge.interval.requests | INT | 1000 | - | inert
  Requests between purges of Kafka's share purgatory.
authorizer.class.name | STRING | '' | - |
  org.apache.kafka.metadata.authorizer.StandardAuthorizer holds every request to ACLs.
create.topic.policy.class.name | CLASS | - | - | refused
  Class that vets new topics; millrace runs no policy classes.
alter.config.policy.class.name | CLASS | - | - | refused
  Class that vets configuration changes; millrace runs no policy classes.
client.quota.callback.class | CLASS | - | - | refused
  Class that computes client quotas; millrace runs no callback classes.
config.providers | LIST | '' | - | refused
  Providers that resolve references in values; millrace resolves none.
metric.reporters | LIST | org.apache.kafka.common.metrics.JmxReporter | - | inert
  Classes that report metrics; millrace serves /metrics instead.
metrics.num.samples | INT | 2 | 1.. | inert
  Samples kept to compute metrics in Kafka.
metrics.recording.level | STRING | INFO | - | inert
  Highest level of Kafka's metrics that is recorded.
metrics.sample.window.ms | LONG | 30000 | 1.. | inert
  Window of one metrics sample in Kafka.
kafka.metrics.polling.interval.secs | INT | 10 | 1.. | inert
  Polling interval of Kafka's own metrics reporters.
kafka.metrics.reporters | LIST | '' | - | inert
  Reporter classes of Kafka's older metrics.
telemetry.max.bytes | INT | 1048576 | 1.. | inert
  Largest telemetry push of a client that Kafka accepts.
auto.create.topics.enable | BOOLEAN | true | - |
  Whether a topic is created when a client asks for its metadata.
delete.topic.enable | BOOLEAN | true | - |
  Whether topics may be deleted.
auto.leader.rebalance.enable | BOOLEAN | true | - | inert
  Whether leadership is balanced among brokers.
leader.imbalance.check.interval.seconds | LONG | 300 | 1.. | inert
  How often leadership balance is checked.
controlled.shutdown.enable | BOOLEAN | true | - | inert
  Whether leadership is handed over before a stop.
unstable.api.versions.enable | BOOLEAN | false | - | inert internal
  Whether API versions still in development are served by Kafka.
unstable.feature.versions.enable | BOOLEAN | false | - | inert internal
  Whether feature versions still in development are served by Kafka.
`;
