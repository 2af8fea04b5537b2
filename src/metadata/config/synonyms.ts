/**
 * The broker configurations that a topic or group gets its value from when it has none of its own.
 * The first one that is set counts. A value in another unit is multiplied.
 */
export interface Synonym {
  readonly name: string;
  readonly factor: number;
}

const MS_PER_MINUTE = 60_000;
const MS_PER_HOUR = 3_600_000;

const one = (name: string): readonly Synonym[] => [{ name, factor: 1 }];
const msOrHours = (ms: string, hours: string): readonly Synonym[] => [
  { name: ms, factor: 1 },
  { name: hours, factor: MS_PER_HOUR },
];

const ROLL = msOrHours('log.roll.ms', 'log.roll.hours');
const ROLL_JITTER = msOrHours('log.roll.jitter.ms', 'log.roll.jitter.hours');
const FLUSH = [
  { name: 'log.flush.interval.ms', factor: 1 },
  { name: 'log.flush.scheduler.interval.ms', factor: 1 },
];
const RETENTION = [
  { name: 'log.retention.ms', factor: 1 },
  { name: 'log.retention.minutes', factor: MS_PER_MINUTE },
  { name: 'log.retention.hours', factor: MS_PER_HOUR },
];

const TOPIC_SYNONYMS: ReadonlyMap<string, readonly Synonym[]> = new Map([
  ['cleanup.policy', one('log.cleanup.policy')],
  ['compression.gzip.level', one('compression.gzip.level')],
  ['compression.lz4.level', one('compression.lz4.level')],
  ['compression.type', one('compression.type')],
  ['compression.zstd.level', one('compression.zstd.level')],
  ['delete.retention.ms', one('log.cleaner.delete.retention.ms')],
  ['file.delete.delay.ms', one('log.segment.delete.delay.ms')],
  ['flush.messages', one('log.flush.interval.messages')],
  ['flush.ms', FLUSH],
  ['index.interval.bytes', one('log.index.interval.bytes')],
  ['local.retention.bytes', one('log.local.retention.bytes')],
  ['local.retention.ms', one('log.local.retention.ms')],
  ['max.compaction.lag.ms', one('log.cleaner.max.compaction.lag.ms')],
  ['max.message.bytes', one('message.max.bytes')],
  ['message.timestamp.after.max.ms', one('log.message.timestamp.after.max.ms')],
  ['message.timestamp.before.max.ms', one('log.message.timestamp.before.max.ms')],
  ['message.timestamp.type', one('log.message.timestamp.type')],
  ['millrace.durability', one('millrace.durability')],
  ['min.cleanable.dirty.ratio', one('log.cleaner.min.cleanable.ratio')],
  ['min.compaction.lag.ms', one('log.cleaner.min.compaction.lag.ms')],
  ['min.insync.replicas', one('min.insync.replicas')],
  ['preallocate', one('log.preallocate')],
  ['retention.bytes', one('log.retention.bytes')],
  ['retention.ms', RETENTION],
  ['segment.bytes', one('log.segment.bytes')],
  ['segment.index.bytes', one('log.index.size.max.bytes')],
  ['segment.jitter.ms', ROLL_JITTER],
  ['segment.ms', ROLL],
  ['unclean.leader.election.enable', one('unclean.leader.election.enable')],
]);

const GROUP_SYNONYMS: ReadonlySet<string> = new Set([
  'consumer.assignment.interval.ms',
  'consumer.heartbeat.interval.ms',
  'consumer.session.timeout.ms',
  'share.assignment.interval.ms',
  'share.delivery.count.limit',
  'share.heartbeat.interval.ms',
  'share.partition.max.record.locks',
  'share.record.lock.duration.ms',
  'share.session.timeout.ms',
  'streams.assignment.interval.ms',
  'streams.heartbeat.interval.ms',
  'streams.initial.rebalance.delay.ms',
  'streams.num.standby.replicas',
  'streams.session.timeout.ms',
]);

const BROKER_SYNONYMS: ReadonlyMap<string, readonly Synonym[]> = new Map(
  [ROLL, ROLL_JITTER, RETENTION].flatMap((all) => all.map(({ name }) => [name, all] as const)),
);

export function synonymsOfTopicConfig(name: string): readonly Synonym[] {
  return TOPIC_SYNONYMS.get(name) ?? [];
}

export function synonymsOfGroupConfig(name: string): readonly Synonym[] {
  return GROUP_SYNONYMS.has(name) ? one(`group.${name}`) : [];
}

export function synonymsOfBrokerConfig(name: string): readonly Synonym[] {
  if (name === 'log.flush.interval.ms') return FLUSH;
  return BROKER_SYNONYMS.get(name) ?? one(name);
}

/** The value of a synonym in the other unit. Every negative value means no limit. */
export function convertSynonym(text: string, factor: number): string {
  if (factor === 1) return text;
  const value = Number(text);
  return value < 0 ? '-1' : String(value * factor);
}
