import type { MigrationPolicy } from '../../base/group-limits.ts';
import { type AuthorizationSettings, authorizationSettings } from './authorization-settings.ts';
import type { BrokerConfig } from './broker-config.ts';
import {
  type BrokerEndpoints,
  brokerEndpoints,
  type HttpEndpoint,
  httpEndpoint,
} from './broker-endpoints.ts';
import { type ClusterSettings, clusterSettings } from './cluster-settings.ts';
import { bad, parseIpLimits } from './listeners.ts';
import { type SaslListenerSettings, saslSettings } from './sasl-settings.ts';
import { type TlsListenerSettings, tlsSettings } from './tls-settings.ts';

/** The configuration as the rooms use it, in their types and units. */
export interface BrokerSettings extends BrokerEndpoints {
  readonly nodeId: number;
  /** Null for a node that decides alone. */
  readonly cluster: ClusterSettings | null;
  /** The listeners whose clients authenticate by SASL, by name. */
  readonly sasl: ReadonlyMap<string, SaslListenerSettings>;
  /** Of the listeners with TLS, by their names. */
  readonly tls: ReadonlyMap<string, TlsListenerSettings>;
  readonly rack: string | null;
  /** Null when there is no HTTP listener. */
  readonly http: HttpEndpoint | null;
  readonly logDirs: readonly string[];
  readonly logDirMinFreeBytes: number;
  /** 0 when the front's thread owns the partitions. */
  readonly workerThreads: number;
  readonly limits: ConnectionSettings;
  readonly webSocket: WebSocketSettings;
  readonly topics: TopicSettings;
  readonly logs: LogTaskSettings;
  readonly cleaner: CleanerSettings;
  readonly groups: GroupSettings;
  readonly transactions: TransactionSettings;
  /** Null where every client may do everything. */
  readonly authorization: AuthorizationSettings | null;
  readonly quotas: QuotaSettings;
  readonly tokens: TokenSettings;
  /** `log`, `none` or a path. */
  readonly auditFile: string;
  /** Listeners may let everybody in. */
  readonly isInsecure: boolean;
  readonly snapshotBytes: number;
}

export interface TokenSettings {
  /** What the secrets of delegation tokens are made with; null where there are none. */
  readonly secretKey: string | null;
  readonly expiryCheckMs: number;
}

/** How the use of quotas is measured: samples and their length, for rates and for mutations. */
export interface QuotaSettings {
  readonly samples: number;
  readonly sampleMs: number;
  readonly mutationSamples: number;
  readonly mutationSampleMs: number;
}

export interface ConnectionSettings {
  readonly queuedBytesMax: number;
  /** The largest size that a batch may have after decompression. */
  readonly openedBytesMax: number;
  readonly frameBytesMax: number;
  readonly backlog: number;
  readonly connectionsMax: number;
  readonly connectionsPerIpMax: number;
  readonly connectionsPerIpOverrides: ReadonlyMap<string, number>;
  readonly connectionsPerSecondMax: number;
  readonly idleMs: number;
  readonly firstByteTimeoutMs: number;
  readonly slowFrameTimeoutMs: number;
  readonly authenticationTimeoutMs: number;
  readonly inFlightMax: number;
  readonly unreadBytesMax: number;
  readonly unreadTimeoutMs: number;
  readonly fetchSessionsMax: number;
  readonly fetchBytesMax: number;
  readonly describePartitionsMax: number;
}

export interface WebSocketSettings {
  readonly socketsMax: number;
  readonly subscriptionsMax: number;
  readonly frameBytesMax: number;
  readonly bufferedBytesMax: number;
  readonly messagesPerSecondMax: number;
  readonly allowedOrigins: readonly string[];
  readonly pingIntervalMs: number;
}

export interface TopicSettings {
  readonly autoCreate: boolean;
  readonly producerIdsPerPartitionMax: number;
  readonly producerIdExpirationMs: number;
  readonly producerIdExpirationCheckMs: number;
}

export interface LogTaskSettings {
  readonly initialDelayMs: number;
  readonly retentionCheckMs: number;
  readonly recoveryCheckpointMs: number;
  readonly startOffsetCheckpointMs: number;
  readonly flushCheckMs: number;
}

export interface CleanerSettings {
  readonly enabled: boolean;
  readonly threads: number;
  readonly bytesPerSecondMax: number;
  readonly dedupeBufferBytes: number;
  readonly ioBufferBytes: number;
  readonly loadFactor: number;
  readonly backoffMs: number;
}

export interface GroupSettings {
  /** classic, and consumer and streams if they are served. */
  readonly protocols: readonly string[];
  readonly sessionTimeoutMinMs: number;
  readonly sessionTimeoutMaxMs: number;
  readonly initialRebalanceDelayMs: number;
  readonly membersMax: number;
  readonly groupsPerPartitionMax: number;
  readonly consumerMembersMax: number;
  readonly streamsMembersMax: number;
  readonly consumerAssignors: readonly string[];
  readonly consumerMigration: MigrationPolicy;
  readonly consumerRegexRefreshMs: number;
  readonly offsetMetadataBytesMax: number;
  readonly offsetsPartitions: number;
  readonly offsetsReplicas: number;
  readonly offsetsSegmentBytes: number;
  readonly offsetsRetentionMs: number;
  readonly offsetsRetentionCheckMs: number;
  readonly offsetsCommitTimeoutMs: number;
}

export interface TransactionSettings {
  readonly statePartitions: number;
  readonly stateReplicas: number;
  readonly stateSegmentBytes: number;
  readonly stateMinInSync: number;
  readonly maxTimeoutMs: number;
  readonly idExpirationMs: number;
  readonly idsPerPartitionMax: number;
  readonly abortIntervalMs: number;
  readonly expiryIntervalMs: number;
  readonly hasTwoPhaseCommit: boolean;
  /** Clients that add partitions by themselves have them verified with each first write. */
  readonly verifiesPartitions: boolean;
  readonly addRetryMs: number;
  readonly addRetryMaxMs: number;
}

const MS_PER_SECOND = 1000;
const MS_PER_MINUTE = 60_000;

/** Throws MILLRACE_BAD_CONFIG when values contradict each other. */
export function brokerSettings(config: BrokerConfig): BrokerSettings {
  const endpoints = brokerEndpoints(config);
  const http = httpEndpoint(config);
  return {
    ...endpoints,
    sasl: saslSettings(config, endpoints.listeners, http?.isGuarded === true),
    tls: tlsSettings(config, endpoints.listeners, http?.isSecure === true),
    nodeId: nodeIdOf(config),
    cluster: clusterSettings(config),
    rack: config.text('broker.rack'),
    http,
    logDirs: logDirsOf(config),
    logDirMinFreeBytes: config.number('log.dir.min.free.bytes'),
    workerThreads: config.number('num.io.threads'),
    limits: connectionSettings(config),
    webSocket: webSocketSettings(config),
    topics: topicSettings(config),
    logs: logTaskSettings(config),
    cleaner: cleanerSettings(config),
    groups: groupSettings(config),
    transactions: transactionSettings(config),
    authorization: authorizationSettings(config),
    quotas: quotaSettings(config),
    auditFile: config.text('millrace.audit.log') ?? 'none',
    isInsecure: config.boolean('millrace.insecure'),
    tokens: {
      secretKey: config.text('delegation.token.secret.key'),
      expiryCheckMs: config.number('delegation.token.expiry.check.interval.ms'),
    },
    snapshotBytes: config.number('metadata.log.max.record.bytes.between.snapshots'),
  };
}

function quotaSettings(config: BrokerConfig): QuotaSettings {
  return {
    samples: config.number('quota.window.num'),
    sampleMs: config.number('quota.window.size.seconds') * MS_PER_SECOND,
    mutationSamples: config.number('controller.quota.window.num'),
    mutationSampleMs: config.number('controller.quota.window.size.seconds') * MS_PER_SECOND,
  };
}

function nodeIdOf(config: BrokerConfig): number {
  const brokerId = config.number('broker.id');
  if (config.isSet('node.id') || brokerId < 0) {
    const nodeId = config.number('node.id');
    if (config.isSet('node.id') && brokerId >= 0 && brokerId !== nodeId) {
      throw bad(`node.id is ${nodeId} but broker.id is ${brokerId}: they must be equal`);
    }
    return nodeId;
  }
  return brokerId;
}

function logDirsOf(config: BrokerConfig): string[] {
  const dirs = config.list(config.isSet('log.dirs') ? 'log.dirs' : 'log.dir');
  if (dirs.length === 0) throw bad('log.dirs names no directory');
  if (new Set(dirs).size !== dirs.length) throw bad('log.dirs names a directory twice');
  return dirs;
}

function connectionSettings(config: BrokerConfig): ConnectionSettings {
  const queuedBytes = config.number('queued.max.request.bytes');
  const overrides = 'max.connections.per.ip.overrides';
  const idleMs = config.number('connections.max.idle.ms');
  return {
    // -1 means no limit in Kafka.
    queuedBytesMax: queuedBytes > 0 ? queuedBytes : Number.MAX_SAFE_INTEGER,
    frameBytesMax: config.number('socket.request.max.bytes'),
    backlog: config.number('socket.listen.backlog.size'),
    connectionsMax: config.number('max.connections'),
    connectionsPerIpMax: config.number('max.connections.per.ip'),
    connectionsPerIpOverrides: parseIpLimits(overrides, config.text(overrides) ?? ''),
    connectionsPerSecondMax: config.number('max.connection.creation.rate'),
    idleMs: idleMs >= 0 ? idleMs : Number.MAX_SAFE_INTEGER,
    firstByteTimeoutMs: config.number('millrace.connection.first.byte.timeout.ms'),
    slowFrameTimeoutMs: config.number('millrace.connection.slow.frame.timeout.ms'),
    authenticationTimeoutMs: config.number('millrace.connection.authentication.timeout.ms'),
    inFlightMax: config.number('millrace.connection.max.in.flight'),
    unreadBytesMax: config.number('millrace.connection.max.unread.bytes'),
    unreadTimeoutMs: config.number('millrace.connection.unread.timeout.ms'),
    fetchSessionsMax: config.number('max.incremental.fetch.session.cache.slots'),
    openedBytesMax: config.number('millrace.max.decompressed.batch.bytes'),
    fetchBytesMax: config.number('fetch.max.bytes'),
    describePartitionsMax: config.number('max.request.partition.size.limit'),
  };
}

function webSocketSettings(config: BrokerConfig): WebSocketSettings {
  return {
    socketsMax: config.number('millrace.websocket.max.sockets'),
    subscriptionsMax: config.number('millrace.websocket.max.subscriptions'),
    frameBytesMax: config.number('millrace.websocket.max.frame.bytes'),
    bufferedBytesMax: config.number('millrace.websocket.max.buffered.bytes'),
    messagesPerSecondMax: config.number('millrace.websocket.max.messages.per.second'),
    allowedOrigins: config.list('millrace.websocket.allowed.origins'),
    pingIntervalMs: config.number('millrace.websocket.ping.interval.ms'),
  };
}

function topicSettings(config: BrokerConfig): TopicSettings {
  return {
    autoCreate: config.boolean('auto.create.topics.enable'),
    producerIdsPerPartitionMax: config.number('millrace.max.producer.ids.per.partition'),
    producerIdExpirationMs: config.number('producer.id.expiration.ms'),
    producerIdExpirationCheckMs: config.number('producer.id.expiration.check.interval.ms'),
  };
}

function logTaskSettings(config: BrokerConfig): LogTaskSettings {
  return {
    initialDelayMs: config.number('log.initial.task.delay.ms'),
    retentionCheckMs: config.number('log.retention.check.interval.ms'),
    recoveryCheckpointMs: config.number('log.flush.offset.checkpoint.interval.ms'),
    startOffsetCheckpointMs: config.number('log.flush.start.offset.checkpoint.interval.ms'),
    flushCheckMs: config.number('log.flush.scheduler.interval.ms'),
  };
}

function cleanerSettings(config: BrokerConfig): CleanerSettings {
  return {
    enabled: config.boolean('log.cleaner.enable'),
    threads: config.number('log.cleaner.threads'),
    bytesPerSecondMax: config.number('log.cleaner.io.max.bytes.per.second'),
    dedupeBufferBytes: config.number('log.cleaner.dedupe.buffer.size'),
    ioBufferBytes: config.number('log.cleaner.io.buffer.size'),
    loadFactor: config.number('log.cleaner.io.buffer.load.factor'),
    backoffMs: config.number('log.cleaner.backoff.ms'),
  };
}

export function groupSettings(config: BrokerConfig): GroupSettings {
  const migration = config.text('group.consumer.migration.policy') ?? 'bidirectional';
  return {
    protocols: groupProtocolsOf(config),
    sessionTimeoutMinMs: config.number('group.min.session.timeout.ms'),
    sessionTimeoutMaxMs: config.number('group.max.session.timeout.ms'),
    initialRebalanceDelayMs: config.number('group.initial.rebalance.delay.ms'),
    membersMax: config.number('group.max.size'),
    groupsPerPartitionMax: config.number('millrace.max.groups.per.partition'),
    consumerMembersMax: config.number('group.consumer.max.size'),
    streamsMembersMax: config.number('group.streams.max.size'),
    consumerAssignors: config.list('group.consumer.assignors'),
    consumerMigration: migration.trim().toLowerCase() as MigrationPolicy,
    consumerRegexRefreshMs: config.number('group.consumer.regex.refresh.interval.ms'),
    offsetMetadataBytesMax: config.number('offset.metadata.max.bytes'),
    offsetsPartitions: config.number('offsets.topic.num.partitions'),
    offsetsReplicas: config.number('offsets.topic.replication.factor'),
    offsetsSegmentBytes: config.number('offsets.topic.segment.bytes'),
    offsetsRetentionMs: config.number('offsets.retention.minutes') * MS_PER_MINUTE,
    offsetsRetentionCheckMs: config.number('offsets.retention.check.interval.ms'),
    offsetsCommitTimeoutMs: config.number('offsets.commit.timeout.ms'),
  };
}

export function transactionSettings(config: BrokerConfig): TransactionSettings {
  return {
    stateReplicas: config.number('transaction.state.log.replication.factor'),
    statePartitions: config.number('transaction.state.log.num.partitions'),
    stateSegmentBytes: config.number('transaction.state.log.segment.bytes'),
    stateMinInSync: config.number('transaction.state.log.min.isr'),
    maxTimeoutMs: config.number('transaction.max.timeout.ms'),
    idExpirationMs: config.number('transactional.id.expiration.ms'),
    idsPerPartitionMax: config.number('millrace.max.transactional.ids.per.partition'),
    abortIntervalMs: config.number('transaction.abort.timed.out.transaction.cleanup.interval.ms'),
    expiryIntervalMs: config.number('transaction.remove.expired.transaction.cleanup.interval.ms'),
    hasTwoPhaseCommit: config.boolean('transaction.two.phase.commit.enable'),
    verifiesPartitions: config.boolean('transaction.partition.verification.enable'),
    addRetryMs: config.number('add.partitions.to.txn.retry.backoff.ms'),
    addRetryMaxMs: config.number('add.partitions.to.txn.retry.backoff.max.ms'),
  };
}

/** The classic protocol cannot be switched off, as in Kafka. */
function groupProtocolsOf(config: BrokerConfig): string[] {
  const name = 'group.coordinator.rebalance.protocols';
  const protocols = config.list(name);
  if (!protocols.includes('classic')) throw bad(`${name} must name the classic protocol`);
  return protocols;
}
