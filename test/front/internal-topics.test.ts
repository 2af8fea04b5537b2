import { describe, expect, it } from 'vitest';
import { TRANSACTIONS_TOPIC } from '../../src/front/groups/internal-topics.ts';
import { BrokerConfig } from '../../src/metadata/config/broker-config.ts';
import { brokerSettings } from '../../src/metadata/config/broker-settings.ts';

describe('the topic of transactions', () => {
  it('wants two replicas in sync as Kafka does, and one where it has only one', () => {
    const wantedWith = (replicas: number) =>
      TRANSACTIONS_TOPIC.configs(brokerSettings(BrokerConfig.of()), replicas).find(
        ({ name }) => name === 'min.insync.replicas',
      )?.value;
    expect(wantedWith(3)).toBe('2');
    expect(wantedWith(1)).toBe('1');
  });
});
