import type { LogSettings } from '../../base/log-settings.ts';
import type { BrokerConfig, ConfigTexts } from './broker-config.ts';
import { booleanOf, listOf, numberOf } from './config-value.ts';
import { TOPIC_CONFIGS } from './definitions.ts';
import { convertSynonym, synonymsOfTopicConfig } from './synonyms.ts';

export type CompressionType = 'producer' | 'uncompressed' | 'gzip' | 'snappy' | 'lz4' | 'zstd';

/** The configuration of a topic in force: its own values, the broker's, and the defaults. */
export interface TopicConfig extends LogSettings {
  readonly compressionType: CompressionType;
  readonly gzipLevel: number;
  readonly lz4Level: number;
  readonly zstdLevel: number;
  readonly deleteRetentionMs: number;
  readonly minCompactionLagMs: number;
  readonly maxCompactionLagMs: number;
  readonly minCleanableDirtyRatio: number;
  readonly preallocate: boolean;
  readonly uncleanLeaderElection: boolean;
  readonly durability: 'os' | 'group';
}

/**
 * Resolved configurations, by the broker's values and the topic's. Both are immutable objects, so
 * each pair is resolved once. Nearly all topics share one empty map.
 */
const resolved = new WeakMap<BrokerConfig, WeakMap<ConfigTexts, TopicConfig>>();

export function resolveTopicConfig(overrides: ConfigTexts, broker: BrokerConfig): TopicConfig {
  let ofBroker = resolved.get(broker);
  if (ofBroker === undefined) {
    ofBroker = new WeakMap();
    resolved.set(broker, ofBroker);
  }
  let config = ofBroker.get(overrides);
  if (config === undefined) {
    config = resolve(overrides, broker);
    ofBroker.set(overrides, config);
  }
  return config;
}

/** The value in force as text, or null. */
export function topicConfigText(
  name: string,
  overrides: ConfigTexts,
  broker: BrokerConfig,
): string | null {
  const own = overrides.get(name);
  if (own !== undefined) return own;
  const level = broker.levels(synonymsOfTopicConfig(name))[0];
  if (level !== undefined) return convertSynonym(level.value, level.factor);
  return TOPIC_CONFIGS.get(name)?.defaultValue ?? null;
}

function resolve(overrides: ConfigTexts, broker: BrokerConfig): TopicConfig {
  const text = (name: string): string => (topicConfigText(name, overrides, broker) ?? '').trim();
  const number = (name: string): number => numberOf(text(name));
  const policies = listOf(text('cleanup.policy'));
  const durability = durabilityOf(overrides, broker);
  const small = overrides.get('internal.segment.bytes');
  // The active segment is not compacted, so it must be rolled in time.
  const maxCompactionLagMs = number('max.compaction.lag.ms');
  return {
    segmentBytes: small === undefined ? number('segment.bytes') : numberOf(small),
    segmentMs: policies.includes('compact')
      ? Math.min(number('segment.ms'), maxCompactionLagMs)
      : number('segment.ms'),
    segmentJitterMs: number('segment.jitter.ms'),
    segmentIndexBytes: number('segment.index.bytes'),
    indexIntervalBytes: number('index.interval.bytes'),
    retentionMs: number('retention.ms'),
    retentionBytes: number('retention.bytes'),
    fileDeleteDelayMs: number('file.delete.delay.ms'),
    maxMessageBytes: number('max.message.bytes'),
    logAppendTime: text('message.timestamp.type') === 'LogAppendTime',
    timestampBeforeMaxMs: number('message.timestamp.before.max.ms'),
    timestampAfterMaxMs: number('message.timestamp.after.max.ms'),
    delete: policies.includes('delete'),
    compact: policies.includes('compact'),
    groupCommit: durability === 'group',
    durability,
    minInSyncReplicas: number('min.insync.replicas'),
    compressionType: text('compression.type') as CompressionType,
    gzipLevel: number('compression.gzip.level'),
    lz4Level: number('compression.lz4.level'),
    zstdLevel: number('compression.zstd.level'),
    flushMessages: number('flush.messages'),
    flushMs: number('flush.ms'),
    deleteRetentionMs: number('delete.retention.ms'),
    minCompactionLagMs: number('min.compaction.lag.ms'),
    maxCompactionLagMs,
    minCleanableDirtyRatio: number('min.cleanable.dirty.ratio'),
    preallocate: booleanOf(text('preallocate')),
    uncleanLeaderElection: booleanOf(text('unclean.leader.election.enable')),
  };
}

/** The topic's own value counts first. Flushing after every record means group commit. */
function durabilityOf(overrides: ConfigTexts, broker: BrokerConfig): 'os' | 'group' {
  const own = overrides.get('millrace.durability');
  if (own !== undefined) return own.trim() === 'group' ? 'group' : 'os';
  const flushMessages = topicConfigText('flush.messages', overrides, broker);
  if (flushMessages !== null && numberOf(flushMessages) === 1) return 'group';
  return broker.text('millrace.durability')?.trim() === 'group' ? 'group' : 'os';
}
