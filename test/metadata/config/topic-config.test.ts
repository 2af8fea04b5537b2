import { describe, expect, it } from 'vitest';
import { BrokerConfig } from '../../../src/metadata/config/broker-config.ts';
import { resolveTopicConfig } from '../../../src/metadata/config/topic-config.ts';
import { errorOfTopicConfig } from '../../../src/metadata/config/validate-topic-config.ts';

type Values = Record<string, string>;
const texts = (values: Values) => new Map(Object.entries(values));
const resolve = (topic: Values, broker: Values = {}, forAll: Values = {}) =>
  resolveTopicConfig(texts(topic), BrokerConfig.of(texts(broker)).withDynamic(texts(forAll)));

describe('resolveTopicConfig', () => {
  it("has Kafka's defaults", () => {
    expect(resolve({})).toMatchObject({
      segmentBytes: 1024 ** 3,
      segmentMs: 168 * 3_600_000,
      retentionMs: 168 * 3_600_000,
      retentionBytes: -1,
      maxMessageBytes: 1_048_588,
      compressionType: 'producer',
      logAppendTime: false,
      timestampAfterMaxMs: 3_600_000,
      delete: true,
      compact: false,
      groupCommit: false,
      minInSyncReplicas: 1,
    });
  });

  it("prefers the topic's value, then dynamic ones, then the file's", () => {
    const broker = { 'log.segment.bytes': '2097152' };
    const forAll = { 'log.segment.bytes': '3145728' };
    expect(resolve({}, broker).segmentBytes).toBe(2_097_152);
    expect(resolve({}, broker, forAll).segmentBytes).toBe(3_145_728);
    expect(resolve({ 'segment.bytes': '4194304' }, broker, forAll).segmentBytes).toBe(4_194_304);
  });

  it('takes retention from the finest unit that is set', () => {
    const hours = { 'log.retention.hours': '2' };
    expect(resolve({}, hours).retentionMs).toBe(7_200_000);
    expect(resolve({}, { ...hours, 'log.retention.minutes': '3' }).retentionMs).toBe(180_000);
    expect(resolve({}, { ...hours, 'log.retention.ms': '5' }).retentionMs).toBe(5);
    expect(resolve({}, { 'log.retention.hours': '-1' }).retentionMs).toBe(-1);
  });

  it('reads cleanup policies', () => {
    expect(resolve({ 'cleanup.policy': 'compact' })).toMatchObject({
      delete: false,
      compact: true,
    });
    expect(resolve({ 'cleanup.policy': 'compact,delete' })).toMatchObject({
      delete: true,
      compact: true,
    });
    expect(resolve({ 'cleanup.policy': '' })).toMatchObject({ delete: false, compact: false });
  });

  it('rolls segments of a compacted topic within max.compaction.lag.ms', () => {
    const lag = { 'max.compaction.lag.ms': '60000' };
    expect(resolve({ ...lag, 'cleanup.policy': 'compact' }).segmentMs).toBe(60_000);
    expect(resolve({ ...lag, 'cleanup.policy': 'compact,delete' }).segmentMs).toBe(60_000);
    expect(resolve(lag).segmentMs).toBe(168 * 3_600_000);
    const soon = { ...lag, 'cleanup.policy': 'compact', 'segment.ms': '1000' };
    expect(resolve(soon).segmentMs).toBe(1000);
  });

  it('means group commit by a flush after every record', () => {
    expect(resolve({ 'flush.messages': '1' }).durability).toBe('group');
    expect(resolve({}, { 'log.flush.interval.messages': '1' }).groupCommit).toBe(true);
    expect(resolve({}, { 'millrace.durability': 'group' }).groupCommit).toBe(true);
    expect(resolve({ 'flush.messages': '2' }).groupCommit).toBe(false);
  });

  it("lets a topic's own durability win over everything", () => {
    const own = { 'millrace.durability': 'os', 'flush.messages': '1' };
    expect(resolve(own, { 'millrace.durability': 'group' }).durability).toBe('os');
  });

  it('allows small segments under the internal name', () => {
    expect(resolve({ 'internal.segment.bytes': '1000' }).segmentBytes).toBe(1000);
  });

  it('resolves one pair of values once', () => {
    const broker = BrokerConfig.of();
    const own = texts({ 'retention.ms': '1' });
    expect(resolveTopicConfig(own, broker)).toBe(resolveTopicConfig(own, broker));
    expect(resolveTopicConfig(own, broker)).not.toBe(resolveTopicConfig(own, BrokerConfig.of()));
  });
});

describe('errorOfTopicConfig', () => {
  const errorOf = (values: Values) => errorOfTopicConfig(texts(values), BrokerConfig.of());

  it("answers in Kafka's words", () => {
    expect(errorOf({ nope: '1' })).toBe('Unknown topic config name: nope');
    expect(errorOf({ 'min.compaction.lag.ms': '10', 'max.compaction.lag.ms': '5' })).toBe(
      'conflict topic config setting min.compaction.lag.ms (10) > max.compaction.lag.ms (5)',
    );
    expect(errorOf({ 'remote.storage.enable': 'true' })).toContain('Tiered Storage functionality');
    expect(errorOf({ 'retention.ms': 'x' })).toContain('Not a number of type LONG');
  });

  it('lets good values pass', () => {
    expect(errorOf({ 'retention.ms': '-1', 'cleanup.policy': 'compact' })).toBeNull();
  });
});
