/** `millrace/streams`: stream processing on the client, with Kafka Streams' operators and names. */
import { installNativeCrc } from '../client/native-crc.ts';
import { installPacker } from '../client/producer/packer.ts';
import { ThreadPacker } from '../client/thread-packer.ts';

export { BranchedStream, type BranchOptions } from './dsl/branched-stream.ts';
export type { Callback } from './dsl/callbacks.ts';
export {
  CogroupedStream,
  SessionWindowedCogroupedStream,
  TimeWindowedCogroupedStream,
} from './dsl/cogrouped-stream.ts';
export { GlobalTable } from './dsl/global-table.ts';
export type { Optimization, OptimizationChoice } from './dsl/graph/optimization.ts';
export { type Adder, KGroupedStream, type LateOptions } from './dsl/kgrouped-stream.ts';
export { KGroupedTable } from './dsl/kgrouped-table.ts';
export type { Known } from './dsl/known.ts';
export { type Joiner, KStream } from './dsl/kstream.ts';
export { KTable } from './dsl/ktable.ts';
export type {
  AsyncOptions,
  ForeignKeyJoinOptions,
  GroupOptions,
  NameOptions,
  ProcessOptions,
  RepartitionOptions,
  SinkOptions,
  SourceOptions,
  StoreOptions,
  StreamJoinOptions,
  StreamTableJoinOptions,
  TableStoreOptions,
  WindowStoreOptions,
} from './dsl/operator-options.ts';
export type { PrintOptions } from './dsl/print.ts';
export type { EmitStrategy } from './dsl/processors/window-aggregation.ts';
export { type Merger, SessionWindowedStream } from './dsl/session-windowed-stream.ts';
export {
  type NewKeyValueStoreOptions,
  type NewSessionStoreOptions,
  type NewStoreOptions,
  type NewVersionedStoreOptions,
  type NewWindowStoreOptions,
  stores,
} from './dsl/stores.ts';
export {
  type BuilderOptions,
  type BuildOptions,
  type StreamOptions,
  StreamsBuilder,
} from './dsl/streams-builder.ts';
export {
  type Suppressed,
  type SuppressOptions,
  type TimeLimitOptions,
  untilTimeLimit,
  untilWindowCloses,
} from './dsl/suppressed.ts';
export { TimeWindowedStream } from './dsl/time-windowed-stream.ts';
export {
  type HoppingOptions,
  hopping,
  type SessionWindows,
  type SlidingWindows,
  session,
  sliding,
  type TimeWindows,
  tumbling,
  type UnlimitedOptions,
  unlimited,
  type WindowOptions,
} from './dsl/windows.ts';
export {
  type StreamsAbout,
  StreamsMetrics,
  type StreamsMetricsSnapshot,
} from './metrics/streams-metrics.ts';
export type {
  KeyQueryMetadata,
  StreamsMetadata,
} from './queries/application-metadata.ts';
export type {
  AnyStoreAsk,
  KeyValueAsk,
  SessionAsk,
  StoreAskOf,
  VersionedAsk,
  WindowAsk,
} from './queries/ask-store.ts';
export type { AskOptions } from './queries/asker.ts';
export type { HostInfo } from './queries/host-info.ts';
export type { KeyOrder, KeyValueView } from './queries/key-value-view.ts';
export type { AnyStoreView, QueryableTable, StoreViewOf } from './queries/open-view.ts';
export { QueryError, type QueryErrorCode } from './queries/query-error.ts';
export type { AuthorizeRequest, ServerRequest } from './queries/server-access.ts';
export type { SessionView } from './queries/session-view.ts';
export type { Position } from './queries/store-host.ts';
export type { StoreQueryOptions } from './queries/store-query-options.ts';
export type { OrderedTimeRange, TimeRange } from './queries/time-range.ts';
export type { VersionedView, VersionRange } from './queries/versioned-view.ts';
export type { WindowView } from './queries/window-view.ts';
export type { StateListener } from './runtime/application-state.ts';
export type { StoreLag, StoreLags } from './runtime/local-store-lags.ts';
export type { RestoreListener, StandbyListener } from './runtime/restore-listener.ts';
export {
  type RunnableTopology,
  Streams,
  type StreamsCloseOptions,
} from './runtime/streams.ts';
export type { StreamsOptions, StreamsSettings } from './runtime/streams-options.ts';
export type { StreamsState } from './runtime/streams-state.ts';
export type { TaskMetadata, ThreadMetadata } from './runtime/thread-metadata.ts';
export type { StoreAnswer } from './runtime/threads/thread-messages.ts';
export { ThreadedStreams, type ThreadView } from './runtime/threads/threaded-streams.ts';
export { float32, float64, int16, int32, int64 } from './serde/numbers.ts';
export { sessionWindowed, timeWindowed, type WindowedSerde } from './serde/windowed.ts';
export { StateError, type StateErrorCode } from './state/state-error.ts';
export { deadLetterOf, failingHandlers, resumingHandlers } from './tasks/default-handlers.ts';
export type {
  DeadLetter,
  ErrorContext,
  ErrorHandlers,
  ErrorResponse,
} from './tasks/error-handlers.ts';
export { type FailurePlace, StreamsError } from './tasks/streams-error.ts';
export type { AsyncOrder } from './topology/async-operator.ts';
export type { TopologyDifference } from './topology/compare-topologies.ts';
export type { Duration } from './topology/duration.ts';
export {
  type FixedKeyProcessor,
  type FixedKeyProcessorContext,
  type FixedKeyProcessorSource,
  type FixedKeyProcessorSupplier,
  FixedKeyRecord,
} from './topology/fixed-key-processor.ts';
export type {
  KeyValueStore,
  ReadOnlyKeyValueStore,
  StoreEntry,
} from './topology/key-value-store.ts';
export type { Cancellable, PunctuationClock } from './topology/node-context.ts';
export type {
  ForwardedRecord,
  Processor,
  ProcessorContext,
  ProcessorSource,
  ProcessorSupplier,
  TaskView,
} from './topology/processor.ts';
export type { RowChanges, RowCursor, RowFile } from './topology/row-file.ts';
export type { ReadOnlySessionStore, SessionEntry, SessionStore } from './topology/session-store.ts';
export type { StateStore, StoreContext } from './topology/state-store.ts';
export type {
  AnySerde,
  CustomSpec,
  KeyValueSpec,
  SessionSpec,
  StoreSpec,
  VersionedSpec,
  WindowSpec,
} from './topology/store-spec.ts';
export type { StoreType } from './topology/store-type.ts';
export type { StreamRecord } from './topology/stream-record.ts';
export { type TaskId, taskIdText } from './topology/task-id.ts';
export { type MaxAheadOptions, timestamps } from './topology/timestamps.ts';
export type { TopicFunction } from './topology/topic-function.ts';
export {
  type AddGlobalStoreOptions,
  type AddProcessorOptions,
  type AddSinkOptions,
  type AddSourceOptions,
  Topology,
} from './topology/topology.ts';
export type {
  DescribedGlobalStore,
  DescribedNode,
  DescribedStore,
  DescribedSubtopology,
  TopologyDescription,
} from './topology/topology-description.ts';
export { TopologyError } from './topology/topology-error.ts';
export type {
  ExtractableRecord,
  OffsetReset,
  StreamPartitioner,
  TimestampExtractor,
} from './topology/topology-plan.ts';
export type { ValueTransformer, ValueTransformerSupplier } from './topology/value-transformer.ts';
export type { ValueVersion, VersionedKeyValueStore } from './topology/versioned-store.ts';
export type {
  ReadOnlyWindowStore,
  WindowEntry,
  WindowedEntry,
  WindowStore,
} from './topology/window-store.ts';
export { type Window, type WindowedKey, windowedKeyText } from './topology/windowed-key.ts';

installNativeCrc();
installPacker(new ThreadPacker());
