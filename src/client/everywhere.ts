/** What of the client runs in Node and in browsers alike. */
export type { Acl, AclFilter } from './admin/acl.ts';
export type { DeletedAcl } from './admin/acl-admin.ts';
export { Admin } from './admin/admin.ts';
export type { AdminOptions } from './admin/admin-options.ts';
export type { CallOptions } from './admin/call-options.ts';
export type {
  ApiVersionRange,
  ClusterDescription,
  FeaturesDescription,
  FeatureUpdate,
} from './admin/cluster-admin.ts';
export type { ConfigChange, ConfigChanges } from './admin/config-admin.ts';
export type { ConfigEntry } from './admin/config-entry.ts';
export type { ConfigResource } from './admin/config-resource.ts';
export type { GroupFilter, ListedGroup, RemovedMember } from './admin/group-admin.ts';
export type { GroupDescription } from './admin/group-description.ts';
export type { GroupMember as DescribedMember } from './admin/group-member.ts';
export type { CommittedOffset as ListedOffset } from './admin/group-offset-admin.ts';
export type { LogDir, LogDirs } from './admin/log-dir-admin.ts';
export {
  allRequired,
  type Outcome,
  type Outcomes,
  type PartitionOutcome,
  required,
} from './admin/outcome.ts';
export type { PartitionProducer } from './admin/producer-admin.ts';
export type { QuorumDescription } from './admin/quorum-admin.ts';
export type { Quota, QuotaChange, QuotaFilter } from './admin/quota-admin.ts';
export type { FoundOffset as OffsetAtTime, OffsetMark, OffsetQuery } from './admin/record-admin.ts';
export type { OngoingReassignment, Reassignment } from './admin/replica-admin.ts';
export type { ScramChange, ScramCredential } from './admin/scram-admin.ts';
export type { ShareOffset } from './admin/share-offset-admin.ts';
export type { StreamsGroupDescription } from './admin/streams-group.ts';
export type { DelegationToken } from './admin/token-admin.ts';
export type { CreatedTopic, NewPartitions, NewTopic } from './admin/topic-admin.ts';
export type { PartitionDescription, TopicDescription } from './admin/topic-description.ts';
export type {
  FencedProducer,
  ListedTransaction,
  TransactionDescription,
} from './admin/transaction-admin.ts';
export type { ClientOptions } from './config/client-options.ts';
export type { OauthToken, SaslOptions } from './config/sasl-options.ts';
export type {
  AnyAssignor,
  GroupAssignment,
  GroupMember,
  PartitionAssignor,
  PartitionCounts,
} from './consumer/assign/assignor.ts';
export { cooperativeStickyAssignor } from './consumer/assign/cooperative-sticky-assignor.ts';
export { rangeAssignor } from './consumer/assign/range-assignor.ts';
export { roundRobinAssignor } from './consumer/assign/round-robin-assignor.ts';
export { stickyAssignor } from './consumer/assign/sticky-assignor.ts';
export { type Committable, Consumer } from './consumer/consumer.ts';
export type { ConsumerInterceptor } from './consumer/consumer-interceptors.ts';
export type {
  AutoOffsetReset,
  ConsumerOptions,
  RebalanceListener,
  TopicChoice,
} from './consumer/consumer-options.ts';
export type { CommittedOffset, OffsetToCommit } from './consumer/offsets/group-offsets.ts';
export type { FoundOffset } from './consumer/offsets/offset-finder.ts';
export type { AssignedPartition } from './consumer/partition-stream.ts';
export { ConsumerRecord } from './consumer/records/consumer-record.ts';
export { RecordBatch } from './consumer/records/record-batch.ts';
export type { RetryOptions, RunContext, RunOptions } from './consumer/run/run-options.ts';
export type {
  BatchMessage,
  CommitMessage,
  ConnectionMessage,
  FetchMessage,
  PollMessage,
  ProcessMessage,
  RebalanceMessage,
  ReceivedRecord,
  RequestMessage,
  SendMessage,
  SentMessage,
} from './diagnostics/client-channels.ts';
export type { ErrorCategory, KafkaErrorCode } from './errors/error-category.ts';
export { isKafkaError, KafkaError } from './errors/kafka-error.ts';
export type { PartitionImage, TopicImage } from './metadata/topic-image.ts';
export type {
  ClientMetrics,
  MeasuredMetric,
  MetricNames,
  MetricsSnapshot,
} from './metrics/client-metrics.ts';
export type { Metric, MetricScope } from './metrics/metric.ts';
export type {
  AdminMetricNames,
  ConsumerMetricNames,
  ProducerMetricNames,
  ShareConsumerMetricNames,
} from './metrics/names-of-clients.ts';
export type { OpenTransport, Transport, TransportEvents } from './net/transport.ts';
export { webSocketOpener } from './net/websocket-transport.ts';
export type { RecordMetadata } from './producer/batch-outcome.ts';
export {
  type Partitioner,
  type PartitionerView,
  partitionOfKey,
  roundRobin,
} from './producer/partitioner.ts';
export { Producer } from './producer/producer.ts';
export type { InterceptedRecord, ProducerInterceptor } from './producer/producer-interceptors.ts';
export type { ProducerOptions } from './producer/producer-options.ts';
export type { CloseOptions, ProducerRecord, SendOptions } from './producer/producer-record.ts';
export { Receipt } from './producer/receipt.ts';
export type { HeaderValue, RecordHeaders } from './producer/record-headers.ts';
export { type BatchReport, TopicWriter, type WriterOptions } from './producer/topic-writer.ts';
export type { GroupMetadata, TransactionOffset } from './producer/transactions.ts';
export type { Encoded, Serde, SerdeInput, SerdeOutput } from './serde/serde.ts';
export { bytes, custom, type JsonOptions, json, number, text } from './serde/serdes.ts';
export type { SchemaInput, SchemaOutput, StandardSchema } from './serde/standard-schema.ts';
export { type Topic, topic } from './serde/topic.ts';
export type { AcknowledgedPartition } from './share/acknowledged-partition.ts';
export { type PollOptions, ShareConsumer } from './share/share-consumer.ts';
export type { ShareConsumerOptions, SharedTopic } from './share/share-options.ts';
export { ShareRecord } from './share/share-record.ts';
export type { BatchSourceOptions, SourceOptions } from './streams/stream-source.ts';
export { toReadableStream } from './streams/web-readable.ts';
export { toWritableStream } from './streams/web-writable.ts';
export { type TransactionWriter, type TransactOptions, transact } from './transact.ts';
