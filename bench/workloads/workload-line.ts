/** A workload as a command line of this suite. */
import type { Workload } from './workload-yaml.ts';

/** What OpenMessaging's driver for Kafka asks of a producer, the throughput one of its two. */
const DRIVER = '--acks all --linger 1 --batch-size 1MB';
/** OpenMessaging finds the highest rate by asking for one that nobody reaches. */
const UNREACHED = 10_000_000;

export function lineOfWorkload(workload: Workload): string {
  if (workload.topics !== 1) throw new Error(`${workload.name}: one topic is what can be had`);
  const rate = workload.producerRate >= UNREACHED ? 0 : workload.producerRate;
  const shape = [
    `--partitions ${workload.partitionsPerTopic}`,
    `--record-size ${workload.messageSize}`,
    `--producers ${workload.producersPerTopic}`,
    `--groups ${workload.subscriptionsPerTopic}`,
    `--consumers ${workload.consumerPerSubscription}`,
    ...(workload.useRandomizedPayloads ? ['--values orders'] : []),
    ...(rate > 0 ? [`--rate ${rate}`] : []),
  ];
  return `e2e ${DRIVER} ${shape.join(' ')}`;
}
