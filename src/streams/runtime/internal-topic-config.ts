import type { StoreSpec } from '../topology/store-spec.ts';
import type { StreamsSettings } from './streams-options.ts';

type TopicConfig = Record<string, string>;

const DAY_MS = 86_400_000;
const FOREVER_MS = '9223372036854775807';
const TIMED: TopicConfig = { 'message.timestamp.type': 'CreateTime' };

/** The settings of a repartition topic, as Kafka Streams makes them. */
export function repartitionConfig({ topicConfig }: StreamsSettings): TopicConfig {
  return {
    ...TIMED,
    'cleanup.policy': 'delete',
    'segment.bytes': '52428800',
    'retention.ms': '-1',
    ...topicConfig,
  };
}

/** The settings of the changelog of a store, as Kafka Streams makes them. */
export function changelogConfig(spec: StoreSpec, settings: StreamsSettings): TopicConfig {
  const { topicConfig, windowstoreChangelogAdditionalRetentionMs: additionalMs } = settings;
  const { logConfig } = spec;
  switch (spec.kind) {
    case 'window':
    case 'session': {
      const own = { 'retention.ms': textOf(spec.retentionMs + additionalMs) };
      const policy = { 'cleanup.policy': 'compact,delete' };
      return { ...TIMED, ...policy, ...topicConfig, ...own, ...logConfig };
    }
    case 'versioned': {
      const own = { 'min.compaction.lag.ms': textOf(spec.historyMs + DAY_MS) };
      return { ...TIMED, 'cleanup.policy': 'compact', ...topicConfig, ...own, ...logConfig };
    }
    default:
      return { ...TIMED, 'cleanup.policy': 'compact', ...topicConfig, ...logConfig };
  }
}

/** Windows without an end are kept for as long as there are numbers. */
function textOf(ms: number): string {
  return Number.isSafeInteger(ms) ? String(ms) : FOREVER_MS;
}
