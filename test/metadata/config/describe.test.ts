import { describe, expect, it } from 'vitest';
import { BrokerConfig } from '../../../src/metadata/config/broker-config.ts';
import {
  describeBrokerConfig,
  describeDefaultBrokerConfig,
  describeGroupConfig,
  describeTopicConfig,
} from '../../../src/metadata/config/describe.ts';

const texts = (values: Record<string, string>) => new Map(Object.entries(values));
const NONE = texts({});

describe('describeTopicConfig', () => {
  it('lists all names but internal ones, each with a type and documentation', () => {
    const entries = describeTopicConfig(NONE, BrokerConfig.of(), null);
    expect(entries).toHaveLength(34);
    expect(entries.map(({ name }) => name)).not.toContain('internal.segment.bytes');
    for (const entry of entries) {
      expect(entry).toMatchObject({ source: 5, readOnly: false, isSensitive: false });
      expect(entry.type).toBeGreaterThan(0);
    }
    expect(describeTopicConfig(NONE, BrokerConfig.of(), [])).toHaveLength(34);
  });

  it('shows a default that the broker expresses in another unit', () => {
    const [entry] = describeTopicConfig(NONE, BrokerConfig.of(), ['retention.ms', 'unknown']);
    expect(entry).toMatchObject({
      name: 'retention.ms',
      value: '604800000',
      type: 5,
      source: 5,
      synonyms: [{ name: 'log.retention.hours', value: '168', source: 5 }],
    });
  });

  it('shows all levels, the one in force first', () => {
    const broker = BrokerConfig.of(texts({ 'log.retention.minutes': '5' })).withDynamic(
      texts({ 'log.retention.ms': '20' }),
      texts({ 'log.retention.ms': '10' }),
    );
    const own = texts({ 'retention.ms': '1' });
    const [entry] = describeTopicConfig(own, broker, ['retention.ms']);
    expect(entry).toMatchObject({ value: '1', source: 1 });
    expect(entry!.synonyms).toEqual([
      { name: 'retention.ms', value: '1', source: 1 },
      { name: 'log.retention.ms', value: '10', source: 2 },
      { name: 'log.retention.ms', value: '20', source: 3 },
      { name: 'log.retention.minutes', value: '5', source: 4 },
      { name: 'log.retention.hours', value: '168', source: 5 },
    ]);
    expect(describeTopicConfig(NONE, broker, ['retention.ms'])[0]).toMatchObject({
      value: '10',
      source: 2,
    });
  });
});

describe('describeBrokerConfig', () => {
  it('tells the file from the default and what can be changed from what cannot', () => {
    const broker = BrokerConfig.of(texts({ 'num.partitions': '3' }));
    const [partitions] = describeBrokerConfig(broker, ['num.partitions']);
    expect(partitions).toMatchObject({ value: '3', source: 4, readOnly: true, type: 3 });
    expect(partitions!.synonyms).toEqual([
      { name: 'num.partitions', value: '3', source: 4 },
      { name: 'num.partitions', value: '1', source: 5 },
    ]);
    const [threads] = describeBrokerConfig(broker, ['log.cleaner.threads']);
    expect(threads).toMatchObject({ value: '1', source: 5, readOnly: false });
  });

  it('never shows a password', () => {
    const broker = BrokerConfig.of(texts({ 'ssl.key.password': 'hunter2' }));
    const [entry] = describeBrokerConfig(broker, ['ssl.key.password']);
    expect(entry).toMatchObject({ value: null, isSensitive: true, source: 4 });
    expect(JSON.stringify(describeBrokerConfig(broker, null))).not.toContain('hunter2');
  });

  it('shows settings of one listener without a password in them', () => {
    const name = 'listener.name.x.ssl.key.password';
    const broker = BrokerConfig.of(texts({ [name]: 'hunter2' }));
    const [entry] = describeBrokerConfig(broker, [name]);
    expect(entry).toMatchObject({ name, value: null, isSensitive: true });
  });
});

describe('describeDefaultBrokerConfig', () => {
  it('shows no password', () => {
    const [entry] = describeDefaultBrokerConfig(texts({ 'ssl.key.password': 'hunter2' }), null);
    expect(entry).toMatchObject({ value: null, isSensitive: true });
    expect(JSON.stringify(entry)).not.toContain('hunter2');
  });

  it('lists what is set for all brokers and nothing else', () => {
    const entries = describeDefaultBrokerConfig(texts({ 'log.cleaner.threads': '2' }), null);
    expect(entries).toHaveLength(1);
    expect(entries[0]).toMatchObject({ name: 'log.cleaner.threads', value: '2', source: 3 });
  });
});

describe('describeGroupConfig', () => {
  it("lists the group's values over the broker's", () => {
    const broker = BrokerConfig.of(texts({ 'group.consumer.session.timeout.ms': '50000' }));
    const own = texts({ 'consumer.heartbeat.interval.ms': '6000' });
    const entries = new Map(
      describeGroupConfig(own, broker, null).map((entry) => [entry.name, entry]),
    );
    expect(entries.size).toBe(17);
    expect(entries.get('consumer.heartbeat.interval.ms')).toMatchObject({
      value: '6000',
      source: 8,
    });
    expect(entries.get('consumer.session.timeout.ms')).toMatchObject({ value: '50000', source: 4 });
    expect(entries.get('share.auto.offset.reset')).toMatchObject({ value: 'latest', source: 5 });
  });
});
