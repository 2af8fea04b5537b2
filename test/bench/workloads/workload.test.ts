import { describe, expect, it } from 'vitest';
import { lineOfWorkload } from '../../../bench/workloads/workload-line.ts';
import { readWorkload } from '../../../bench/workloads/workload-yaml.ts';
import { WORKLOADS } from '../../../bench/workloads/workloads.ts';

const TEXT = `# Somebody's licence
---
name: "two: of them"   # with a colon

topics: 1
partitionsPerTopic: 16
messageSize: 1024
payloadFile: 'payload/payload-1Kb.data'
useRandomizedPayloads: true
subscriptionsPerTopic: 2
consumerPerSubscription: 4
producersPerTopic: 3
producerRate: 50000
testDurationMinutes: 15
`;

describe('the workloads of OpenMessaging', () => {
  it('are read from its YAML', () => {
    const workload = readWorkload(TEXT);
    expect(workload).toMatchObject({ name: 'two: of them', partitionsPerTopic: 16 });
    expect(lineOfWorkload(workload)).toBe(
      'e2e --acks all --linger 1 --batch-size 1MB --partitions 16 --record-size 1024 ' +
        '--producers 3 --groups 2 --consumers 4 --values orders --rate 50000',
    );
  });

  it('go flat out where they ask for a rate that nobody reaches', () => {
    const workload = readWorkload(TEXT.replace('50000', '10000000'));
    expect(lineOfWorkload(workload)).not.toContain('--rate');
  });

  it('say which line is no setting, and which setting is no number', () => {
    expect(() => readWorkload(`${TEXT}  - nested`)).toThrow('line 15 is not "name: value"');
    expect(() => readWorkload(TEXT.replace('16', 'many'))).toThrow('partitionsPerTopic');
  });

  it('are there by their names', () => {
    expect(WORKLOADS.map(({ name }) => name)).toContain('max-rate-1-topic-1-partition-1p-1c-1kb');
  });
});
