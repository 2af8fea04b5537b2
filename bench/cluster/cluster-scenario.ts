/** The one row of the cluster suite: its load, and what is wanted of millrace. */
import type { RowScenario } from '../scenario.ts';

export const PARTITIONS = 6;
export const REPLICAS = 3;
export const RECORD_BYTES = 1000;
export const BATCH_BYTES = 16_384;

export const CLUSTER_SCENARIO: RowScenario = {
  name: 'cluster-produce',
  title: '3 brokers, RF 3, acks=all, min.insync.replicas 2, 6 partitions, 16 KB of 1,000 bytes',
  targets: [
    { figure: 'messagesPerSecond', atLeast: 2.5, of: 'rival' },
    { figure: 'brokerCpuUsBatch', atMost: 0.33, of: 'rival' },
    { figure: 'brokersAnonMib', atMost: 0.33, of: 'rival' },
    { figure: 'brokersAnonMib', atMost: 300, of: 'fixed' },
  ],
};
