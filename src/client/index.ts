/** The client: `import { Producer, Consumer, topic, text, json } from 'millrace/client'`. */

export { Admin } from './admin.ts';
export type { ClientOptions } from './config/client-options.ts';
export type { OauthToken, SaslOptions } from './config/sasl-options.ts';
export type {
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
export type { ErrorCategory, KafkaErrorCode } from './errors/error-category.ts';
export { isKafkaError, KafkaError } from './errors/kafka-error.ts';
export type { PartitionImage, TopicImage } from './metadata/topic-image.ts';
export type { OpenTransport, Transport, TransportEvents } from './net/transport.ts';
export { webSocketOpener } from './net/websocket-transport.ts';
export type { RecordMetadata } from './producer/batch-outcome.ts';
export {
  type Partitioner,
  type PartitionerView,
  partitionOfKey,
  roundRobin,
} from './producer/partitioner.ts';
export {
  type CloseOptions,
  Producer,
  type ProducerRecord,
  type SendOptions,
} from './producer/producer.ts';
export type { ProducerOptions } from './producer/producer-options.ts';
export { Receipt } from './producer/receipt.ts';
export type { HeaderValue, RecordHeaders } from './producer/record-headers.ts';
export { type BatchReport, TopicWriter, type WriterOptions } from './producer/topic-writer.ts';
export type { GroupMetadata, TransactionOffset } from './producer/transactions.ts';
export type { Encoded, Serde, SerdeInput, SerdeOutput } from './serde/serde.ts';
export { bytes, custom, type JsonOptions, json, number, text } from './serde/serdes.ts';
export type { SchemaInput, SchemaOutput, StandardSchema } from './serde/standard-schema.ts';
export { type Topic, topic } from './serde/topic.ts';
