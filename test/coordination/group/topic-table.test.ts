import { describe, expect, it } from 'vitest';
import { liveGroupSettings } from '../../../src/coordination/group/group-settings.ts';
import { TopicTable } from '../../../src/coordination/group/topic-table.ts';
import { BrokerConfig } from '../../../src/metadata/config/broker-config.ts';
import { brokerSettings } from '../../../src/metadata/config/broker-settings.ts';
import { resolveGroupConfig } from '../../../src/metadata/config/group-config.ts';

describe('the table of topics', () => {
  it('knows topics by name and by id, and moves on with every change', () => {
    const table = new TopicTable();
    table.put('a', 'id-a', 3);
    const version = table.version();
    table.put('a', 'id-a', 3);
    expect(table.version()).toBe(version);
    table.put('a', 'id-a', 5);
    expect(table.version()).toBeGreaterThan(version);
    expect(table.partitionCount('a')).toBe(5);
    expect(table.topicName('id-a')).toBe('a');
    expect(table.partitionCount('b')).toBe(0);
  });

  it('tells a topic from its namesake of a later make', () => {
    const table = new TopicTable();
    table.put('a', 'old', 3);
    table.put('a', 'new', 1);
    expect(table.topicName('old')).toBeUndefined();
    expect(table.delete('a', 'old')).toBe(false);
    expect(table.topicId('a')).toBe('new');
    expect(table.delete('a', 'new')).toBe(true);
    expect([...table.names()]).toEqual([]);
  });
});

describe('live settings', () => {
  it('follow the configuration of broker and group', () => {
    const configOf = (texts: Record<string, string>) =>
      BrokerConfig.of(new Map(Object.entries(texts)));
    let config = configOf({ 'group.max.size': '7', 'group.consumer.migration.policy': 'UPGRADE' });
    const own = new Map([['consumer.session.timeout.ms', '50000']]);
    const settings = liveGroupSettings(
      () => brokerSettings(config).groups,
      (groupId) => resolveGroupConfig(groupId === 'own' ? own : new Map(), config),
    );
    expect(settings.maxSize).toBe(7);
    expect(settings.consumerMigrationPolicy).toBe('upgrade');
    expect(settings.consumerAssignors).toEqual(['uniform', 'range']);
    expect(settings.consumerSessionTimeoutMs('own')).toBe(50_000);
    expect(settings.consumerSessionTimeoutMs('other')).toBe(45_000);
    expect(settings.offsetsRetentionMs).toBe(7 * 24 * 3_600_000);
    config = configOf({ 'group.max.size': '9', 'offsets.retention.minutes': '1' });
    expect(settings.maxSize).toBe(9);
    expect(settings.offsetsRetentionMs).toBe(60_000);
    expect(settings.minSessionTimeoutMs).toBeLessThan(settings.maxSessionTimeoutMs);
    expect(settings.initialRebalanceDelayMs).toBeGreaterThanOrEqual(0);
    expect(settings.offsetMetadataMaxBytes).toBe(4_096);
    expect(settings.offsetsRetentionCheckIntervalMs).toBe(600_000);
    expect(settings.consumerMaxSize).toBeGreaterThan(0);
    expect(settings.consumerRegexRefreshIntervalMs).toBe(600_000);
    expect(settings.consumerHeartbeatIntervalMs('own')).toBe(5_000);
    expect(settings.consumerAssignmentIntervalMs('own')).toBe(1_000);
  });
});
