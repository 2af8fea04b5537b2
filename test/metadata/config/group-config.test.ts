import { describe, expect, it } from 'vitest';
import { BrokerConfig } from '../../../src/metadata/config/broker-config.ts';
import {
  errorOfGroupConfig,
  resolveGroupConfig,
} from '../../../src/metadata/config/group-config.ts';

const texts = (values: Record<string, string>) => new Map(Object.entries(values));
const errorOf = (values: Record<string, string>) =>
  errorOfGroupConfig(texts(values), BrokerConfig.of());

describe('errorOfGroupConfig', () => {
  it("keeps a group within the broker's bounds", () => {
    expect(errorOf({ 'consumer.session.timeout.ms': '1000' })).toBe(
      'consumer.session.timeout.ms must be greater than or equal to ' +
        'group.consumer.min.session.timeout.ms',
    );
    expect(errorOf({ 'consumer.heartbeat.interval.ms': '99999' })).toBe(
      'consumer.heartbeat.interval.ms must be less than or equal to ' +
        'group.consumer.max.heartbeat.interval.ms',
    );
    expect(errorOf({ 'streams.num.standby.replicas': '9' })).toContain(
      'group.streams.max.standby.replicas',
    );
    expect(errorOf({ 'consumer.session.timeout.ms': '50000' })).toBeNull();
    expect(errorOf({ 'share.isolation.level': 'read_committed' })).toBeNull();
    expect(errorOf({ 'streams.session.timeout.ms': '1000' })).toContain(
      'must be greater than or equal to group.streams.min.session.timeout.ms',
    );
    expect(errorOf({ 'streams.initial.rebalance.delay.ms': '0' })).toBeNull();
  });

  it('wants a session that is longer than a heartbeat', () => {
    const broker = BrokerConfig.of(
      texts({
        'group.streams.max.heartbeat.interval.ms': '50000',
        'group.consumer.max.heartbeat.interval.ms': '50000',
      }),
    );
    for (const kind of ['consumer', 'streams']) {
      const own = texts({ [`${kind}.heartbeat.interval.ms`]: '45000' });
      expect(errorOfGroupConfig(own, broker)).toBe(
        `${kind}.session.timeout.ms must be greater than ${kind}.heartbeat.interval.ms`,
      );
    }
  });

  it('refuses names and values that cannot be', () => {
    expect(errorOf({ nope: '1' })).toBe('Unknown group config name: nope');
    expect(errorOf({ 'consumer.session.timeout.ms': 'x' })).toContain('Not a number');
  });
});

describe('resolveGroupConfig', () => {
  it("takes the group's value within the bounds of now", () => {
    const broker = BrokerConfig.of(
      texts({
        'group.consumer.max.session.timeout.ms': '46000',
        'group.streams.max.standby.replicas': '1',
      }),
    );
    const own = texts({
      'consumer.session.timeout.ms': '50000',
      'streams.num.standby.replicas': '2',
      'streams.initial.rebalance.delay.ms': '7',
    });
    expect(resolveGroupConfig(own, broker)).toEqual({
      sessionTimeoutMs: 46_000,
      heartbeatIntervalMs: 5000,
      assignmentIntervalMs: 1000,
      streams: {
        sessionTimeoutMs: 45_000,
        heartbeatIntervalMs: 5000,
        assignmentIntervalMs: 1000,
        initialRebalanceDelayMs: 7,
        standbyReplicas: 1,
      },
    });
  });
});
